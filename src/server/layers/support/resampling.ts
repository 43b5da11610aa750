import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Tensor, TF } from '../kind';

/** `tf.image.ResizeMethod`; Keras 3 takes the first six, Keras 2 all. */
export const RESIZE_METHODS = [
  'nearest',
  'bilinear',
  'bicubic',
  'area',
  'lanczos3',
  'lanczos5',
  'gaussian',
  'mitchellcubic',
] as const;
export type ResizeMethod = (typeof RESIZE_METHODS)[number];

/** `tf.image.resize_bilinear` of TensorFlow 1, without half-pixel centres: the first pixels coincide. */
export type LegacyMethod = 'bilinear from corners';

/** Resizing of one axis: every output value is a weighted sum of input values. */
export interface Resampling {
  readonly from: number;
  readonly to: number;
  /** Adds the weights of output `at` to `row`, which has `from` zeros. */
  readonly weigh: (row: Float32Array, at: number) => void;
  /** Set where TensorFlow interpolates between two inputs, so that the result matches to the last digit. */
  readonly between: Between | null;
}

/** One element per output: the two neighbouring inputs and the distance from the first, 0 to 1. */
export interface Between {
  readonly low: Int32Array;
  /** `null` where every output is one of the inputs. */
  readonly towards: { readonly high: Int32Array; readonly fraction: Float32Array } | null;
}

/** Limit of the weights of one axis, so that a config cannot take minutes. */
export const MAX_WEIGHTS = 2 ** 26;
/** Of these 16 MB are in memory at a time. */
const WEIGHTS_AT_A_TIME = 2 ** 22;

const f = Math.fround;

/**
 * The weights with which `tf.image.resize` of TensorFlow 2 (half-pixel centres) resizes one axis.
 * @param antialias whether downscaling averages over all covered inputs; `nearest` and `area` ignore it.
 * @param argument name of the config argument that sets the new size, for messages.
 * @throws Failure `bad-config` that names the layer when the weights would exceed `MAX_WEIGHTS`.
 */
export function resampling(
  method: ResizeMethod | LegacyMethod,
  antialias: boolean,
  from: number,
  to: number,
  config: LayerConfig,
  argument = 'height',
): Resampling {
  if (from * to > MAX_WEIGHTS)
    return config.bad(argument, l10n.t('at most {0} by the size before', MAX_WEIGHTS), to);
  const weigh = ROWS[method](antialias);
  return {
    from,
    to,
    weigh: (row, at) => weigh(row, at, to),
    between: betweenOf(method, antialias, from, to),
  };
}

/** Row-major [count, from]: the weights of `count` outputs from `start` on. */
export function weightsOf({ from, weigh }: Resampling, start: number, count: number): Float32Array {
  const weights = new Float32Array(count * from);
  for (let i = 0; i < count; i++) weigh(weights.subarray(i * from, (i + 1) * from), start + i);
  return weights;
}

/** Resizes one axis of a float tensor. */
export function resample(tf: TF, x: Tensor, axis: number, by: Resampling): Tensor {
  if (by.between === null) return weighted(tf, x, axis, by);
  const { low, towards } = by.between;
  const start = tf.gather(x, tf.tensor1d(low, 'int32'), axis);
  if (towards === null) return start;
  const ones = new Array<number>(x.rank - axis - 1).fill(1);
  // In steps that free what they need no more: at most three tensors of the result's size.
  const end = tf.gather(x, tf.tensor1d(towards.high, 'int32'), axis);
  const distance = freeing(tf, [end], () => tf.sub(end, start));
  const shift = freeing(tf, [distance], () =>
    tf.mul(distance, tf.tensor(towards.fraction, [by.to, ...ones])),
  );
  return freeing(tf, [start, shift], () => tf.add(start, shift));
}

/** Computes a tensor and frees those that it was made of. */
function freeing(tf: TF, used: Tensor[], compute: () => Tensor): Tensor {
  const result = compute();
  tf.dispose(used);
  return result;
}

function weighted(tf: TF, x: Tensor, axis: number, by: Resampling): Tensor {
  const rows = tf.reshape(x, around(x, axis));
  const parts = blocksOf(by).map(([start, count]) => tf.matMul(matrix(tf, by, start, count), rows));
  return tf.reshape(tf.concat(parts, 1), withSize(x, axis, by.to));
}

