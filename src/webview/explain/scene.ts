import type { Explanation } from '../../shared/explanation';
import { greys, type Picture } from '../canvas';
import { formatNumber } from '../format';
import { tensorValues } from '../tensor';

/**
 * What there is to draw for an explanation, with the arrays read once: a picture (also for a sequence, which becomes one
 * row a channel) with a heat value a pixel, or bars for a plain vector.
 */
export type Scene = PictureScene | BarScene;

interface MapValues {
  /** Raw map: height x width (1 x n for a sequence or a vector). */
  readonly raw: ArrayLike<number>;
  readonly rawHeight: number;
  readonly rawWidth: number;
}

export interface PictureScene extends MapValues {
  readonly kind: 'picture' | 'strip';
  readonly below: Picture;
  /** 0..1, one a pixel of `below`. */
  readonly heat: Float32Array;
  /** The input's values at a pixel, one line; empty when they were too many to send. */
  inputAt(x: number, y: number): string;
}

export interface BarScene extends MapValues {
  readonly kind: 'bars';
  readonly length: number;
  inputAt(x: number): string;
}

/** Rows of a strip when the input's own rows cannot be shown. */
const BARE_STRIP_ROWS = 8;
/** More channels than this are too thin to see, so a strip shows their mean in one band. */
const MOST_STRIP_ROWS = 64;
const MOST_VALUES_NAMED = 6;

/** @throws Failure when an array's length contradicts its shape */
export function sceneOf(explanation: Explanation): Scene {
  const raw = tensorValues(explanation.rawMap);
  const rawShape = explanation.rawMap.shape.filter((size, axis, all) => size !== 1 || axis >= all.length - 2);
  const rawWidth = rawShape.at(-1) ?? 1;
  const rawHeight = rawShape.length > 1 ? (rawShape.at(-2) ?? 1) : 1;
  const map: MapValues = { raw, rawHeight, rawWidth };

  const heat = Float32Array.from(tensorValues(explanation.displayMap));
  const [height, width] = extent(explanation.displayMap.shape);
  const input = explanation.inputValues && {
    values: tensorValues(explanation.inputValues),
    shape: explanation.inputValues.shape,
  };

  if (explanation.inputImage) {
    const [imageHeight, imageWidth] = explanation.inputImage.shape;
    if (imageHeight === height && imageWidth === width) {
      const rgb = Uint8Array.from(tensorValues(explanation.inputImage));
      return {
        ...map,
        kind: 'picture',
        below: { width, height, rgb },
        heat,
        inputAt: (x, y) => (input ? channelsAt(input, y * width + x, height * width) : ''),
      };
    }
  }
  if (input && height === 1 && isVector(input.shape) && input.values.length === width) {
    return {
      ...map,
      kind: 'bars',
      length: width,
      inputAt: (x) => formatNumber(input.values[x] ?? 0),
    };
  }
  if (height > 1) {
    const below = input
      ? greys(channelMeans(input.values, height * width), width, height)
      : bare(width, height);
    const inputAt = (x: number, y: number) => (input ? channelsAt(input, y * width + x, height * width) : '');
    return { ...map, kind: 'picture', below, heat, inputAt };
  }
  return strip(map, heat, width, input);
}

type Input = { readonly values: ArrayLike<number>; readonly shape: readonly number[] } | null;

/** A sequence: position runs to the right, channels run down, the map covers all rows of its position. */
function strip(map: MapValues, heat: Float32Array, width: number, input: Input): PictureScene {
  const channels = input ? input.values.length / width : 0;
  const rows = Number.isInteger(channels) && channels >= 1 && channels <= MOST_STRIP_ROWS ? channels : 0;
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

/** One axis, apart from the batch: `[n]` or `[1, n]`; a sequence of one channel is `[n, 1]`. */
function isVector(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[0] === 1);
}

function bare(width: number, height: number): Picture {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(128) };
}

/** Height and width of a map: the last two axes, of a 1-D map one row. */
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
  for (let channel = 0; channel < Math.min(channels, MOST_VALUES_NAMED); channel += 1) {
    named.push(formatNumber(input.values[pixel * channels + channel] ?? 0));
  }
  return channels > MOST_VALUES_NAMED ? `${named.join(', ')}, …` : named.join(', ');
}
