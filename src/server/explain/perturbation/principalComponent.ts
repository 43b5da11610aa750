import { mapInto } from '../../../shared/mapInto';

const MAX_ITERATIONS = 1000;
const TOLERANCE = 1e-9;
/** With at most as many channels their covariance is cheaper than two products with all positions in each iteration. */
const MAX_COVARIANCE_CHANNELS = 32;

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
  const at: Rows = { values, positions, channels, means: meansOf(values, positions, channels) };
  const turn = channels <= MAX_COVARIANCE_CHANNELS ? byCovariance(at) : byRows(at);
  let direction = normalised(longestRow(at));
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const next = normalised(turn(direction));
    let change = 0;
    for (let c = 0; c < channels; c++)
      change = Math.max(change, Math.abs((next[c] ?? 0) - (direction[c] ?? 0)));
    direction = next;
    if (change < TOLERANCE) break;
  }
  const projected = project(at, direction);
  const low = projected.reduce((a, b) => Math.min(a, b), 0);
  const high = projected.reduce((a, b) => Math.max(a, b), 0);
  const sign = -low > high ? -1 : 1;
  return mapInto(new Float32Array(positions), projected, (value) => sign * value);
}

/** Rows of channels, one per position; `means` of each channel are subtracted wherever the values are read. */
interface Rows {
  readonly values: Float32Array;
  readonly positions: number;
  readonly channels: number;
  readonly means: Float64Array;
}

function meansOf(values: Float32Array, positions: number, channels: number): Float64Array {
  const means = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    means[i % channels] = (means[i % channels] ?? 0) + (values[i] ?? 0) / positions;
  }
  return means;
}

const centredAt = ({ values, channels, means }: Rows, position: number, channel: number): number =>
  (values[position * channels + channel] ?? 0) - (means[channel] ?? 0);

/** The row of largest norm: never at a right angle to all that varies, and the same on every machine. */
function longestRow(at: Rows): Float64Array {
  let [best, most] = [0, -1];
  for (let p = 0; p < at.positions; p++) {
    let square = 0;
    for (let c = 0; c < at.channels; c++) square += centredAt(at, p, c) ** 2;
    if (square > most) [best, most] = [p, square];
  }
  return Float64Array.from({ length: at.channels }, (_, c) => centredAt(at, best, c));
}

/** v -> X^T X v, by the matrix X^T X. */
function byCovariance(at: Rows): (direction: Float64Array) => Float64Array {
  const { positions, channels } = at;
  const covariance = new Float64Array(channels * channels);
  const row = new Float64Array(channels);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) row[c] = centredAt(at, p, c);
    for (let c = 0; c < channels; c++)
      for (let d = 0; d < channels; d++)
        covariance[c * channels + d] = (covariance[c * channels + d] ?? 0) + (row[c] ?? 0) * (row[d] ?? 0);
  }
  return (direction) =>
    Float64Array.from({ length: channels }, (_, c) =>
      direction.reduce((sum, value, d) => sum + (covariance[c * channels + d] ?? 0) * value, 0),
    );
}

/** v -> X^T X v, by two products with X. */
const byRows =
  (at: Rows) =>
  (direction: Float64Array): Float64Array =>
    pull(at, project(at, direction));

/** X v */
function project(at: Rows, direction: Float64Array): Float64Array {
  const projected = new Float64Array(at.positions);
  for (let p = 0; p < at.positions; p++) {
    let sum = 0;
    for (let c = 0; c < at.channels; c++) sum += centredAt(at, p, c) * (direction[c] ?? 0);
    projected[p] = sum;
  }
  return projected;
}

/** X^T u */
function pull(at: Rows, projected: Float64Array): Float64Array {
  const pulled = new Float64Array(at.channels);
  for (let p = 0; p < at.positions; p++) {
    const factor = projected[p] ?? 0;
    for (let c = 0; c < at.channels; c++) pulled[c] = (pulled[c] ?? 0) + factor * centredAt(at, p, c);
  }
  return pulled;
}

/** Zeros stay zeros. */
function normalised(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}
