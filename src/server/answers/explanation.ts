import * as l10n from '@vscode/l10n';
import { isEdited } from '../../shared/edits/inputEdit';
import { fail } from '../../shared/errors';
import type { Explanation, ExplanationHeader, MapDrawing, VolumeDrawing } from '../../shared/explanation';
import type { InputNames } from '../../shared/inputs';
import { displayMap, drawnShape } from '../../shared/maps/displayMap';
import type { DisplayRule } from '../../shared/methods';
import type { WireTensor } from '../../shared/model';
import { once } from '../../shared/once';
import type { ExplainParams } from '../../shared/protocol';
import { type ExplainRequest, type ExplainResult, explainEach } from '../explain/explain';
import type { ExplainedMap } from '../explain/maps/explainedMaps';
import type { RawMap } from '../explain/method';
import { readMapFile } from '../inputs/arrays/mapFile';
import type { Control } from '../run/control';
import { aloneRun, type JointRun } from '../session/jointRun';
import { takesChannelsFirst } from '../session/modelInputs';
import type { Run } from '../session/runs';
import { drawnNames } from './drawnNames';
import { type DisplayedMap, type SliceIndex, sliceImages, volumeSlice } from './volumeSlice';
import { seenOf, warningsOf } from './warnings';

/** A volume of more positions is sent as one slice. */
const MAX_VOLUME = 2_000_000;
/** Above this many input values, the transfer costs more than "value under the pointer" is worth. */
const MAX_INPUT_VALUES = 4_000_000;

export interface DrawableExplanation {
  /** What it was made from. */
  readonly found: ExplainResult;
  /** Everything about the maps except their numbers. */
  readonly header: ExplanationHeader;
  readonly explanation: Explanation;
  /** One per map, the first one of `header` first. */
  readonly maps: readonly DrawableMap[];
}

export interface DrawableMap {
  /** The whole map as the method gives it, with channels. */
  readonly raw: RawMap;
  /** One value per position. */
  readonly map: RawMap;
  /** The map that is drawn; for a volume, one slice. */
  readonly display: RawMap;
  readonly drawing: MapDrawing;
}

/** What is asked about inputs that are there already. */
export type ExplainQuestion = Omit<ExplainParams, 'inputs'>;

/** Explains a score of one run, with everything that a page draws. */
export async function explainRun(
  run: Run,
  params: ExplainQuestion,
  control: Control,
): Promise<DrawableExplanation> {
  const [only] = await explainRuns(aloneRun(run), params, control);
  return only ?? fail('internal', l10n.t('An explanation without a map.'));
}

/** As `explainRun`, for each of some inputs that were run together. */
export async function explainRuns(
  { whole, walks, runs }: JointRun,
  params: ExplainQuestion,
  control: Control,
): Promise<DrawableExplanation[]> {
  const rows = runs.map(({ trace }) => trace);
  const found = await explainEach({ whole, rows }, walks, questionOf(params), control, readMapFile);
  const drawn: DrawableExplanation[] = [];
  for (const [i, run] of runs.entries()) {
    const own = found[i];
    if (own) drawn.push(await drawableOf(run, own, params));
  }
  return drawn;
}

async function drawableOf(
  run: Run,
  found: ExplainResult,
  params: ExplainQuestion,
): Promise<DrawableExplanation> {
  const { header } = found;
  const drawn = found.maps.map((map) => drawableMap(run, map, header.display, params.knownInput ?? null));
  const [first, ...others] = drawn.map(({ drawing }) => drawing);
  if (first === undefined) return fail('internal', l10n.t('An explanation without a map.'));
  const notices = [
    ...run.inputs.flatMap((i) => i.notices),
    ...header.notices,
    ...warningsOf(await seenOf(run, found, params.preprocessing)),
    ...drawn.flatMap(({ notice }) => notice ?? []),
  ];
  const timings = {
    load: run.loadTime,
    forward: run.forwardTime + header.timings.forward,
    backward: header.timings.backward,
    total: run.loadTime + run.forwardTime + header.timings.total,
  };
  const isOfEdited = run.inputs.some(({ source }) => isEdited(source));
  const sentence = isOfEdited ? l10n.t('{0}, of the edited input', header.sentence) : header.sentence;
  const full: ExplanationHeader = { ...header, sentence, notices, timings };
  const { mask } = found;
  const outlined = mask?.shape.length === 2 ? toWireBytes(mask.values, mask.shape) : null;
  // With all slices on the page, which one is shown is said there.
  const isStale = (i: number) => drawn[i]?.drawing.volume !== null;
  const stale = new Set(drawn.flatMap(({ notice }, i) => (notice !== null && isStale(i) ? [notice] : [])));
  const onPage = notices.filter((notice) => !stale.has(notice));
  const explanation = { ...full, notices: onPage, ...first, others, mask: outlined };
  return { found, header: full, explanation, maps: drawn };
}

