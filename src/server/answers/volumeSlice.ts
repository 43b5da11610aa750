import * as l10n from '@vscode/l10n';
import type { RawMap } from '../explain/method';
import { compareDescending } from '../explain/ranking';
import { displayImage, guessLevels } from '../inputs/images/displayImage';
import type { DisplayImage } from '../inputs/loadedInput';

/** The part of an explanation that a page or an image shows. */
export interface DisplayedMap {
  readonly raw: RawMap;
  /** 0..1, at the size of the input; 0.5 is zero of a signed map. */
  readonly display: RawMap;
  /** The input's values, channels last; `null` if there are none to show. */
  readonly input: RawMap | null;
  /** `null` when the input is not an image. */
  readonly image: DisplayImage | null;
}

/** One position along each axis before height and width. */
export type SliceIndex = readonly number[];

/**
 * The slice [height, width] of a volume [..., height, width] that contains the map's largest value, or the middle slice of a
 * map without a positive value, and a notice that names the slice.
 */
export function volumeSlice(
  { raw, display, input }: DisplayedMap,
  isSigned: boolean,
): DisplayedMap & { readonly place: SliceIndex; readonly notice: string } {
  const { shape, values } = display;
  const leading = shape.slice(0, -2);
  let largest = 0;
  const zero = isSigned ? 0.5 : 0;
  const size = (i: number): number => Math.abs((values[i] ?? Number.NaN) - zero);
  for (let i = 1; i < values.length; i++) if (compareDescending(size(i), size(largest)) < 0) largest = i;
  const isEmpty = !(size(largest) > 0);
  const place = isEmpty
    ? leading.map((size) => Math.floor(size / 2))
    : unravelIndex(Math.floor(largest / pixels(shape)), leading);
  const below = input && isAligned(shape, input.shape) ? sliceAt(input, place) : null;
  const [height = 1, width = 1, channels = 1] = below?.shape ?? [];
  return {
    place,
    raw: sliceAt(
      raw,
      place.map((at, i) => Math.floor(((at + 0.5) * (raw.shape[i] ?? 1)) / (shape[i] ?? 1))),
    ),
    display: sliceAt(display, place),
    input: below,
    image:
      below && isImage(channels)
        ? displayImage(below.values, height, width, channels, guessLevels(below.values))
        : null,
    notice: isEmpty
      ? l10n.t(
          'The map has the shape {0}; shown is slice {1} of {2} (counted from 0), the middle one. The .npy contains the whole map.',
          ...[raw.shape.join(' x '), place.join(', '), leading.join(' x ')],
        )
      : l10n.t(
          'The map has the shape {0}; shown is slice {1} of {2} (counted from 0), the one with its largest value. The .npy contains the whole map.',
          ...[raw.shape.join(' x '), place.join(', '), leading.join(' x ')],
        ),
  };
}

const pixels = (shape: readonly number[]): number => (shape.at(-2) ?? 1) * (shape.at(-1) ?? 1);

/** Whether a slice of so many channels can be looked at. */
const isImage = (channels: number): boolean => [1, 3, 4].includes(channels);

/** Every slice of the input as uint8 [slices, h, w, 3]; null where a slice is not an image, or not at the map's positions. */
export function sliceImages({ display: { shape }, input }: DisplayedMap): Uint8Array | null {
  const [height = 1, width = 1, channels = 1] = input?.shape.slice(shape.length - 2) ?? [];
  if (!input || !isAligned(shape, input.shape) || input.shape.length > shape.length + 1 || !isImage(channels))
    return null;
  const size = height * width * channels;
  const count = input.values.length / size;
  const images = new Uint8Array(count * height * width * 3);
  for (let i = 0; i < count; i++) {
    const values = input.values.subarray(i * size, (i + 1) * size);
    images.set(
      displayImage(values, height, width, channels, guessLevels(values)).rgb,
      i * height * width * 3,
    );
  }
  return images;
}

/** Whether the input has the axes of the map, optionally followed by channels. */
const isAligned = (map: readonly number[], input: readonly number[]): boolean =>
  map.every((size, axis) => input[axis] === size);

export function unravelIndex(index: number, leading: readonly number[]): SliceIndex {
  let rest = index;
  return leading.map((_, i) => {
    const inner = leading.slice(i + 1).reduce((a, b) => a * b, 1);
    const at = Math.floor(rest / inner);
    rest -= at * inner;
    return at;
  });
}

function sliceAt({ shape, values }: RawMap, place: SliceIndex): RawMap {
  const rest = shape.slice(place.length);
  const size = rest.reduce((a, b) => a * b, 1);
  const index = place.reduce((sum, at, i) => sum * (shape[i] ?? 1) + at, 0);
  return { shape: rest, values: values.slice(index * size, (index + 1) * size) };
}