/** The gradient of `resample` with respect to its input. */
export function resampleTransposed(tf: TF, gradient: Tensor, axis: number, by: Resampling): Tensor {
  const [outer, size, inner] = around(gradient, axis);
  const rows = tf.reshape(gradient, [outer, size, inner]);
  const sum = blocksOf(by).reduce<Tensor | null>((before, [start, count]) => {
    const block = tf.slice(rows, [0, start, 0], [outer, count, inner]);
    const part = freeing(tf, [block], () => tf.matMul(matrix(tf, by, start, count), block, true));
    return before === null ? part : freeing(tf, [before, part], () => tf.add(before, part));
  }, null);
  return tf.reshape(sum ?? tf.zeros([outer, by.from, inner]), withSize(gradient, axis, by.from));
}

/** [1, count, from] */
const matrix = (tf: TF, by: Resampling, start: number, count: number): Tensor =>
  tf.tensor(weightsOf(by, start, count), [1, count, by.from]);

/** First output and number of outputs, so that their weights are few enough to be in memory. */
function blocksOf({ from, to }: Resampling): (readonly [number, number])[] {
  const most = Math.max(1, Math.floor(WEIGHTS_AT_A_TIME / Math.max(1, from)));
  return Array.from({ length: Math.ceil(to / most) }, (_, i) => [i * most, Math.min(most, to - i * most)]);
}

/** The shape [outer, size of `axis`, inner]: kernels of every backend support rank 3. */
function around(x: Tensor, axis: number): [number, number, number] {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return [product(x.shape.slice(0, axis)), x.shape[axis] ?? 1, product(x.shape.slice(axis + 1))];
}

const withSize = (x: Tensor, axis: number, size: number): number[] =>
  x.shape.map((length, i) => (i === axis ? size : length));

/**
 * Whether the second of two axes is resized first, so that the values in between do not outnumber those before and after:
 * an image of 6 x 1000 becomes one of 1,000,000 x 1. Otherwise the order is TensorFlow's.
 */
export function isSecondFirst(first: AxisSizes, second: AxisSizes): boolean {
  const growth = first.to / first.from;
  return growth > 1 + growth * (second.to / second.from);
}

interface AxisSizes {
  readonly from: number;
  readonly to: number;
}

/** Fills the weights of output `at` of `to`; `row` has one element per input. */
type Row = (row: Float32Array, at: number, to: number) => void;

const add = (row: Float32Array, at: number, weight: number): void => {
  row[at] = (row[at] ?? 0) + weight;
};

const clamp = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);

/** Kernel `ResizeNearestNeighbor`. */
const nearest: Row = (row, at, to) => add(row, nearestTo(at, row.length, to), 1);

const nearestTo = (at: number, from: number, to: number): number =>
  clamp(Math.floor(f(f(at + 0.5) * f(from / to))), from);

/** Kernel `ResizeBilinear`. */
const bilinear =
  (centre: Centre): Row =>
  (row, at, to) => {
    const { low, high, fraction } = position(at, row.length, to, centre);
    add(row, low, 1 - fraction);
    add(row, high, fraction);
  };

/** The position of the centre of output `at` among the inputs. */
type Centre = (at: number, scale: number) => number;
const halfPixel: Centre = (at, scale) => f(f(f(at + 0.5) * scale) - 0.5);
const fromCorner: Centre = (at, scale) => f(at * scale);
const CENTRES: ReadonlyMap<ResizeMethod | LegacyMethod, Centre> = new Map<
  ResizeMethod | LegacyMethod,
  Centre
>([
  ['bilinear', halfPixel],
  ['bilinear from corners', fromCorner],
]);

function position(
  at: number,
  from: number,
  to: number,
  centre: Centre,
): { low: number; high: number; fraction: number } {
  const source = centre(at, f(from / to));
  const low = Math.floor(source);
  return { low: clamp(low, from), high: clamp(Math.ceil(source), from), fraction: f(source - low) };
}

function betweenOf(
  method: ResizeMethod | LegacyMethod,
  antialias: boolean,
  from: number,
  to: number,
): Between | null {
  if (method === 'nearest')
    return { low: new Int32Array(to).map((_, at) => nearestTo(at, from, to)), towards: null };
  const centre = CENTRES.get(method);
  if (!centre || antialias) return null;
  const [low, high, fraction] = [new Int32Array(to), new Int32Array(to), new Float32Array(to)];
  for (let at = 0; at < to; at++) {
    const found = position(at, from, to, centre);
    low[at] = found.low;
    high[at] = found.high;
    fraction[at] = found.fraction;
  }
  return { low, towards: { high, fraction } };
}

