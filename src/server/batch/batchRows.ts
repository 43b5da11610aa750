import { join } from 'node:path';
import { type BatchMap, type BatchRow, type BatchTrust, TOP_PREDICTIONS } from '../../shared/batch/batchRow';
import { evidenceShares } from '../../shared/batch/evidence';
import { type ErrorKind, Failure, type Result, toError } from '../../shared/errors';
import { DEFAULT_COLOUR_MAP } from '../../shared/maps/colourMaps';
import type { MethodId } from '../../shared/methods';
import type { Thumbnail } from '../../shared/results/gallery';
import type { Trust } from '../../shared/results/trust';
import { type DrawableMap, explainRun } from '../answers/explanation';
import { kindOf, marginOf } from '../answers/gallery/predictInputs';
import { thumbnailOf } from '../answers/gallery/thumbnails';
import { mapFilePath, renderHeatMap } from '../answers/heatMapFiles';
import { trustRun } from '../answers/trust';
import { predictions, readScores, type Scores } from '../explain/score';
import { writeAllOrNone } from '../io/writeFile';
import { encodePng } from '../render/png';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';
import type { BatchInput } from './batchInputs';
import type { BatchRun } from './batchRun';
import { fileStem } from './pictureNames';

const STYLE = { colourMap: DEFAULT_COLOUR_MAP, opacity: 0.5 };
/** Sides of the pictures of inputs, in pixels. */
export const MAX_SIDE = 256;

/** Failures that no other input could escape; any other one is that of its input. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'cancelled',
  'compute-ended',
  'backend',
  'write-failed',
  'closed',
]);

/** @throws the failure itself where it is not that of one input */
export function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  if (FATAL.has(error.kind)) throw thrown;
  return error.message;
}

/** Pictures of an input that are written together, before its row. */
type Pictures = Map<string, Uint8Array>;

/** The row of an input that failed. */
export const failedRow = ({ at, name, truth }: BatchInput, error: string, seconds: number): BatchRow => ({
  at,
  name,
  kind: null,
  predictions: [],
  margin: null,
  truth,
  correct: null,
  nonFinite: 0,
  picture: null,
  text: null,
  maps: [],
  seconds,
  content: null,
  error,
});

/** The row of an input from its scores; a thumbnail, where there is one, is written. */
export function scoredRow(
  batch: BatchRun,
  input: BatchInput,
  scores: Result<Scores>,
  thumbnail: Thumbnail | undefined,
  seconds: number,
): BatchRow {
  if (!scores.ok) return failedRow(input, reasonOf(new Failure(scores.error)), seconds);
  const pictures: Pictures = new Map();
  const shown = shownInput(input, thumbnail, pictures);
  writePictures(batch.out, pictures);
  return { ...predictedRow(input, scores.value, batch.labels), ...shown, seconds };
}

/** Explains one run by each method, writes the pictures, and gives the row. @throws Failure that ends the batch */
export async function explainedRow(
  batch: BatchRun,
  input: BatchInput,
  run: Run,
  control: Control,
): Promise<BatchRow> {
  const scores = await readScores(run.trace, batch.output);
  const pictures: Pictures = new Map();
  const maps: BatchMap[] = [];
  for (const method of batch.methods) maps.push(await mapOf(batch, input, run, method, pictures, control));
  const shown = shownInput(input, thumbnailOf(run.inputs, MAX_SIDE), pictures);
  writePictures(batch.out, pictures);
  return { ...predictedRow(input, scores, batch.labels), ...shown, maps };
}

function predictedRow(input: BatchInput, scores: Scores, labels: readonly string[]): BatchRow {
  const kind = kindOf(scores);
  const found = predictions(scores, labels).slice(0, TOP_PREDICTIONS);
  const [best] = found;
  const { truth } = input;
  return {
    ...failedRow(input, '', 0),
    kind,
    predictions: found.map(({ index, label, logit, probability }) => ({ index, label, logit, probability })),
    margin: best ? marginOf(scores, best.index, best.probability) : null,
    correct: truth === null || kind === 'number' || best === undefined ? null : best.index === truth,
    nonFinite: scores.values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0),
    error: null,
  };
}

async function mapOf(
  batch: BatchRun,
  { name, sources }: BatchInput,
  run: Run,
  method: MethodId,
  pictures: Pictures,
  control: Control,
): Promise<BatchMap> {
  try {
    const params = {
      modelId: run.model.id,
      inputs: sources,
      preprocessing: batch.preprocessing,
      method,
      options: batch.options[method] ?? {},
      layer: 'auto',
      target: { index: 'auto', output: batch.output },
      labels: batch.labels,
      insist: batch.insist,
    } as const;
    const explained = await explainRun(run, params, control);
    const { header, maps, found } = explained;
    const trust = batch.trust ? keptTrust(await trustRun(run, params, control, found)) : null;
    const stem = `maps/${method}/${fileStem(name)}`;
    const overlays: string[] = [];
    const heatMaps: string[] = [];
    for (const [index, map] of maps.entries()) {
      // Words, letters and columns are drawn with their names.
      const format = map.drawing.names === null ? 'overlay.png' : 'svg';
      const overlay = mapFilePath(`${stem}.${format}`, index, maps.length);
      const heatMap = mapFilePath(`${stem}.map.png`, index, maps.length);
      pictures.set(overlay, renderHeatMap(explained, format, STYLE, index));
      pictures.set(heatMap, renderHeatMap(explained, 'map.png', STYLE, index));
      overlays.push(overlay);
      heatMaps.push(heatMap);
    }
    const [first] = maps;
    const evidence =
      first && hasPlaces(run, first)
        ? evidenceShares(first.display.values, first.display.shape, header.display === 'signed')
        : null;
    return { method, overlays, heatMaps, evidence, trust, error: null };
  } catch (thrown) {
    return { method, overlays: [], heatMaps: [], evidence: null, trust: null, error: reasonOf(thrown) };
  }
}

/** Without what is the same for all inputs: how it was measured. */
function keptTrust({ notes: _notes, randomisationStages: _stages, ...kept }: Trust): BatchTrust {
  return { ...kept, reasons: [...kept.reasons] };
}

/** Whether positions of the map are places: those of an image, a volume or a sequence, not features in any order. */
function hasPlaces({ inputs }: Run, { drawing: { onInput, names, inputIndex } }: DrawableMap): boolean {
  const rank = inputs[inputIndex]?.shape.length ?? 0;
  return onInput && (rank > 2 || names?.kind === 'tokens' || names?.kind === 'letters');
}

/** What the input looks like, as a picture or a text. */
function shownInput(
  { name }: BatchInput,
  thumbnail: Thumbnail | undefined,
  pictures: Pictures,
): Pick<BatchRow, 'picture' | 'text'> {
  if (thumbnail?.kind === 'text') return { picture: null, text: thumbnail.text };
  if (thumbnail?.kind !== 'image') return { picture: null, text: null };
  const [height = 1, width = 1] = thumbnail.image.shape;
  const picture = `inputs/${fileStem(name)}.png`;
  pictures.set(
    picture,
    encodePng(Uint8Array.from(Buffer.from(thumbnail.image.data, 'base64')), width, height),
  );
  return { picture, text: null };
}

/** @throws Failure `write-failed` */
function writePictures(folder: string | null, pictures: Pictures): void {
  if (folder === null || pictures.size === 0) return;
  writeAllOrNone((add) => {
    for (const [path, bytes] of pictures) add(join(folder, path), bytes);
  });
}
