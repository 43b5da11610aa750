import * as l10n from '@vscode/l10n';
import type { SaveFormat } from '../../../shared/edits/saveFormats';
import { fail } from '../../../shared/errors';
import { floatDigits } from '../../../shared/numberText';
import type { SaveInputParams } from '../../../shared/protocol';
import { nonFiniteName } from '../../../shared/wireNumbers';
import { writeNpy, writeNpyStrings } from '../../inputs/arrays/npy';
import type { LoadedInput } from '../../inputs/loadedInput';
import { writeFile } from '../../io/writeFile';
import { encodePng } from '../../render/png';
import type { Run } from '../../session/runs';
import { type GivenInput, givenInput } from './givenInput';

/** A text of so many values has about 50 MB. */
const MAX_TEXT_VALUES = 4_000_000;
/** Of an array whose rows are those of a table. */
const TABLE_RANK = 3;

/**
 * Writes one input of a run to a file that gives the same values when it is opened as an input. An array (.npy) has the values as the
 * model received them, everything else those before preprocessing; a picture as .png is rounded to bytes. Overwrites an existing file.
 * @throws Failure `not-applicable` for a format that the input does not have, `write-failed`, and those of `loadInputs`.
 */
export async function saveInput(run: Run, params: SaveInputParams): Promise<{ readonly path: string }> {
  const given = await givenInput(run, params);
  const { format, path } = params;
  const formats = formatsOf(given);
  if (!formats.includes(format)) {
    fail('not-applicable', l10n.t('This input cannot be saved as .{0}.', format), {
      remedy: l10n.t(
        'Save it as {0}.',
        formats.map((one) => `.${one}`).reduce((list, one) => l10n.t('{0} or {1}', list, one)),
      ),
    });
  }
  writeFile(path, contentOf(given, format));
  return { path };
}

/** What an input can be saved as so that it is read again as the same, the most natural one first. */
export function formatsOf({ loaded, shape, isBytes }: GivenInput): readonly SaveFormat[] {
  const { strings, image, names, values } = loaded;
  if (strings) return strings.length === 1 || !strings.some(isSeveralLines) ? ['txt', 'npy'] : ['npy'];
  if (image) return isBytes && shape.at(-1) !== 4 && shape[1] !== 4 ? ['png', 'npy'] : ['npy'];
  if (names?.kind === 'letters') return names.values.includes('') ? ['npy'] : ['fasta', 'npy'];
  if (shape.length > TABLE_RANK || values.length > MAX_TEXT_VALUES) return ['npy'];
  return shape.length === TABLE_RANK ? ['npy', 'csv'] : ['csv', 'npy', 'txt'];
}

const isSeveralLines = (text: string): boolean => /[\r\n]/.test(text);

function contentOf({ loaded, prepared, shape }: GivenInput, format: SaveFormat): Uint8Array {
  const { image, strings, names, values } = loaded;
  const letters = names?.values ?? [];
  switch (format) {
    case 'png':
      return image ? encodePng(image.rgb, image.width, image.height) : failNoPicture(loaded);
    case 'npy':
      return strings ? writeNpyStrings(strings, shape) : writeNpy(prepared.values, shape);
    case 'txt':
      return Buffer.from(
        strings ? `${strings.join('\n')}\n` : `${Array.from(values, numberCell).join('\n')}\n`,
      );
    case 'fasta':
      return Buffer.from(`>edited\n${letters.join('')}\n`);
    case 'csv':
      return Buffer.from(tableOf(values, shape, names?.kind === 'columns' ? letters : null));
  }
}

const failNoPicture = ({ shape }: LoadedInput): never =>
  fail(
    'internal',
    l10n.t('An input of shape ({0}) without a picture was to be saved as one.', shape.join(', ')),
  );

function tableOf(values: Float32Array, shape: readonly number[], header: readonly string[] | null): string {
  const columns = shape.at(-1) ?? 1;
  const lines = header === null ? [] : [header.map(textCell).join(',')];
  for (let from = 0; from < values.length; from += columns)
    lines.push(Array.from(values.subarray(from, from + columns), numberCell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

const numberCell = (value: number): string => nonFiniteName(value) ?? floatDigits(value);

/** A text of a table (RFC 4180). */
const textCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
