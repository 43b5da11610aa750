import { mapInto } from '../../../shared/mapInto';

const MAX_ITERATIONS = 1000;
const TOLERANCE = 1e-9;
/** Above this the products of all pairs take longer than two products with the values in each iteration. */
const MAX_PAIRED = 256;

/**
 * Each position's coordinate along the direction in which the channels vary most, by power iteration on the centred values. The sign
 * makes the coordinate of largest size positive.
 * Muhammad and Yeasin, "Eigen-CAM", IJCNN 2020; centred as in pytorch-grad-cam.
 * @param values [positions, channels]
 */
export function firstPrincipalComponent(
  values: Float32Array,
  positions: number,
  channels: number,
): Float32Array {
  const x: Rows = { values: centred(values, positions, channels), positions, channels };
  const projected = positions < channels && positions <= MAX_PAIRED ? byPositions(x) : byChannels(x);
  const low = projected.reduce((a, b) => Math.min(a, b), 0);
  const high = projected.reduce((a, b) => Math.max(a, b), 0);
  const sign = -low > high ? -1 : 1;
  return mapInto(new Float32Array(positions), projected, (value) => sign * value);
}

/** Rows of channels, one per position, of which the mean of each channel was subtracted. */
interface Rows {
  readonly values: Float64Array;
  readonly positions: number;
  readonly channels: number;
}

function centred(values: Float32Array, positions: number, channels: number): Float64Array {
  const means = new Float64Array(channels);
  const all = new Float64Array(values);
  for (let p = 0, i = 0; p < positions; p++)
    for (let c = 0; c < channels; c++, i++) means[c] = (means[c] ?? 0) + (all[i] ?? 0) / positions;
  for (let p = 0, i = 0; p < positions; p++)
    for (let c = 0; c < channels; c++, i++) all[i] = (all[i] ?? 0) - (means[c] ?? 0);
  return all;
}

/** The coordinates from the eigenvector v of X^T X: X v. */
function byChannels(x: Rows): Float64Array {
  const { positions, channels } = x;
  const turn =
    channels <= MAX_PAIRED
      ? productWith(pairProducts(transposed(x), channels, positions), channels)
      : (direction: Float64Array) => pull(x, project(x, direction));
  return project(x, strongest(turn, longestRow(x)));
}

/** The coordinates from the eigenvector u of X X^T and its eigenvalue: X v = sqrt(eigenvalue) u. */
function byPositions(x: Rows): Float64Array {
  const { values, positions, channels } = x;
  const turn = productWith(pairProducts(values, positions, channels), positions);
  const vector = strongest(turn, project(x, longestRow(x)));
  const size = Math.sqrt(normOf(turn(vector)));
  return vector.map((value) => size * value);
}

/** The unit eigenvector of the largest eigenvalue. */
function strongest(turn: (vector: Float64Array) => Float64Array, start: Float64Array): Float64Array {
  let vector = normalised(start);
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const next = normalised(turn(vector));
    let change = 0;
    for (let c = 0; c < next.length; c++)
      change = Math.max(change, Math.abs((next[c] ?? 0) - (vector[c] ?? 0)));
    vector = next;
    if (change < TOLERANCE) break;
  }
  return vector;
}

/** The row of largest norm: never at a right angle to all that varies, and the same on every machine. */
function longestRow({ values, positions, channels }: Rows): Float64Array {
  let [best, most] = [0, -1];
  for (let p = 0; p < positions; p++) {
    const square = dot(values, p * channels, values, p * channels, channels);
    if (square > most) [best, most] = [p, square];
  }
  return values.slice(best * channels, (best + 1) * channels);
}

function transposed({ values, positions, channels }: Rows): Float64Array {
  const turned = new Float64Array(values.length);
  for (let p = 0, i = 0; p < positions; p++)
    for (let c = 0; c < channels; c++, i++) turned[c * positions + p] = values[i] ?? 0;
  return turned;
}

/** The products of all pairs of rows: [rows, rows] of [rows, length]. */
function pairProducts(values: Float64Array, rows: number, length: number): Float64Array {
  const products = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a++) {
    for (let b = a; b < rows; b++) {
      const product = dot(values, a * length, values, b * length, length);
      products[a * rows + b] = product;
      products[b * rows + a] = product;
    }
  }
  return products;
}

const productWith =
  (matrix: Float64Array, size: number) =>
  (vector: Float64Array): Float64Array => {
    const product = new Float64Array(size);
    for (let i = 0; i < size; i++) product[i] = dot(matrix, i * size, vector, 0, size);
    return product;
  };

function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[fromA + i] ?? 0) * (b[fromB + i] ?? 0);
  return sum;
}

/** X v */
function project({ values, positions, channels }: Rows, direction: Float64Array): Float64Array {
  const projected = new Float64Array(positions);
  for (let p = 0; p < positions; p++) projected[p] = dot(values, p * channels, direction, 0, channels);
  return projected;
}

/** X^T u */
function pull({ values, positions, channels }: Rows, projected: Float64Array): Float64Array {
  const pulled = new Float64Array(channels);
  for (let p = 0, i = 0; p < positions; p++) {
    const factor = projected[p] ?? 0;
    for (let c = 0; c < channels; c++, i++) pulled[c] = (pulled[c] ?? 0) + factor * (values[i] ?? 0);
  }
  return pulled;
}

/** Zeros stay zeros. */
function normalised(vector: Float64Array): Float64Array {
  const norm = normOf(vector);
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}

const normOf = (vector: Float64Array): number => Math.sqrt(dot(vector, 0, vector, 0, vector.length));
