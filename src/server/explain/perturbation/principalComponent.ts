const MAX_ITERATIONS = 1000;
const TOLERANCE = 1e-9;

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
  const centred = centre(values, positions, channels);
  let direction = normalised(longestRow(centred, positions, channels));
  let projected = project(centred, direction, positions);
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const next = normalised(pull(centred, projected, channels));
    projected = project(centred, next, positions);
    let change = 0;
    for (let c = 0; c < channels; c++)
      change = Math.max(change, Math.abs((next[c] ?? 0) - (direction[c] ?? 0)));
    direction = next;
    if (change < TOLERANCE) break;
  }
  const low = projected.reduce((a, b) => Math.min(a, b), 0);
  const high = projected.reduce((a, b) => Math.max(a, b), 0);
  return Float32Array.from(projected, (value) => (-low > high ? -value : value));
}

/** Minus the mean of each channel. */
function centre(values: Float32Array, positions: number, channels: number): Float64Array {
  const means = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    means[i % channels] = (means[i % channels] ?? 0) + (values[i] ?? 0) / positions;
  }
  return Float64Array.from(values, (value, i) => value - (means[i % channels] ?? 0));
}

/** The row of largest norm: never at a right angle to all that varies, and the same on every machine. */
function longestRow(centred: Float64Array, positions: number, channels: number): Float64Array {
  let [best, most] = [0, -1];
  for (let p = 0; p < positions; p++) {
    const row = centred.subarray(p * channels, (p + 1) * channels);
    const square = row.reduce((sum, value) => sum + value * value, 0);
    if (square > most) [best, most] = [p, square];
  }
  return centred.slice(best * channels, (best + 1) * channels);
}

/** X v */
function project(centred: Float64Array, direction: Float64Array, positions: number): Float64Array {
  const channels = direction.length;
  const projected = new Float64Array(positions);
  for (let p = 0; p < positions; p++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += (centred[p * channels + c] ?? 0) * (direction[c] ?? 0);
    projected[p] = sum;
  }
  return projected;
}

/** X^T u */
function pull(centred: Float64Array, projected: Float64Array, channels: number): Float64Array {
  const pulled = new Float64Array(channels);
  for (let p = 0; p < projected.length; p++) {
    const factor = projected[p] ?? 0;
    for (let c = 0; c < channels; c++)
      pulled[c] = (pulled[c] ?? 0) + factor * (centred[p * channels + c] ?? 0);
  }
  return pulled;
}

/** Zeros stay zeros. */
function normalised(vector: Float64Array): Float64Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}
