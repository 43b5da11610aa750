import type { MaybeShape } from '../../shared/model';

/** What tells a layer of one model from the others. */
export interface Matchable {
  readonly path: string;
  readonly className: string;
  readonly shapes: readonly MaybeShape[];
  /** Of its weights, in order. */
  readonly weightShapes: readonly (readonly (number | null)[])[];
}

export interface LayerMatch<T> {
  /** `null` for a layer that only B has. */
  readonly a: T | null;
  readonly b: T | null;
  readonly by: 'name' | 'structure' | null;
}

/** Cells of the table that aligns the layers without a name in common; larger ones are aligned by names alone. */
const MAX_CELLS = 4_000_000;

/**
 * Which layers of two models are the same one: by their names, but for names that Keras made up itself (`dense_1`), which count only
 * where all layers of both models have partners by name. The others, between two that have partners, are aligned in the order of the
 * graph by their class, output shapes and the shapes of their weights.
 * @param a in topological order
 * @returns every layer once: those of A in their order, and each that only B has after the one before it in B
 */
export function matchLayers<T extends Matchable>(a: readonly T[], b: readonly T[]): LayerMatch<T>[] {
  const partners = partnersByName(a, b);
  alignRest(a, b, partners);
  return inOrder(a, b, partners);
}

type Partners<T> = Map<T, { readonly b: T; readonly by: 'name' | 'structure' }>;

function partnersByName<T extends Matchable>(a: readonly T[], b: readonly T[]): Partners<T> {
  const ofB = new Map(b.map((layer) => [layer.path, layer]));
  const isComplete = a.length === b.length && a.every(({ path }) => ofB.has(path));
  const partners: Partners<T> = new Map();
  for (const layer of a) {
    const other = ofB.get(layer.path);
    if (other !== undefined && (isComplete || !isMadeUp(layer)))
      partners.set(layer, { b: other, by: 'name' });
  }
  return partners;
}

/** `dense_1` and `dense` of a Dense, `conv2d` of a Conv2D: numbered as the layers were made in one session of Python. */
function isMadeUp({ path, className }: Matchable): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(_\d+)?(@\d+)?$/, '');
  return name === snakeCase(className) || name === className.toLowerCase() || name === 'input';
}

/** As Keras names a layer after its class. */
const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** Aligns runs of layers without partners between the same two anchors, longest common order first. */
function alignRest<T extends Matchable>(a: readonly T[], b: readonly T[], partners: Partners<T>): void {
  const place = new Map(b.map((layer, i) => [layer, i]));
  const taken = new Set([...partners.values()].map((partner) => partner.b));
  let run: T[] = [];
  let from = 0;
  const close = (to: number): void => {
    const free = b.slice(from, to).filter((layer) => !taken.has(layer));
    for (const [one, other] of aligned(run, free)) {
      partners.set(one, { b: other, by: one.path === other.path ? 'name' : 'structure' });
      taken.add(other);
    }
    run = [];
  };
  for (const layer of a) {
    const partner = partners.get(layer);
    if (partner === undefined) {
      run.push(layer);
      continue;
    }
    const at = place.get(partner.b) ?? from;
    // A layer that moved back is no anchor.
    if (at < from) continue;
    close(at);
    from = at + 1;
  }
  close(b.length);
}

/** What is compared of a layer where its name tells nothing. */
interface Signature {
  readonly path: string;
  readonly className: string;
  readonly shapes: string;
  readonly weightShapes: string;
}

const signatureOf = ({ path, className, shapes, weightShapes }: Matchable): Signature => ({
  path,
  className,
  shapes: JSON.stringify(shapes),
  weightShapes: JSON.stringify(weightShapes),
});

/** How alike two layers are; 0 for layers that have neither their class nor their name in common. */
function likeness(a: Signature, b: Signature): number {
  const name = a.path === b.path ? 1 : 0;
  if (a.className !== b.className) return name;
  return 2 + (a.shapes === b.shapes ? 3 : 0) + (a.weightShapes === b.weightShapes ? 3 : 0) + name;
}

/** Pairs in order with the greatest likeness together (Needleman and Wunsch, 1970). */
function aligned<T extends Matchable>(a: readonly T[], b: readonly T[]): [T, T][] {
  if (a.length * b.length > MAX_CELLS) return alignedByPath(a, b);
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const signatures = b.map(signatureOf);
  for (const [i, one] of a.map(signatureOf).entries()) {
    for (const [j, other] of signatures.entries()) {
      const alike = likeness(one, other);
      const both = alike === 0 ? 0 : (best[i * width + j] ?? 0) + alike;
      const skipped = Math.max(best[i * width + j + 1] ?? 0, best[(i + 1) * width + j] ?? 0);
      best[(i + 1) * width + j + 1] = Math.max(both, skipped);
    }
  }
  const pairs: [T, T][] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 && j > 0) {
    const value = best[i * width + j] ?? 0;
    const [one, other] = [a[i - 1], b[j - 1]];
    if (value === best[(i - 1) * width + j]) i -= 1;
    else if (value === best[i * width + j - 1]) j -= 1;
    else {
      if (one !== undefined && other !== undefined) pairs.push([one, other]);
      i -= 1;
      j -= 1;
    }
  }
  return pairs.reverse();
}

function alignedByPath<T extends Matchable>(a: readonly T[], b: readonly T[]): [T, T][] {
  const ofB = new Map(b.map((layer) => [layer.path, layer]));
  return a.flatMap((one): [T, T][] => {
    const other = ofB.get(one.path);
    return other === undefined ? [] : [[one, other]];
  });
}

function inOrder<T>(a: readonly T[], b: readonly T[], partners: Partners<T>): LayerMatch<T>[] {
  const taken = new Set([...partners.values()].map((partner) => partner.b));
  /** Layers that only B has, by the layer before them that both have. */
  const after = new Map<T | null, T[]>();
  let before: T | null = null;
  for (const layer of b) {
    if (taken.has(layer)) before = layer;
    else after.set(before, [...(after.get(before) ?? []), layer]);
  }
  const added = (behind: T | null): LayerMatch<T>[] =>
    (after.get(behind) ?? []).map((layer) => ({ a: null, b: layer, by: null }));
  return [
    ...added(null),
    ...a.flatMap((layer): LayerMatch<T>[] => {
      const partner = partners.get(layer);
      if (partner === undefined) return [{ a: layer, b: null, by: null }];
      return [{ a: layer, b: partner.b, by: partner.by }, ...added(partner.b)];
    }),
  ];
}
