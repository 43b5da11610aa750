import type { AxisPlacement, Explanation } from '../../shared/explanation';
import { greys, type RgbImage } from '../canvas';
import { formatNumber } from '../format';
import { tensorValues } from '../tensor';

/**
 * What to draw for an explanation, with its arrays decoded: an image with one heat value per pixel (also for a sequence, with
 * one row per channel), or bars for a vector.
 */
export type Scene = ImageScene | BarScene;

interface MapValues {
  /** Raw map: height x width (1 x n for a sequence or a vector). */
  readonly raw: ArrayLike<number>;
  readonly rawHeight: number;
  readonly rawWidth: number;
  /** Where its rows and columns are on the input; null where unknown. */
  readonly placement: { readonly x: AxisPlacement | null; readonly y: AxisPlacement | null };
}

export interface ImageScene extends MapValues {
  readonly kind: 'image' | 'strip';
  readonly below: RgbImage;
  /** 0..1, one per pixel of `below`. */
  readonly heat: Float32Array;
  /** The input's values at a pixel as text; empty when there were too many to send. */
  inputAt(x: number, y: number): string;
}

export interface BarScene extends MapValues {
  readonly kind: 'bars';
  readonly length: number;
  inputAt(x: number): string;
}

/** Rows of a strip when the input's channels cannot be shown. */
const BARE_STRIP_ROWS = 8;
/** More channels than this are too thin to see, so a strip shows their mean in one band. */
const MAX_STRIP_ROWS = 64;
const MAX_VALUES_NAMED = 6;

/** @throws Failure `internal` when an array's length does not match its shape */
export function sceneOf(explanation: Explanation): Scene {
  const raw = tensorValues(explanation.rawMap);
  const [rawHeight, rawWidth] = extent(explanation.rawMap.shape);
  const along = explanation.placement ?? [];
  const placement = { x: along.at(-1) ?? null, y: along.at(-2) ?? null };
  const map: MapValues = { raw, rawHeight, rawWidth, placement };
  const heat = Float32Array.from(tensorValues(explanation.displayMap));
  const [height, width] = extent(explanation.displayMap.shape);
  const input = alignedInput(explanation, height, width);

  if (input?.shape.length === 1 && height === 1 && rawWidth === width) {
    return { ...map, kind: 'bars', length: width, inputAt: (x) => formatNumber(input.values[x] ?? 0) };
  }
  if (height === 1) return strip(map, heat, width, input);
  return {
    ...map,
    kind: 'image',
    below: imageBelow(explanation, height, width, input),
    heat,
    inputAt: (x, y) => (input ? channelsAt(input, y * width + x, height * width) : ''),
  };
}

type Input = { readonly values: ArrayLike<number>; readonly shape: readonly number[] } | null;

/** The input's values if they match the positions of the map; null when they were not sent or do not match. */
function alignedInput({ inputValues }: Explanation, height: number, width: number): Input {
  if (inputValues === null) return null;
  const [first, second] = inputValues.shape;
  const fits = height === 1 ? first === width : first === height && second === width;
  return fits ? { values: tensorValues(inputValues), shape: inputValues.shape } : null;
}

/** The image itself; for an input that is not an image, the mean of its channels as greys. */
function imageBelow({ inputImage }: Explanation, height: number, width: number, input: Input): RgbImage {
  const [imageHeight, imageWidth] = inputImage?.shape ?? [];
  if (inputImage && imageHeight === height && imageWidth === width) {
    return { width, height, rgb: Uint8Array.from(tensorValues(inputImage)) };
  }
  return input ? greys(channelMeans(input.values, height * width), width, height) : bare(width, height);
}

/** A sequence, or a vector with a map of another length: positions run to the right, channels down; the map covers all rows. */
function strip(map: MapValues, heat: Float32Array, width: number, input: Input): ImageScene {
  const channels = input ? input.values.length / width : 0;
  const rows = Number.isInteger(channels) && channels >= 1 && channels <= MAX_STRIP_ROWS ? channels : 0;
  let below = bare(width, BARE_STRIP_ROWS);
  if (input && rows > 0) {
    const turned = new Float32Array(rows * width);
    for (let x = 0; x < width; x += 1) {
      for (let row = 0; row < rows; row += 1) turned[row * width + x] = input.values[x * rows + row] ?? 0;
    }
    below = greys(turned, width, rows);
  }
  const spread = new Float32Array(below.width * below.height);
  for (let row = 0; row < below.height; row += 1) spread.set(heat.subarray(0, width), row * width);
  return {
    ...map,
    kind: 'strip',
    below,
    heat: spread,
    inputAt: (x) => (input ? channelsAt(input, x, width) : ''),
  };
}

function bare(width: number, height: number): RgbImage {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(128) };
}

/** Height and width of a map: its last two axes; a 1-D map is one row. */
function extent(shape: readonly number[]): readonly [number, number] {
  return shape.length < 2 ? [1, shape[0] ?? 1] : [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

function channelMeans(values: ArrayLike<number>, pixels: number): Float32Array {
  const channels = Math.max(1, Math.floor(values.length / pixels));
  const means = new Float32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += values[pixel * channels + channel] ?? 0;
    means[pixel] = sum / channels;
  }
  return means;
}

function channelsAt(input: NonNullable<Input>, pixel: number, pixels: number): string {
  const channels = input.values.length / pixels;
  if (!Number.isInteger(channels)) return '';
  const named: string[] = [];
  for (let channel = 0; channel < Math.min(channels, MAX_VALUES_NAMED); channel += 1) {
    named.push(formatNumber(input.values[pixel * channels + channel] ?? 0));
  }
  return channels > MAX_VALUES_NAMED ? `${named.join(', ')}, …` : named.join(', ');
}
