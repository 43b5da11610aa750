/** A weight as [outer, filters, inner]: value `(o * filters + f) * inner + i` belongs to filter `f`. */
export interface FilterLayout {
  readonly outer: number;
  readonly filters: number;
  readonly inner: number;
  /** First and last axis, exclusive, that number the filters. */
  readonly axes: readonly [number, number];
}

/** Weights of several axes that have one number for each unit, such as the biases of attention heads and of GRU gates. */
const WITHOUT_FILTERS = /(bias|beta|gamma|mean|variance|scale|idf|count)[^/]*$/i;
const DEPTHWISE = /depthwise/i;
const TRANSPOSED = /Conv[123]DTranspose$|Conv[23]DBackpropInput/;
const ROWS = /(^|\/)embeddings$/;
/** Projections to several heads, [inputs, heads, units]. */
const HEADS = /(^|\/)(query|key|value)\w*\/kernel$/;

/**
 * Which axes of a weight number its filters, units, channels or embedded words; `null` for a weight without any.
 * Kernels of Keras end in that axis, except those of transposed convolutions ([..., filters, channels]), depthwise kernels
 * ([..., channels, multiplier]: one filter for each pair) and embeddings ([words, units]).
 */
export function filterLayout(weight: {
  readonly className: string | null;
  readonly name: string;
  readonly shape: readonly number[];
}): FilterLayout | null {
  const { shape, name } = weight;
  const className = weight.className ?? '';
  const rank = shape.length;
  if (rank < 2 || WITHOUT_FILTERS.test(name)) return null;
  if (ROWS.test(name) || /^(Embedding|tf\.(GatherV2|Gather))$/.test(className)) return layout(shape, 0, 1);
  if (rank > 2 && TRANSPOSED.test(className)) return layout(shape, rank - 2, rank - 1);
  const isDepthwise = DEPTHWISE.test(name) || DEPTHWISE.test(className);
  if (rank > 2 && (isDepthwise || (rank === 3 && HEADS.test(name)))) return layout(shape, rank - 2, rank);
  return layout(shape, rank - 1, rank);
}

function layout(shape: readonly number[], from: number, to: number): FilterLayout {
  const size = (start: number, end?: number): number => shape.slice(start, end).reduce((a, b) => a * b, 1);
  return { outer: size(0, from), filters: size(from, to), inner: size(to), axes: [from, to] };
}
