import type { AxisPlacement, Explanation } from '../../shared/explanation';
import type { InputNames } from '../../shared/inputs';
import type { WireTensor } from '../../shared/model';
import { greys, type RgbImage } from '../canvas';
import { formatNumber } from '../format';
import { tensorValues } from '../tensor';
import { cellAt } from './cells';
import { drawnMap } from './drawnMap';

/** What to draw for an explanation, with its arrays decoded. */
export type Scene = ImageScene | FlatScene;

interface MapValues {
  /** Raw map: height x width (1 x n for a sequence or a vector). */
  readonly raw: ArrayLike<number>;
  readonly rawHeight: number;
  readonly rawWidth: number;
  /** Where its rows and columns are on the input; null where unknown. */
  readonly placement: { readonly x: AxisPlacement | null; readonly y: AxisPlacement | null };
  /** The largest absolute value of the map. */
  readonly top: number;
}

/** An image with one heat value per pixel; also a long sequence, with one row per channel. */
export interface ImageScene extends MapValues {
  readonly kind: 'image' | 'strip';
  readonly below: RgbImage;
  /** 0..1, one per pixel of `below`. */
  readonly heat: Float32Array;
  /** [height, width], 1 at the positions over which the score is averaged; null where that is not shown. */
  readonly mask: {
    readonly height: number;
    readonly width: number;
    readonly values: ArrayLike<number>;
  } | null;
  /** Names of the positions of a strip. */
  readonly names: InputNames | null;
  /** The input's values at a pixel as text; empty when there were too many to send, or until they were asked for. */
  inputAt(x: number, y: number): string;
}

/** One heat value per position or per value of a vector. */
export interface FlatScene extends MapValues {
  /** Letters and words in place, a line per channel of a signal, rows or (of many values) bars of a vector. */
  readonly kind: 'letters' | 'words' | 'signal' | 'table' | 'bars';
  readonly length: number;
  /** 0..1 */
  readonly heat: Float32Array;
  readonly names: InputNames | null;
  /** The values of a signal, one array per channel; empty for the others. */
  readonly channels: readonly Float32Array[];
  inputAt(x: number): string;
}

/** Rows of a strip when the input's channels cannot be shown. */
const BARE_STRIP_ROWS = 8;
/** More channels than this are too thin to see, so a strip shows their mean in one band. */
const MAX_STRIP_ROWS = 64;
const MAX_VALUES_NAMED = 6;

/** More letters, or rows of a table, than this are drawn as a strip or as bars. */
const MAX_LETTERS = 5000;
const MAX_ROWS = 1000;
/** More channels of a signal are a strip. */
const MAX_LINES = 3;

/** @throws Failure `internal` when an array's length does not match its shape */
export function sceneOf(explanation: Explanation): Scene {
  const raw = tensorValues(explanation.rawMap);
  const [rawHeight, rawWidth] = extent(explanation.rawMap.shape);
  const along = explanation.placement ?? [];
  const placement = { x: along.at(-1) ?? null, y: along.at(-2) ?? null };
  const map: MapValues = { raw, rawHeight, rawWidth, placement, top: explanation.map.top };
  const { values: heat, shape } = drawnMap(explanation);
  const [height, width] = extent(shape);
  const input = alignedInput(explanation, height, width);
  const names = explanation.names?.values.length === width && height === 1 ? explanation.names : null;

  if (height === 1) {
    const kind = flatKind({ names, input, length: width, isMapOfInput: rawWidth === width });
    if (kind === null) return strip(map, heat, width, { input, names });
    const channels = kind === 'signal' && input ? channelLines(input.values, width) : [];
    const inputAt = (x: number) => (input ? channelsAt(input, x, width) : '');
    return { ...map, kind, length: width, heat, names, channels, inputAt };
  }
  return {
    ...map,
    kind: 'image',
    below: imageBelow(explanation, height, width, input),
    heat,
    mask: maskOf(explanation),
    names: null,
    inputAt: (x, y) => (input ? channelsAt(input, y * width + x, height * width) : ''),
  };
}

function flatKind({
  names,
  input,
  length,
  isMapOfInput,
}: {
  readonly names: InputNames | null;
  readonly input: Input;
  readonly length: number;
  readonly isMapOfInput: boolean;
}): FlatScene['kind'] | null {
  if (names?.kind === 'tokens') return 'words';
  if (names?.kind === 'letters') return length <= MAX_LETTERS ? 'letters' : null;
  if ((names?.kind === 'columns' || input?.shape.length === 1) && isMapOfInput)
    return length <= MAX_ROWS ? 'table' : 'bars';
  const channels = input ? input.values.length / length : 0;
  const isSignal = Number.isInteger(channels) && channels >= 1 && channels <= MAX_LINES;
  return isSignal ? 'signal' : null;
}

export const sizeOf = (scene: Scene): { readonly width: number; readonly height: number } =>
  'below' in scene ? scene.below : { width: scene.length, height: 1 };

/** The cells and the value of the raw map at a position of the input. */
export function mapAt(scene: Scene, at: { readonly x: number; readonly y: number }) {
  const size = sizeOf(scene);
  const isFlat = scene.kind !== 'image';
  const x = cellAt(at.x, scene.rawWidth, size.width, scene.placement.x);
  const y = cellAt(isFlat ? 0 : at.y, scene.rawHeight, isFlat ? 1 : size.height, scene.placement.y);
  return { x, y, value: scene.raw[y.index * scene.rawWidth + x.index] ?? 0 };
}

/** The position where the map is farthest from no evidence. */
export function largestAt({ heat }: Scene, isSigned: boolean): number {
  const zero = isSigned ? 0.5 : 0;
  let largest = 0;
  for (let i = 1; i < heat.length; i += 1) {
    if (Math.abs((heat[i] ?? zero) - zero) > Math.abs((heat[largest] ?? zero) - zero)) largest = i;
  }
  return largest;
}

function maskOf({ mask, target }: Explanation): ImageScene['mask'] {
  if (mask === null || target.positions === null || target.positions.what === 'all') return null;
  const [height, width] = extent(mask.shape);
  return { height, width, values: tensorValues(mask) };
}

function channelLines(values: ArrayLike<number>, length: number): Float32Array[] {
  const channels = values.length / length;
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length }, (_value, x) => values[x * channels + channel] ?? 0),
  );
}

/** The scene of an image with its input's values, which came later than the map. */
export function withInput(scene: Scene, inputValues: WireTensor): Scene {
  if (scene.kind !== 'image') return scene;
  const { width, height } = scene.below;
  const input = alignedInput({ inputValues }, height, width);
  return { ...scene, inputAt: (x, y) => (input ? channelsAt(input, y * width + x, height * width) : '') };
}

type Input = { readonly values: ArrayLike<number>; readonly shape: readonly number[] } | null;

/** The input's values if they match the positions of the map; null when they were not sent or do not match. */
function alignedInput(
  { inputValues }: Pick<Explanation, 'inputValues'>,
  height: number,
  width: number,
): Input {
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

/** A sequence of many channels or letters, or a vector with a map of another length: positions run to the right, channels down; the map covers all rows. */
function strip(
  map: MapValues,
  heat: Float32Array,
  width: number,
  { input, names }: { readonly input: Input; readonly names: InputNames | null },
): ImageScene {
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
    mask: null,
    names,
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
