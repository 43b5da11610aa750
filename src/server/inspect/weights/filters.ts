import { mulberry32, normal } from '../../../shared/random';
import type { DuplicatePair, FilterFindings } from '../../../shared/results/weights';
import { inBlocks, NO_TICK, partOf, type Tick } from '../ticks';
import type { FilterLayout } from './filterLayout';

/** Listed of each kind; the rest is counted. */
const MAX_LISTED = 1000;
/** Two filters are equal if they differ by less than this part of the larger norm. */
const TOLERANCE = 1e-6;
/** Elements that are compared to find duplicates; reached only by a file that was made to. */
const MAX_COMPARED = 2e9;

/** Euclidean norms of the filters of a weight; NaN for a filter with values that are not finite. */
export function filterNorms(
  values: Float32Array,
  { outer, filters, inner }: FilterLayout,
  tick: Tick = NO_TICK,
): Float64Array {
  const norms = new Float64Array(filters);
  inBlocks(outer, filters * inner, tick, (from, to) => {
    let at = from * filters * inner;
    for (let row = from; row < to; row++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = 0;
        for (const end = at + inner; at < end; at++) {
          const value = values[at] ?? 0;
          sum += value * value;
        }
        norms[filter] = (norms[filter] ?? 0) + sum;
      }
    }
  });
  for (const [filter, sum] of norms.entries())
    norms[filter] = Number.isFinite(sum) ? Math.sqrt(sum) : Number.NaN;
  return norms;
}

/** Dead, non-finite and duplicate filters of a weight. */
export function filterFindings(
  values: Float32Array,
  layout: FilterLayout,
  tick: Tick = NO_TICK,
): FilterFindings {
  const norms = filterNorms(values, layout, partOf(tick, 0, 0.3));
  const dead = listed(norms, (norm) => norm === 0);
  const nonFinite = listed(norms, Number.isNaN);
  const groups = duplicateGroups(values, layout, norms, partOf(tick, 0.3, 1));
  return {
    count: layout.filters,
    ...{ dead: dead.first, deadCount: dead.count },
    ...{ nonFinite: nonFinite.first, nonFiniteCount: nonFinite.count },
    duplicates: pairsOf(groups),
    duplicateCount: groups.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0),
  };
}

function listed(
  norms: Float64Array,
  belongs: (norm: number) => boolean,
): { readonly first: readonly number[]; readonly count: number } {
  const first: number[] = [];
  let count = 0;
  for (const [filter, norm] of norms.entries()) {
    if (!belongs(norm)) continue;
    count++;
    if (first.length < MAX_LISTED) first.push(filter);
  }
  return { first, count };
}

/** A filter and whether it is the negative of the first of its group. */
interface Member {
  readonly filter: number;
  readonly negated: boolean;
}
type Group = Member[];

function pairsOf(groups: readonly Group[]): readonly DuplicatePair[] {
  const pairs: DuplicatePair[] = [];
  for (const group of groups) {
    for (const [i, one] of group.entries()) {
      for (const other of group.slice(i + 1)) {
        if (pairs.length === MAX_LISTED) return pairs;
        pairs.push({ first: one.filter, second: other.filter, negated: one.negated !== other.negated });
      }
    }
  }
  return pairs;
}

/**
 * Groups of filters that are equal or negated. Filters are sorted by the size of their scalar product with one random vector:
 * those that are equal or negated have nearly the same, and few others do, so that only neighbours are compared whole.
 */
function duplicateGroups(
  values: Float32Array,
  layout: FilterLayout,
  norms: Float64Array,
  tick: Tick,
): readonly Group[] {
  const length = layout.outer * layout.inner;
  const { projections, scale } = project(values, layout, partOf(tick, 0, 0.5));
  const order = [...norms.keys()]
    .filter((filter) => (norms[filter] ?? 0) > 0)
    .sort((a, b) => Math.abs(projections[a] ?? 0) - Math.abs(projections[b] ?? 0) || a - b);
  const groups: Group[] = [];
  let compared = 0;
  for (const [place, filter] of order.entries()) {
    tick(0.5 + place / order.length / 2);
    const own = Math.abs(projections[filter] ?? 0);
    const norm = norms[filter] ?? 0;
    let found = false;
    for (let i = groups.length - 1; i >= 0 && !found; i--) {
      const [first] = groups[i] ?? [];
      if (first === undefined) break;
      const largest = Math.max(norm, norms[first.filter] ?? 0);
      if (own - Math.abs(projections[first.filter] ?? 0) > TOLERANCE * scale * largest) break;
      if (Math.abs(norm - (norms[first.filter] ?? 0)) > TOLERANCE * largest) continue;
      compared += length;
      if (compared > MAX_COMPARED) break;
      const negated = (projections[filter] ?? 0) * (projections[first.filter] ?? 0) < 0;
      if (!areEqual(values, layout, [first.filter, filter], negated, TOLERANCE * largest)) continue;
      groups[i]?.push({ filter, negated });
      found = true;
    }
    if (!found) groups.push([{ filter, negated: false }]);
  }
  const several = groups.filter((group) => group.length > 1);
  for (const group of several) group.sort((a, b) => a.filter - b.filter);
  return several.sort(([a], [b]) => (a?.filter ?? 0) - (b?.filter ?? 0));
}

/** The scalar product of every filter with the same random vector, and the norm of that vector. */
function project(
  values: Float32Array,
  { outer, filters, inner }: FilterLayout,
  tick: Tick,
): { readonly projections: Float64Array; readonly scale: number } {
  const draw = normal(mulberry32(1));
  const random = Float64Array.from({ length: outer * inner }, draw);
  const projections = new Float64Array(filters);
  inBlocks(outer, filters * inner, tick, (from, to) => {
    let at = from * filters * inner;
    for (let row = from; row < to; row++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = 0;
        for (let i = 0; i < inner; i++, at++) sum += (values[at] ?? 0) * (random[row * inner + i] ?? 0);
        projections[filter] = (projections[filter] ?? 0) + sum;
      }
    }
  });
  return { projections, scale: Math.sqrt(random.reduce((sum, one) => sum + one * one, 0)) };
}

/** Whether two filters, or one and the negative of the other, differ by at most `limit`. */
function areEqual(
  values: Float32Array,
  { outer, filters, inner }: FilterLayout,
  [first, second]: readonly [number, number],
  negated: boolean,
  limit: number,
): boolean {
  const sign = negated ? -1 : 1;
  let squares = 0;
  for (let row = 0; row < outer; row++) {
    const a = (row * filters + first) * inner;
    const b = (row * filters + second) * inner;
    for (let i = 0; i < inner; i++) {
      const difference = (values[a + i] ?? 0) - sign * (values[b + i] ?? 0);
      squares += difference * difference;
    }
    if (squares > limit * limit) return false;
  }
  return true;
}
