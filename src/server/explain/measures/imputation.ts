/** Offset of a neighbour in rows and columns, and its weight: 1/6 beside, 1/12 diagonal. */
const NEIGHBOURS = [-1, 0, 1].flatMap((dy) =>
  [-1, 0, 1].flatMap((dx) =>
    dy === 0 && dx === 0 ? [] : [{ dy, dx, weight: dy === 0 || dx === 0 ? 1 / 6 : 1 / 12 }],
  ),
);
const WEIGHTS = Float64Array.from(NEIGHBOURS, ({ weight }) => weight);
/** Of the residual, relative to what is known. */
const TOLERANCE = 1e-7;
const MAX_ITERATIONS = 2000;

export interface ImputationRequest {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** One value per pixel; 0 is removed. */
  readonly mask: ArrayLike<number>;
  /** Added to each imputed value, so that the hole cannot be seen by its smoothness; 0 for none. */
  readonly noise: () => number;
}

/**
 * ROAD's noisy linear imputation: each removed pixel becomes the weighted mean of its eight neighbours, renormalised at the
 * edges, all of them at once. Removing pixels this way gives away less about which were removed than a fixed baseline. An image of which
 * nothing is left becomes its mean.
 * Rong et al., "A Consistent and Efficient Evaluation Strategy for Attribution Methods", ICML 2022.
 * @param values [height, width, channels]
 */
export function impute(values: Float32Array, request: ImputationRequest): Float32Array {
  const { height, width, channels, mask, noise } = request;
  const pixels = height * width;
  const system = systemOf(mask, { height, width });
  const filled = values.slice();
  for (let channel = 0; channel < channels; channel++) {
    const at = (pixel: number): number => values[pixel * channels + channel] ?? 0;
    const found = system.unknowns.length === pixels ? meanOf(pixels, at) : solve(system, at);
    for (const [i, pixel] of system.unknowns.entries()) {
      filled[pixel * channels + channel] = (found[i] ?? 0) + noise();
    }
  }
  return filled;
}

function meanOf(pixels: number, at: (pixel: number) => number): Float64Array {
  let sum = 0;
  for (let pixel = 0; pixel < pixels; pixel++) sum += at(pixel);
  return new Float64Array(pixels).fill(sum / pixels);
}

/**
 * One equation per removed pixel: the sum of its weights times itself, minus its weighted removed neighbours, is the sum of its
 * weighted known ones. Symmetric and, as long as one pixel is known, positive definite.
 */
interface System {
  readonly unknowns: readonly number[];
  readonly diagonal: Float64Array;
  /** Eight per unknown: the pixel of the neighbour, -1 outside the image. */
  readonly pixels: Int32Array;
  /** Eight per unknown: the neighbour's place among the unknowns, -1 if it is known. */
  readonly places: Int32Array;
}

function systemOf(mask: ArrayLike<number>, { height, width }: { height: number; width: number }): System {
  const unknowns: number[] = [];
  const placeOf = new Int32Array(height * width).fill(-1);
  for (let pixel = 0; pixel < placeOf.length; pixel++) {
    if (mask[pixel] === 0) placeOf[pixel] = unknowns.push(pixel) - 1;
  }
  const diagonal = new Float64Array(unknowns.length);
  const pixels = new Int32Array(unknowns.length * NEIGHBOURS.length).fill(-1);
  const places = new Int32Array(pixels.length).fill(-1);
  for (const [i, pixel] of unknowns.entries()) {
    const row = Math.floor(pixel / width);
    const column = pixel % width;
    for (const [n, { dy, dx, weight }] of NEIGHBOURS.entries()) {
      const [y, x] = [row + dy, column + dx];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      const neighbour = y * width + x;
      diagonal[i] = (diagonal[i] ?? 0) + weight;
      pixels[i * NEIGHBOURS.length + n] = neighbour;
      places[i * NEIGHBOURS.length + n] = placeOf[neighbour] ?? -1;
    }
  }
  return { unknowns, diagonal, pixels, places };
}

/** Conjugate gradients from the mean of the known neighbours on. */
function solve({ unknowns, diagonal, pixels, places }: System, at: (pixel: number) => number): Float64Array {
  const count = unknowns.length;
  const known = new Float64Array(count);
  let [total, weights] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let n = 0; n < WEIGHTS.length; n++) {
      const neighbour = pixels[i * WEIGHTS.length + n] ?? -1;
      if (neighbour < 0 || (places[i * WEIGHTS.length + n] ?? -1) >= 0) continue;
      const weight = WEIGHTS[n] ?? 0;
      known[i] = (known[i] ?? 0) + weight * at(neighbour);
      total += weight * at(neighbour);
      weights += weight;
    }
  }
  const product = (vector: Float64Array): Float64Array => {
    const image = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      let sum = (diagonal[i] ?? 0) * (vector[i] ?? 0);
      for (let n = 0; n < WEIGHTS.length; n++) {
        const other = places[i * WEIGHTS.length + n] ?? -1;
        if (other >= 0) sum -= (WEIGHTS[n] ?? 0) * (vector[other] ?? 0);
      }
      image[i] = sum;
    }
    return image;
  };
  const solution = new Float64Array(count).fill(weights > 0 ? total / weights : 0);
  const start = product(solution);
  const residual = known.map((value, i) => value - (start[i] ?? 0));
  let direction = residual.slice();
  let square = dot(residual, residual);
  const goal = TOLERANCE ** 2 * dot(known, known);
  for (let i = 0; i < MAX_ITERATIONS && square > goal; i++) {
    const image = product(direction);
    const step = square / dot(direction, image);
    for (let k = 0; k < count; k++) {
      solution[k] = (solution[k] ?? 0) + step * (direction[k] ?? 0);
      residual[k] = (residual[k] ?? 0) - step * (image[k] ?? 0);
    }
    const next = dot(residual, residual);
    direction = direction.map((value, k) => (residual[k] ?? 0) + (next / square) * value);
    square = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
