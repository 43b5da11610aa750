import { join } from 'node:path';
import { type BatchMap, type BatchRow, TOP_PREDICTIONS } from '../../shared/batch/batchRow';
import { Failure, type Result } from '../../shared/errors';
import { DEFAULT_COLOUR_MAP } from '../../shared/maps/colourMaps';
import type { Thumbnail } from '../../shared/results/gallery';
import { kindOf, marginOf } from '../answers/gallery/predictInputs';
import { thumbnailOf } from '../answers/gallery/thumbnails';
import { heatMapImages, mapFilePath, renderHeatMap } from '../answers/heatMapFiles';
import { predictions, type Scores } from '../explain/score';
import { writeAllOrNone } from '../io/writeFile';
import { encodePngAside } from '../render/png';
import type { RgbImage } from '../render/rgbImage';
import type { BatchInput } from './batchInputs';
import type { BatchRun } from './batchRun';
import type { ExplainedInput, ExplainedMap } from './explainInputs';
import { fileStem } from './pictureNames';
import { reasonOf } from './reasonOf';

const STYLE = { colourMap: DEFAULT_COLOUR_MAP, opacity: 0.5 };
/** Sides of the pictures of inputs, in pixels. */
export const MAX_SIDE = 256;

/** Pictures of an input that are written together, before its row. */
type Pictures = Map<string, Promise<Uint8Array> | Uint8Array>;

/** A row whose pictures are drawn, but not on disk. */
export interface DrawnRow {
  readonly row: BatchRow;
  readonly pictures: ReadonlyMap<string, Promise<Uint8Array> | Uint8Array>;
}

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

/** The row of an input from its scores, and a thumbnail where there is one. @throws Failure that ends the batch */
export function scoredRow(
  batch: BatchRun,
  input: BatchInput,
  scores: Result<Scores>,
  thumbnail: Thumbnail | undefined,
  seconds: number,
): DrawnRow {
  const pictures: Pictures = new Map();
  if (!scores.ok) return { row: failedRow(input, reasonOf(new Failure(scores.error)), seconds), pictures };
  const shown = shownInput(input, thumbnail, pictures);
  return { row: { ...predictedRow(input, scores.value, batch.labels), ...shown, seconds }, pictures };
}

/** The row of an explained input, with its pictures. */
export function explainedRow(
  batch: BatchRun,
  input: BatchInput,
  { inputs, scores, maps }: ExplainedInput,
  seconds: number,
): DrawnRow {
  const pictures: Pictures = new Map();
  const drawn = maps.map((map) => drawnMap(input, map, pictures));
  const shown = shownInput(input, thumbnailOf(inputs, MAX_SIDE), pictures);
  return { row: { ...predictedRow(input, scores, batch.labels), ...shown, maps: drawn, seconds }, pictures };
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

function drawnMap({ name }: BatchInput, { explained, ...map }: ExplainedMap, pictures: Pictures): BatchMap {
  const stem = `maps/${map.method}/${fileStem(name)}`;
  const overlays: string[] = [];
  const heatMaps: string[] = [];
  for (const [index, one] of (explained?.maps ?? []).entries()) {
    if (!explained) continue;
    // Words, letters and columns are drawn with their names.
    const format = one.drawing.names === null ? 'overlay.png' : 'svg';
    const overlay = mapFilePath(`${stem}.${format}`, index, explained.maps.length);
    const heatMap = mapFilePath(`${stem}.map.png`, index, explained.maps.length);
    const images = heatMapImages(explained, one, STYLE);
    pictures.set(
      overlay,
      format === 'svg' ? renderHeatMap(explained, format, STYLE, index) : png(images[format]()),
    );
    pictures.set(heatMap, png(images['map.png']()));
    overlays.push(overlay);
    heatMaps.push(heatMap);
  }
  return { ...map, overlays, heatMaps };
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
  const rgb = new Uint8Array(Buffer.from(thumbnail.image.data, 'base64'));
  const picture = `inputs/${fileStem(name)}.png`;
  pictures.set(picture, png({ width, height, rgb }));
  return { picture, text: null };
}

/** Compressed while the next inputs are computed. */
const png = ({ rgb, width, height }: RgbImage): Promise<Uint8Array> => encodePngAside(rgb, width, height);

/** Writes the pictures of a row. @throws Failure `write-failed` */
export async function writePictures(folder: string | null, { pictures }: DrawnRow): Promise<void> {
  if (folder === null || pictures.size === 0) return;
  const files = await Promise.all(
    [...pictures].map(async ([path, bytes]) => [join(folder, path), await bytes] as const),
  );
  writeAllOrNone((add) => {
    for (const [path, bytes] of files) add(path, bytes);
  });
}
