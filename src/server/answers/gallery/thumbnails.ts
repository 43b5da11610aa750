import * as l10n from '@vscode/l10n';
import { toResult } from '../../../shared/errors';
import type { ThumbnailsParams } from '../../../shared/protocol';
import type { Thumbnail } from '../../../shared/results/gallery';
import type { DisplayImage, LoadedInput } from '../../inputs/loadedInput';
import type { PartReader } from '../../inputs/partReader';
import { type Control, checkpoint } from '../../run/control';
import { loadInputs } from '../../session/modelInputs';
import type { OpenModel } from '../../session/openModels';
import { toWireBytes } from '../explanation';
import { examplesIn } from './examplesIn';

/** Characters of a text, and cells of a row. */
const MAX_TEXT = 240;
const MAX_CELLS = 12;

/**
 * What some inputs look like, in their order: the first image of an example, else its beginning as text, else its values as greys.
 * @throws Failure `cancelled`, `bad-input` as `examplesIn`
 */
export async function thumbnails(
  model: OpenModel,
  { inputs, preprocessing, side }: ThumbnailsParams,
  reader: PartReader,
  control: Control,
): Promise<Thumbnail[]> {
  const found: Thumbnail[] = [];
  const { resize } = preprocessing;
  const reading = { name: 'none' as const, ...(resize && { resize }) };
  try {
    for (const sources of examplesIn(model, inputs)) {
      // Hovers and other requests come in between.
      await checkpoint(control, 0, l10n.t('Reading inputs'));
      const loaded = await toResult(() => loadInputs(model, sources, reading, { read: reader.read }));
      found.push(loaded.ok ? thumbnailOf(loaded.value, side) : { kind: 'failed', why: loaded.error.message });
    }
  } finally {
    reader.rest();
  }
  return found;
}

/** What one example looks like. @param side at most so many pixels wide and high */
export function thumbnailOf(example: readonly LoadedInput[], side: number): Thumbnail {
  const shown = example.find(({ image }) => image !== null) ?? example[0];
  if (shown === undefined) return { kind: 'text', text: '' };
  if (shown.image) return imageOf(shown.image, side);
  const text = textOf(shown);
  return text === null ? imageOf(greys(shown), side) : { kind: 'text', text };
}

/** The beginning of a text, a sequence or a row; `null` for other values. */
function textOf({ strings, names, values }: LoadedInput): string | null {
  if (strings) return strings.join(' ').slice(0, MAX_TEXT);
  if (names?.kind === 'columns') {
    const cells = names.values.slice(0, MAX_CELLS).map((name, i) => `${name} ${shortNumber(values[i] ?? 0)}`);
    return cells.join('\n').slice(0, MAX_TEXT);
  }
  if (names?.kind === 'letters') return names.values.slice(0, MAX_TEXT).join('');
  return null;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(4)));

/** Values as greys from the smallest to the largest: time from left to right, channels from top to bottom. */
function greys({ values, shape }: LoadedInput): DisplayImage {
  const sizes = shape.slice(1);
  const height = sizes.length > 1 ? (sizes.at(-1) ?? 1) : 1;
  const width = Math.max(1, values.length / Math.max(1, height));
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const scale = max > min ? 255 / (max - min) : 0;
  const rgb = new Uint8Array(width * height * 3);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const value = values[x * height + y] ?? 0;
      rgb.fill(
        Number.isFinite(value) ? (value - min) * scale : 0,
        (y * width + x) * 3,
        (y * width + x + 1) * 3,
      );
    }
  }
  return { width, height, rgb };
}

/** At most `side` pixels wide and high: each is the mean of those that it stands for. */
function imageOf({ width, height, rgb }: DisplayImage, side: number): Thumbnail {
  const [columns, rows] = [drawn(width, height, side), drawn(height, width, side)];
  if (columns === width && rows === height)
    return { kind: 'image', image: toWireBytes(rgb, [rows, columns, 3]) };
  const out = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = span(y, rows, height);
    for (let x = 0; x < columns; x++) {
      const [left, right] = span(x, columns, width);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++) sum += rgb[(row * width + column) * 3 + c] ?? 0;
        out[(y * columns + x) * 3 + c] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { kind: 'image', image: toWireBytes(out, [rows, columns, 3]) };
}

const drawn = (size: number, other: number, side: number): number =>
  Math.max(1, Math.min(size, Math.round((side * size) / Math.max(size, other))));

function span(at: number, of: number, size: number): readonly [number, number] {
  const from = Math.floor((at * size) / of);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * size) / of))];
}