export function questionOf({
  method,
  layer,
  target,
  labels = [],
  ...params
}: ExplainQuestion): ExplainRequest {
  return {
    method,
    layer,
    target,
    labels,
    insist: params.insist ?? false,
    ...(params.fusedLayers && { fusedLayers: params.fusedLayers }),
    ...(params.options && { options: params.options }),
    ...(params.display && { display: params.display }),
  };
}

function drawableMap(
  run: Run,
  { header, raw, map }: ExplainedMap,
  display: DisplayRule,
  knownInput: string | null,
): DrawableMap & { readonly notice: string | null } {
  const { inputIndex } = header;
  const below = header.onInput ? run.inputs[inputIndex] : undefined;
  const shape = below?.shape.slice(1) ?? [];
  const names = drawnNames(below?.names);
  const space = !header.onInput
    ? map.shape
    : below?.strings
      ? textSpace(names)
      : spatialSizes(shape, takesChannelsFirst(run.model.graph, inputIndex));
  const size = drawnShape(map.shape, space);
  const beside = { raw: map, input: inputOf(run, inputIndex, header.onInput), image: below?.image ?? null };
  const drawn = once(() => displayMap(map, space, display));
  const whole = size.length > 2 ? { ...beside, display: drawn() } : null;
  const slice = whole && volumeSlice(whole, display === 'signed');
  const shown = slice ?? beside;
  const inputKey = slice || !header.onInput ? null : `${run.key} ${inputIndex}`;
  const inputKnown = inputKey !== null && knownInput === inputKey;
  const { image, input: values } = shown;
  const drawnAt = slice?.display.shape ?? size;
  return {
    raw,
    map,
    get display() {
      return slice?.display ?? drawn();
    },
    notice: slice?.notice ?? null,
    drawing: {
      ...header,
      rawMap: toWireTensor(shown.raw),
      displayMap: slice ? toWireTensor(slice.display) : { shape: drawnAt, data: null },
      inputKey,
      inputKnown,
      inputImage: image && !inputKnown ? toWireBytes(image.rgb, [image.height, image.width, 3]) : null,
      inputValues: values && !inputKnown && !isImageOf(drawnAt, shown) ? sent(values) : null,
      names,
      volume: whole && slice && drawnVolume(whole, slice.place),
    },
  };
}

/** Whether the picture needs the image alone; the values are sent when somebody points at it. */
function isImageOf(
  shape: readonly number[],
  { image, input }: Pick<DisplayedMap, 'image' | 'input'>,
): boolean {
  const [height = 1, width] = shape;
  const isAlone = shape.length === 2 && input?.shape.length === 3;
  return isAlone && height > 1 && image?.height === height && image.width === width;
}

/** All slices of a volume; null where there are too many values. */
function drawnVolume(whole: DisplayedMap, shown: SliceIndex): VolumeDrawing | null {
  const { raw, display, input } = whole;
  if (display.values.length > MAX_VOLUME || raw.values.length > MAX_VOLUME) return null;
  const images = sliceImages(whole);
  const [height = 1, width = 1] = display.shape.slice(-2);
  return {
    slices: display.shape.slice(0, -2),
    shown,
    rawMap: toWireTensor(raw),
    displayMap: toWireTensor(display),
    inputImages: images && toWireBytes(images, [images.length / (height * width * 3), height, width, 3]),
    inputValues: input && sent(input),
  };
}

/** Text has no spatial size: the map is shown over its words, or at the size of the layer. */
const textSpace = (names: InputNames | null): readonly number[] =>
  names === null ? [] : [names.values.length];

function spatialSizes(shape: readonly number[], channelsFirst: boolean): readonly number[] {
  if (shape.length < 2) return shape;
  return channelsFirst ? shape.slice(1) : shape.slice(0, -1);
}

/** The values of one input, as `MapDrawing.inputValues`. */
export const sentInput = (run: Run, input: number): WireTensor | null => {
  const values = inputOf(run, input, true);
  return values && sent(values);
};

const sent = (input: RawMap): WireTensor | null =>
  input.values.length <= MAX_INPUT_VALUES ? toWireTensor(input) : null;

/** Null for text, and for a map that is drawn alone. */
function inputOf(run: Run, index: number, onInput: boolean): RawMap | null {
  const input = onInput ? run.inputs[index] : undefined;
  if (!input || input.strings) return null;
  return inputValues(input.values, input.shape.slice(1), takesChannelsFirst(run.model.graph, index));
}

/** The input as the model received it, channels last. */
const inputValues = (values: Float32Array, shape: readonly number[], channelsFirst: boolean): RawMap =>
  channelsFirst
    ? { values: channelsLast(values, shape), shape: [...shape.slice(1), shape[0] ?? 1] }
    : { values, shape };

function channelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const channels = shape[0] ?? 1;
  const positions = values.length / channels;
  return values.map((_, i) => values[(i % channels) * positions + Math.floor(i / channels)] ?? 0);
}

export function toWireTensor({ values, shape }: RawMap): WireTensor {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return { shape, dtype: 'float32', data: bytes.toString('base64') };
}

export function toWireBytes(values: Uint8Array, shape: readonly number[]): WireTensor {
  return { shape, dtype: 'uint8', data: Buffer.from(values).toString('base64') };
}