/** Resolution of the table in kernel `ResizeBicubic` (`kTableSize`). */
const TABLE_SIZE = 1024;

/** Kernel `ResizeBicubic`: Keys's cubic from a table; inputs outside the image get no weight, the others sum to 1. */
const bicubic: Row = (row, at, to) => {
  const from = f(f(f(at + 0.5) * f(row.length / to)) - 0.5);
  const low = Math.floor(from);
  const step = roundHalfEven(f(from - low) * TABLE_SIZE);
  const entry = (i: number): number => keysCubic(i / TABLE_SIZE);
  const weights = [
    entry(TABLE_SIZE + step),
    entry(step),
    entry(TABLE_SIZE - step),
    entry(2 * TABLE_SIZE - step),
  ];
  const inside = weights.map((weight, i) => (clamp(low - 1 + i, row.length) === low - 1 + i ? weight : 0));
  const sum = inside.reduce((a, b) => a + b, 0);
  for (const [i, weight] of inside.entries()) if (weight !== 0) add(row, low - 1 + i, weight / sum);
};

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/** Kernel `ResizeArea`: the mean of the covered inputs, a partly covered input weighted by its covered part. */
const area: Row = (row, at, to) => {
  const scale = f(row.length / to);
  const start = f(at * scale);
  const end = f(f(at + 1) * scale);
  for (let i = Math.floor(start); i < Math.ceil(end); i++) {
    const covered = Math.min(i + 1, end) - Math.max(i, start);
    add(row, clamp(i, row.length), covered / scale);
  }
};

/** A symmetric curve that is 0 beyond `radius`. */
interface Curve {
  readonly radius: number;
  weight(distance: number): number;
}

/** Kernel `ScaleAndTranslate`: the curve, widened when downscaling with antialiasing; the weights sum to 1. */
const spans =
  ({ radius, weight }: Curve) =>
  (antialias: boolean): Row =>
  (row, at, to) => {
    const inverse = f(1 / f(to / row.length));
    const width = antialias ? Math.max(inverse, 1) : 1;
    const centre = f(f(at + 0.5) * inverse);
    if (centre > row.length) return;
    const first = clamp(Math.ceil(f(centre - radius * width - 0.5)), row.length);
    const last = clamp(Math.floor(f(centre + radius * width - 0.5)), row.length);
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const value = weight(Math.abs(f(i + 0.5 - centre) / width));
      row[i] = value;
      sum += value;
    }
    if (sum === 0) return;
    for (let i = first; i <= last; i++) row[i] = (row[i] ?? 0) / sum;
  };

/** Keys's cubic with a = -0.5. */
function keysCubic(x: number): number {
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}

function mitchellCubic(x: number): number {
  if (x >= 2) return 0;
  return x >= 1 ? (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9 : ((7 / 6) * x - 2) * x * x + 8 / 9;
}

const lanczos = (radius: number): Curve => ({
  radius,
  weight(x) {
    if (x > radius) return 0;
    if (x <= 1e-3) return 1;
    return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2;
  },
});

const TRIANGLE: Curve = { radius: 1, weight: (x) => Math.max(0, 1 - x) };
const KEYS: Curve = { radius: 2, weight: keysCubic };
const MITCHELL: Curve = { radius: 2, weight: mitchellCubic };
/** Radius 1.5; the standard deviation is a third of it. */
const GAUSSIAN: Curve = { radius: 1.5, weight: (x) => (x >= 1.5 ? 0 : Math.exp(-x * x * 2)) };

const ROWS: Readonly<Record<ResizeMethod | LegacyMethod, (antialias: boolean) => Row>> = {
  nearest: () => nearest,
  bilinear: (antialias) => (antialias ? spans(TRIANGLE)(true) : bilinear(halfPixel)),
  'bilinear from corners': () => bilinear(fromCorner),
  bicubic: (antialias) => (antialias ? spans(KEYS)(true) : bicubic),
  area: () => area,
  lanczos3: spans(lanczos(3)),
  lanczos5: spans(lanczos(5)),
  gaussian: spans(GAUSSIAN),
  mitchellcubic: spans(MITCHELL),
};
