import { mulberry32 } from '../../../shared/random';
import { resizeMap } from '../displayMap';
import type { ExplainedMap } from '../explain';
import { type MaskedPlace, masked, maskedPlaces } from '../masking';
import { areaUnder, type Curve, deletionCurve, insertionCurve } from '../measures/deletion';
import type { RawMap } from '../method';
import type { Passes } from '../passes';
import type { Masks } from '../perturbation/masks';
import { layoutAt, placesOf } from '../places';
import { randomMap } from './randomMap';
import { type Figure, figure, missing, type Subject } from './subject';

/** Of the curves: each step inserts or deletes a twentieth of the positions. */
const STEPS = 20;
/** Random maps that the map is compared with: by chance a random one is better than all of them in one case of ten. */
const RANDOM_MAPS = 9;

/** About the smallest difference of a float32 from 1. */
const MIN_PROBABILITY = 1e-7;

/** Passes that the curves take. */
export const CURVE_PASSES = 2 * (STEPS + 1) * (RANDOM_MAPS + 1);

export interface Areas {
  readonly insertion: number;
  readonly deletion: number;
}

/** The areas under the curves of the score, and of its log-odds where it is a probability. */
export interface CurveAreas extends Areas {
  readonly evidence: Areas;
}

export interface CurveFigures {
  readonly baseline: 'zero' | 'blur';
  readonly own: CurveAreas;
  readonly random: readonly CurveAreas[];
  /** The largest score on any curve less the smallest, and the same of the evidence. */
  readonly spread: number;
  readonly evidenceSpread: number;
}

/** A map over the positions of one place on the input. */
interface Part {
  readonly place: MaskedPlace;
  /** As it is drawn, at its own resolution. */
  readonly map: RawMap;
}

/**
 * Insertion and deletion curves of the maps of all inputs together, and of random maps of the same values. Positions that have no map
 * stay as they are. An image or a volume is blurred where it is missing, because black may itself be evidence; everything else is zero there.
 */
export async function curveFigures(
  { trace, found, readArray }: Subject,
  passes: Passes,
  isProbability: boolean,
): Promise<Figure<CurveFigures>> {
  const places = placesOf(trace).filter(({ index }) =>
    found.maps.some(({ header }) => header.inputIndex === index),
  );
  if (places.length === 0)
    return missing('No input can be changed gradually, so nothing can be inserted or deleted.');
  const areImages = places.every(({ ref }) => {
    const { spatial, channel } = layoutAt(trace, ref);
    return channel !== null && spatial.length > 1;
  });
  const baseline = areImages ? 'blur' : 'zero';
  const parts = partsOf(found.maps, await maskedPlaces({ trace, places, options: { baseline }, readArray }));
  if (parts === null)
    return missing(
      'The map does not have the axes of the input, so its positions cannot be inserted or deleted.',
    );

  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const scores = async (masks: Masks): Promise<Float64Array> => {
    const values = await passes.scores({
      at: parts.map(({ place }) => place.place.ref),
      count: masks.count,
      values: (index) => examples(parts, masks.at(index)),
    });
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return values;
  };
  // A probability that is saturated hides how much evidence is left; its log-odds do not.
  const evidenceOf = isProbability ? logOdds : (score: number): number => score;
  const evidence = ({ fractions, scores: found }: Curve): number =>
    areaUnder(fractions, found.map(evidenceOf));
  const areas = async (map: Float32Array): Promise<CurveAreas> => {
    const insertion = await insertionCurve({ map, steps: STEPS, scores });
    const deletion = await deletionCurve({ map, steps: STEPS, scores });
    return {
      insertion: insertion.auc,
      deletion: deletion.auc,
      evidence: { insertion: evidence(insertion), deletion: evidence(deletion) },
    };
  };
  const own = await areas(joined(parts, ({ map }) => map));
  const random: CurveAreas[] = [];
  for (let seed = 1; seed <= RANDOM_MAPS; seed++) {
    const uniform = mulberry32(seed);
    random.push(await areas(joined(parts, ({ map, place }) => randomMap(map, place.isDiscrete, uniform))));
  }
  return figure({
    baseline,
    own,
    random,
    spread: high - low,
    evidenceSpread: evidenceOf(high) - evidenceOf(low),
  });
}

/** Rounded scores of exactly 0 and 1 have none, so they are kept off both ends. */
function logOdds(p: number): number {
  const inside = Math.min(1 - MIN_PROBABILITY, Math.max(MIN_PROBABILITY, p));
  return Math.log(inside / (1 - inside));
}

/** Null where a map has other axes than its input. */
function partsOf(maps: readonly ExplainedMap[], places: readonly MaskedPlace[]): Part[] | null {
  const parts = places.flatMap((place) =>
    maps
      .filter(({ header }) => header.inputIndex === place.place.index)
      .map(({ map }): Part => ({ place, map })),
  );
  return parts.every(({ place, map }) => map.shape.length === place.spatial.length) ? parts : null;
}

/** The maps at the resolution of their inputs, one after the other. */
function joined(parts: readonly Part[], mapOf: (part: Part) => RawMap): Float32Array {
  const resized = parts.map((part) => resizeMap(mapOf(part), part.place.spatial).values);
  const all = new Float32Array(resized.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const values of resized) {
    all.set(values, from);
    from += values.length;
  }
  return all;
}

function examples(parts: readonly Part[], mask: Float32Array): Float32Array[] {
  let from = 0;
  return parts.map(({ place }) => {
    const own = mask.subarray(from, from + place.cells.cells);
    from += place.cells.cells;
    return masked(place, own);
  });
}
