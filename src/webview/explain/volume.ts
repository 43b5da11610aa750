import * as l10n from '@vscode/l10n';
import type { Explanation, VolumeDrawing } from '../../shared/explanation';
import { colourTable } from '../../shared/maps/colourMaps';
import type { WireTensor } from '../../shared/model';
import type { RemovedPart } from '../../shared/results/whatIf';
import { colourOf } from '../canvas';
import { el, fill } from '../dom';
import { tensorValues } from '../tensor';
import { button, field } from '../ui';
import { type Display, type LoadInput, type MapFigure, mapFigure } from './mapFigure';

/** The slice that all figures of a page show, where they have the same slices. */
export interface SharedSlice {
  /** Null until the user moves a slider: each figure shows its slice with the largest value. */
  place: readonly number[] | null;
  slices: readonly number[];
  readonly listeners: Set<() => void>;
}

export const sharedSlice = (): SharedSlice => ({ place: null, slices: [], listeners: new Set() });

/** A figure that shows one slice of a volume or of a video, with a slider per axis; every other map as `mapFigure` does. */
export function volumeFigure(shared: SharedSlice, loadInput: LoadInput): MapFigure {
  const figure = mapFigure(loadInput);
  const sliders = el('div', { class: 'slices', hidden: true });
  const element = el('div', { class: 'volume-figure' }, figure.element, sliders);
  let explanation: Explanation | null = null;
  let display: Display | null = null;
  let removed: readonly RemovedPart[] = [];

  const placeOf = (volume: VolumeDrawing): readonly number[] =>
    shared.place !== null && sameSizes(shared.slices, volume.slices) ? shared.place : volume.shown;
  const draw = () => {
    if (explanation === null || display === null) return;
    const { volume } = explanation;
    figure.show(volume === null ? explanation : sliceOf(explanation, volume, placeOf(volume)), display);
    mark();
  };
  const mark = () => {
    const volume = explanation?.volume;
    if (!volume) return figure.setRemoved(removed);
    figure.setRemoved(
      removed.map((part) => sliceOfPart(part, volume, placeOf(volume))),
      removedSlices(removed, explanation?.inputIndex ?? 0, volume),
    );
  };
  const move = (volume: VolumeDrawing, place: readonly number[]) => {
    shared.place = place;
    shared.slices = volume.slices;
    for (const listener of shared.listeners) listener();
  };
  let controls: SliceControls | null = null;
  const follow = () => {
    if (!element.isConnected) return shared.listeners.delete(follow);
    draw();
    const volume = explanation?.volume;
    if (volume) controls?.setPlace(placeOf(volume));
    return true;
  };

  return {
    ...figure,
    element,
    show(next, nextDisplay) {
      explanation = next;
      display = nextDisplay;
      removed = [];
      const { volume } = next;
      sliders.hidden = volume === null;
      controls =
        volume === null
          ? null
          : sliceControls(volume, next.display === 'signed', (place) => move(volume, place));
      fill(sliders, controls?.element);
      draw();
      if (volume !== null) {
        controls?.setPlace(placeOf(volume));
        controls?.setDisplay(next, nextDisplay);
        shared.listeners.add(follow);
      }
    },
    setRemoved(parts) {
      removed = parts;
      mark();
    },
    setDisplay(nextDisplay) {
      display = nextDisplay;
      figure.setDisplay(nextDisplay);
      if (explanation !== null) controls?.setDisplay(explanation, nextDisplay);
    },
  };
}

interface SliceControls {
  readonly element: HTMLElement;
  setPlace(place: readonly number[]): void;
  setDisplay(explanation: Explanation, display: Display): void;
}

/** A slider per axis, with the strongest heat of each slice in colours above it, and a button for the strongest slice. */
function sliceControls(
  volume: VolumeDrawing,
  isSigned: boolean,
  onMove: (place: readonly number[]) => void,
): SliceControls {
  const { slices, shown } = volume;
  let place: readonly number[] = shown;
  const profiles = slices.map((_, axis) => strongestAlong(volume, axis, isSigned));
  const rows = slices.map((count, axis) => {
    const input = el('input', { type: 'range', min: 0, max: count - 1, step: 1 });
    const band = el('canvas', { class: 'slice-heat', width: count, height: 1, 'aria-hidden': 'true' });
    input.addEventListener('input', () =>
      onMove(place.map((at, i) => (i === axis ? input.valueAsNumber : at))),
    );
    const name = slices.length === 1 ? l10n.t('Slice') : l10n.t('Slice, axis {0}', axis);
    const labelled = field(name, input);
    const number = el('output', { class: 'slice-number' });
    return { input, band, number, count, element: el('div', { class: 'slice-row' }, labelled, number, band) };
  });
  const strongest = button({ label: l10n.t('Strongest Slice'), onPress: () => onMove(shown) });
  return {
    element: el('div', { class: 'slice-controls' }, ...rows.map(({ element }) => element), strongest.element),
    setPlace(next) {
      place = next;
      for (const [axis, { input, number, count }] of rows.entries()) {
        const at = next[axis] ?? 0;
        input.value = String(at);
        number.textContent = l10n.t('{0} (0 to {1})', at, count - 1);
        input.setAttribute('aria-valuetext', l10n.t('slice {0}, 0 to {1}', at, count - 1));
      }
      strongest.setEnabled(next.some((at, axis) => at !== shown[axis]));
    },
    setDisplay(explanation, { colourMap }) {
      const table = colourTable(explanation.display === 'signed' ? 'rdbu' : colourMap);
      for (const [axis, { band, count }] of rows.entries()) {
        const image = new ImageData(count, 1);
        for (let i = 0; i < count; i += 1) {
          const colour = colourOf(table, profiles[axis]?.[i] ?? 0);
          for (let c = 0; c < 3; c += 1) image.data[i * 4 + c] = colour[c] ?? 0;
          image.data[i * 4 + 3] = 255;
        }
        band.getContext('2d')?.putImageData(image, 0, 0);
      }
    },
  };
}

