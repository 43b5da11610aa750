import type { RawMap } from '../explain/method';
import { strongestFirst } from '../explain/strongestFirst';
import { displayImage } from '../inputs/images/displayImage';
import type { DisplayImage } from '../inputs/loadedInput';

/** What a page or an image shows of an explanation. */
export interface Shown {
  readonly raw: RawMap;
  /** 0..1, at the size of the input. */
  readonly display: RawMap;
  /** The input's values, channels last; `null` where there are none to show. */
  readonly input: RawMap | null;
  /** `null` when the input is not an image. */
  readonly image: DisplayImage | null;
}

/** One position along each axis before height and width. */
type Place = readonly number[];

/**
 * The slice [height, width] of a volume [..., height, width] that holds the map's largest value, the middle one of a map
 * without any, and a sentence that says which.
 */
export function volumeSlice({ raw, display, input }: Shown): Shown & { readonly notice: string } {
  const { shape, values } = display;
  const leading = shape.slice(0, -2);
  let largest = 0;
  for (let i = 1; i < values.length; i++) if (strongestFirst(values[i], values[largest]) < 0) largest = i;
  const isEmpty = !((values[largest] ?? 0) > 0);
  const place = isEmpty
    ? leading.map((size) => Math.floor(size / 2))
    : placeOf(Math.floor(largest / pixels(shape)), leading);
  const below = input && lies(shape, input.shape) ? sliceAt(input, place) : null;
  const [height = 1, width = 1, channels = 1] = below?.shape ?? [];
  return {
    raw: sliceAt(
      raw,
      place.map((at, i) => Math.floor(((at + 0.5) * (raw.shape[i] ?? 1)) / (shape[i] ?? 1))),
    ),
    display: sliceAt(display, place),
    input: below,
    image:
      below && [1, 3, 4].includes(channels)
        ? displayImage(below.values, height, width, channels, 'guess')
        : null,
    notice:
      `The map has the shape ${raw.shape.join(' x ')}; shown is slice ${place.join(', ')} of ${leading.join(' x ')} ` +
      `(counted from 0), ${isEmpty ? 'the middle one' : 'the one with its largest value'}. The .npy holds the whole map.`,
  };
}

const pixels = (shape: readonly number[]): number => (shape.at(-2) ?? 1) * (shape.at(-1) ?? 1);

/** Whether the input has the map's axes, and perhaps channels behind them. */
const lies = (map: readonly number[], input: readonly number[]): boolean =>
  map.every((size, axis) => input[axis] === size);

function placeOf(index: number, leading: readonly number[]): Place {
  let rest = index;
  return leading.map((_, i) => {
    const inner = leading.slice(i + 1).reduce((a, b) => a * b, 1);
    const at = Math.floor(rest / inner);
    rest -= at * inner;
    return at;
  });
}

function sliceAt({ shape, values }: RawMap, place: Place): RawMap {
  const rest = shape.slice(place.length);
  const size = rest.reduce((a, b) => a * b, 1);
  const index = place.reduce((sum, at, i) => sum * (shape[i] ?? 1) + at, 0);
  return { shape: rest, values: values.slice(index * size, (index + 1) * size) };
}
