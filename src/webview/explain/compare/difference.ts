import type { Explanation, VolumeDrawing } from '../../../shared/explanation';
import { spearman } from '../../../shared/maps/rankCorrelation';
import { tensorValues } from '../../tensor';
import { drawnMap } from '../drawnMap';

/** How far two maps over the same input agree. */
export interface Agreement {
  /** The first map less the second one, each as a share of its own largest value; drawn like a map. */
  readonly difference: Explanation;
  /** Spearman's, over the positions of the input, of a volume over those of all slices; NaN where one of the maps is the same everywhere. */
  readonly rankCorrelation: number;
}

/**
 * Compares what is drawn: both maps at the resolution of the input, where maps of two layers have the same positions.
 * @returns null where they are not drawn over the same positions
 */
export function agreementOf(first: Explanation, second: Explanation): Agreement | null {
  if (first.inputIndex !== second.inputIndex) return null;
  const shape = wholeShape(first);
  if (String(shape) !== String(wholeShape(second))) return null;
  const [a, b] = [sharesOf(first), sharesOf(second)];
  const values = a.map((value, i) => value - (b[i] ?? 0));
  const finite = values.filter(Number.isFinite);
  const [min, max] = [Math.min(0, ...extremes(finite)), Math.max(0, ...extremes(finite))];
  const top = Math.max(-min, max);
  const drawn = values.map((value) => (top > 0 ? 0.5 + value / top / 2 : 0.5));
  const maps = {
    rawMap: { shape, dtype: 'float32', data: encoded(values) },
    displayMap: { shape, dtype: 'float32', data: encoded(drawn) },
  } as const;
  return {
    rankCorrelation: spearman(a, b),
    difference: {
      ...first,
      ...maps,
      map: { shape, min, max, top },
      raw: { shape, min, max },
      display: 'signed',
      // One value per position of the input.
      placement: shape.slice(-2).map(() => ({ centre: 0, stride: 1, window: 1 })),
      volume: first.volume && { ...first.volume, ...maps, shown: largestSlice(first.volume, shape, values) },
    },
  };
}

/** At the size of the input; of a volume with all slices. */
const wholeShape = ({ displayMap, volume }: Explanation): readonly number[] =>
  (volume?.displayMap ?? displayMap).shape;

/** -1..1: a signed map is drawn with zero at a half. */
function sharesOf(explanation: Explanation): Float32Array {
  const { volume } = explanation;
  const values = volume ? Float32Array.from(tensorValues(volume.displayMap)) : drawnMap(explanation).values;
  return explanation.display === 'signed' ? values.map((value) => 2 * value - 1) : values;
}

/** The slice with the value that is farthest from zero, one index per axis before height and width. */
function largestSlice({ slices }: VolumeDrawing, shape: readonly number[], values: Float32Array): number[] {
  let largest = 0;
  for (const [i, value] of values.entries())
    if (Math.abs(value) > Math.abs(values[largest] ?? 0)) largest = i;
  let slice = Math.floor(largest / shape.slice(slices.length).reduce((a, b) => a * b, 1));
  return slices
    .toReversed()
    .map((count) => {
      const at = slice % count;
      slice = Math.floor(slice / count);
      return at;
    })
    .toReversed();
}

function extremes(values: Float32Array): readonly [number, number] {
  let [min, max] = [0, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return [min, max];
}

function encoded(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