/** The heat that is farthest from no evidence, for each index along one of the axes before height and width. */
function strongestAlong(
  { displayMap, slices }: VolumeDrawing,
  axis: number,
  isSigned: boolean,
): Float32Array {
  const heat = decoded(displayMap);
  const count = slices[axis] ?? 1;
  const inner = displayMap.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const zero = isSigned ? 0.5 : 0;
  const strongest = new Float32Array(count).fill(zero);
  for (const [i, value] of heat.entries()) {
    const at = Math.floor(i / inner) % count;
    if (Math.abs(value - zero) > Math.abs((strongest[at] ?? zero) - zero)) strongest[at] = value;
  }
  return strongest;
}

/** The explanation with the arrays of another slice. */
export function sliceOf(
  explanation: Explanation,
  volume: VolumeDrawing,
  place: readonly number[],
): Explanation {
  const { slices, rawMap, displayMap, inputImages, inputValues } = volume;
  const flat = flatIndex(slices, place);
  const rawPlace = place.map((at, axis) =>
    Math.floor(((at + 0.5) * (rawMap.shape[axis] ?? 1)) / (slices[axis] ?? 1)),
  );
  const rawFlat = flatIndex(rawMap.shape, rawPlace);
  const axes = slices.length;
  const isAligned = inputValues !== null && slices.every((size, axis) => inputValues.shape[axis] === size);
  return {
    ...explanation,
    rawMap: partOf(rawMap, axes, rawFlat),
    displayMap: partOf(displayMap, axes, flat),
    inputImage: inputImages && partOf(inputImages, 1, flat),
    inputValues: isAligned ? partOf(inputValues, axes, flat) : null,
  };
}

/** What is removed of one slice; a mask of other axes stays as it is. */
function sliceOfPart(part: RemovedPart, { slices }: VolumeDrawing, place: readonly number[]): RemovedPart {
  const { mask } = part;
  if (mask.shape.length !== slices.length + 2 || !sameSizes(mask.shape.slice(0, slices.length), slices))
    return part;
  return { ...part, mask: partOf(mask, slices.length, flatIndex(slices, place)) };
}

/** "slices 1 to 3", of which something is removed; with several axes `null`, and where nothing is. */
function removedSlices(
  parts: readonly RemovedPart[],
  inputIndex: number,
  { slices }: VolumeDrawing,
): string | null {
  const mask = parts.find((part) => part.inputIndex === inputIndex)?.mask;
  const [count = 0] = slices;
  if (mask === undefined || slices.length !== 1 || mask.shape[0] !== count) return null;
  const values = decoded(mask);
  const size = values.length / count;
  const found = Array.from({ length: count }, (_, at) => at).filter((at) =>
    values.subarray(at * size, (at + 1) * size).includes(1),
  );
  return found.length === 0 ? null : `slice${found.length === 1 ? '' : 's'} ${rangesText(found)}`;
}

/** `0 to 2, 5` of 0, 1, 2 and 5. */
function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const at of numbers) {
    const last = ranges.at(-1);
    if (last?.[1] === at - 1) last[1] = at;
    else ranges.push([at, at]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : l10n.t('{0} to {1}', from, to))).join(', ');
}

const flatIndex = (sizes: readonly number[], place: readonly number[]): number =>
  place.reduce((sum, at, axis) => sum * (sizes[axis] ?? 1) + at, 0);

const decodedTensors = new WeakMap<WireTensor, Float32Array | Uint8Array>();

/** The values of a tensor, decoded once: the slider may move many times a second. */
function decoded(tensor: WireTensor): Float32Array | Uint8Array {
  const known = decodedTensors.get(tensor);
  if (known) return known;
  const values = tensorValues(tensor);
  decodedTensors.set(tensor, values);
  return values;
}

/** The part of an array at an index of its first axes taken together. */
function partOf(tensor: WireTensor, axes: number, index: number): WireTensor {
  const shape = tensor.shape.slice(axes);
  const size = shape.reduce((a, b) => a * b, 1);
  const { buffer, byteOffset, byteLength } = decoded(tensor).subarray(index * size, (index + 1) * size);
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return { shape, dtype: tensor.dtype, data };
}

const sameSizes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);
