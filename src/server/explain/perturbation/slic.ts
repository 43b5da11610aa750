import { mapInto } from '../../../shared/mapInto';
import { type Groups, singleCells } from './groups';

export interface SlicRequest {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** About how many superpixels. */
  readonly count: number;
  /** How much nearness counts against likeness of colour. */
  readonly compactness: number;
}

const ITERATIONS = 10;
/** Colours are scaled so that their range has the length of the lightness axis of CIELAB, for which the compactness is meant. */
const COLOUR_RANGE = 100;

interface Centre {
  y: number;
  x: number;
  readonly colour: Float64Array;
}

/**
 * Superpixels by k-means over colour and place, connected afterwards. Deterministic. Distances are taken between the channels as the model
 * gets them, scaled to one range, rather than in CIELAB, because inputs may have any number of channels and any preprocessing.
 * Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", TPAMI 2012.
 * @param values [height, width, channels]
 */
export function slic(values: Float32Array, request: SlicRequest): Groups {
  const { height, width, count, compactness } = request;
  if (count >= height * width) return singleCells(height * width);
  const image = scaledColours(values);
  const step = Math.sqrt((height * width) / Math.max(1, count));
  const centres = initialCentres(image, request, step);
  const labels = new Int32Array(height * width).fill(-1);
  const distances = new Float64Array(labels.length);
  const spatial = (compactness / step) ** 2;
  for (let i = 0; i < ITERATIONS; i++) {
    distances.fill(Number.POSITIVE_INFINITY);
    for (const [label, centre] of centres.entries())
      assign(image, request, { label, centre, step, spatial, labels, distances });
    moveCentres(image, request, centres, labels);
  }
  return connected(labels, request, (step * step) / 4);
}

function scaledColours(values: Float32Array): Float64Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = high > low ? COLOUR_RANGE / (high - low) : 0;
  return mapInto(new Float64Array(values.length), values, (value) =>
    Number.isFinite(value) ? (value - low) * scale : 0,
  );
}

const clamp = (value: number, limit: number): number => Math.max(0, Math.min(limit - 1, value));

function squareDistance(image: Float64Array, pixel: number, colour: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < colour.length; c++) {
    sum += ((image[pixel * colour.length + c] ?? 0) - (colour[c] ?? 0)) ** 2;
  }
  return sum;
}

/** On a regular grid, each moved to the place of lowest gradient among its nine pixels. */
function initialCentres(
  image: Float64Array,
  { height, width, channels }: SlicRequest,
  step: number,
): Centre[] {
  const rows = Math.max(1, Math.round(height / step));
  const columns = Math.max(1, Math.round(width / step));
  const colourAt = (y: number, x: number): Float64Array => {
    const pixel = clamp(y, height) * width + clamp(x, width);
    return image.slice(pixel * channels, (pixel + 1) * channels);
  };
  const gradient = (y: number, x: number): number =>
    squareDistance(colourAt(y, x + 1), 0, colourAt(y, x - 1)) +
    squareDistance(colourAt(y + 1, x), 0, colourAt(y - 1, x));
  return Array.from({ length: rows * columns }, (_, i) => {
    const middleY = Math.floor(((Math.floor(i / columns) + 0.5) * height) / rows);
    const middleX = Math.floor((((i % columns) + 0.5) * width) / columns);
    let [y, x, least] = [middleY, middleX, gradient(middleY, middleX)];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [nearY, nearX] = [clamp(middleY + dy, height), clamp(middleX + dx, width)];
        const slope = gradient(nearY, nearX);
        if (slope < least) [y, x, least] = [nearY, nearX, slope];
      }
    }
    return { y, x, colour: colourAt(y, x) };
  });
}

interface Assignment {
  readonly label: number;
  readonly centre: Centre;
  readonly step: number;
  /** Weight of a square distance in pixels. */
  readonly spatial: number;
  readonly labels: Int32Array;
  readonly distances: Float64Array;
}

/** Gives a centre the pixels within twice the step that are nearer to it than to those before. */
function assign(
  image: Float64Array,
  { height, width }: SlicRequest,
  { label, centre, step, spatial, labels, distances }: Assignment,
): void {
  const reach = Math.ceil(step);
  const [top, left] = [Math.round(centre.y) - reach, Math.round(centre.x) - reach];
  for (let y = clamp(top, height); y <= clamp(top + 2 * reach, height); y++) {
    for (let x = clamp(left, width); x <= clamp(left + 2 * reach, width); x++) {
      const pixel = y * width + x;
      const apart = (y - centre.y) ** 2 + (x - centre.x) ** 2;
      const distance = squareDistance(image, pixel, centre.colour) + spatial * apart;
      if (distance < (distances[pixel] ?? 0)) {
        distances[pixel] = distance;
        labels[pixel] = label;
      }
    }
  }
}

function moveCentres(
  image: Float64Array,
  { width, channels }: SlicRequest,
  centres: readonly Centre[],
  labels: Int32Array,
): void {
  const counts = new Int32Array(centres.length);
  for (const label of labels) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
  for (const [label, centre] of centres.entries()) {
    if (counts[label] === 0) continue;
    centre.y = 0;
    centre.x = 0;
    centre.colour.fill(0);
  }
  for (const [pixel, label] of labels.entries()) {
    const centre = centres[label];
    if (centre === undefined) continue;
    const share = 1 / (counts[label] ?? 1);
    centre.y += Math.floor(pixel / width) * share;
    centre.x += (pixel % width) * share;
    for (let c = 0; c < channels; c++) {
      centre.colour[c] = (centre.colour[c] ?? 0) + (image[pixel * channels + c] ?? 0) * share;
    }
  }
}

/** Numbers the connected parts anew, in reading order; one of fewer than `least` pixels joins the part found beside its first pixel. */
function connected(labels: Int32Array, { height, width }: SlicRequest, least: number): Groups {
  const of = new Int32Array(labels.length).fill(-1);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    if ((of[start] ?? 0) >= 0) continue;
    const beside = neighbours(start, height, width).find((pixel) => (of[pixel] ?? -1) >= 0);
    const part = [start];
    of[start] = count;
    for (let next = 0; next < part.length; next++) {
      for (const pixel of neighbours(part[next] ?? 0, height, width)) {
        if ((of[pixel] ?? 0) >= 0 || labels[pixel] !== labels[start]) continue;
        of[pixel] = count;
        part.push(pixel);
      }
    }
    if (part.length < least && beside !== undefined) {
      const joined = of[beside] ?? 0;
      for (const pixel of part) of[pixel] = joined;
    } else count++;
  }
  return { count, of };
}

function neighbours(pixel: number, height: number, width: number): number[] {
  const column = pixel % width;
  return [
    ...(column > 0 ? [pixel - 1] : []),
    ...(pixel >= width ? [pixel - width] : []),
    ...(column < width - 1 ? [pixel + 1] : []),
    ...(pixel < (height - 1) * width ? [pixel + width] : []),
  ];
}
