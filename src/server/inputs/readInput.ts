import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { type TextFormat, textFormatOf } from '../../shared/sources/inputFiles';
import { type Advice, readFile } from '../io/openFile';
import { arrayInput, countNeeded } from './arrays/arrayInput';
import { type CountNeeded, parseNpy } from './arrays/npy';
import { readNpz } from './arrays/npz';
import { editedStrings } from './editedInput';
import { decodeImage, imageSize } from './images/decodeImage';
import { imageInput, imageShape } from './images/imageInput';
import { MAX_INPUT_BYTES } from './inputLimits';
import type { InputSpec, LoadedInput } from './loadedInput';
import { randomInput } from './randomInput';
import { type InputContent, isImage, sniffInput } from './sniffInput';
import { parseCsv } from './text/csv';
import { looksLikeFasta } from './text/fasta';
import { jsonInput } from './text/jsonInput';
import { lettersInput } from './text/lettersInput';
import { numbersInput } from './text/numbersInput';
import { fastaStringInput, jsonStringInput, stringArrayInput, textInput } from './text/stringInput';
import { rowsFor, tableInput } from './text/tableInput';
import { MAX_TABLE_BYTES, textOf } from './text/textFile';
import { typedInput } from './text/typedInput';

export type { DisplayImage, InputSpec, LoadedInput } from './loadedInput';

const READABLE = l10n.t(
  'Choose a PNG, JPEG, WebP or BMP image, a .npy or .npz array, a FASTA file, a .csv or .json table, or random values.',
);
const INPUT_ADVICE: Advice = {
  choose: READABLE,
  shrink: l10n.t('Save only the sample that you want explained, e.g. numpy.save("sample.npy", x[:1]).'),
};

type Loaded = Omit<LoadedInput, 'source'>;

function notReadable(file: string): never {
  return fail('bad-input', l10n.t('{0} is in no format that Layerglass reads.', basename(file)), {
    remedy: READABLE,
    subject: file,
  });
}

/** The text format of a file by its name or its first character; "BM", which starts a BMP image, also starts text. */
export function textFormat(bytes: Buffer, content: InputContent, file: string): TextFormat | null {
  if (content !== 'unknown' && content !== 'bmp') return null;
  return textFormatOf(file) ?? (content === 'unknown' && looksLikeFasta(bytes) ? 'fasta' : null);
}

async function readFileInput(
  file: string,
  member: string | undefined,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Promise<Loaded> {
  const bytes = readFile(file, MAX_INPUT_BYTES, INPUT_ADVICE);
  const content = sniffInput(bytes);
  const format = textFormat(bytes, content, file);
  if (format !== null) return readTextFormat(format, bytes, file, member, spec, preprocessing);
  if (isImage(content)) {
    imageShape(imageSize(bytes, file), file, spec);
    return imageInput(await decodeImage(bytes, file), file, spec, preprocessing);
  }
  const taken: CountNeeded = (header) => countNeeded(header, file, spec);
  if (content === 'npy') return arrayInput(parseNpy(bytes, file, taken), file, spec, preprocessing);
  if (content === 'zip') {
    const array = await readNpz(bytes, file, member, spec.name, taken);
    return arrayInput(array, `${file}:${array.member}`, spec, preprocessing);
  }
  return notReadable(file);
}

function readTextFormat(
  format: TextFormat,
  bytes: Buffer,
  file: string,
  member: string | undefined,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Loaded {
  if (format === 'fasta') return lettersInput(bytes, file, member, spec);
  const text = format === 'table' ? textOf(bytes, file, MAX_TABLE_BYTES) : textOf(bytes, file);
  if (format === 'json') return jsonInput(text, file, member, spec, preprocessing);
  if (format === 'text') return numbersInput(text, file, spec, preprocessing);
  return tableInput(parseCsv(text, file, rowsFor(spec, member, file)), file, spec, preprocessing);
}

/** For a model that takes strings: an array if the first bytes are those of one, else text. */
async function readStrings(file: string, member: string | undefined, spec: InputSpec): Promise<Loaded> {
  const bytes = readFile(file, MAX_INPUT_BYTES, INPUT_ADVICE);
  const content = sniffInput(bytes);
  const taken: CountNeeded = (header) => countNeeded(header, file, spec);
  if (content === 'npy') return stringArrayInput(parseNpy(bytes, file, taken), file, spec);
  if (content === 'zip') {
    const array = await readNpz(bytes, file, member, spec.name, taken);
    return stringArrayInput(array, `${file}:${array.member}`, spec);
  }
  const format = textFormatOf(file);
  if (format === 'fasta') return fastaStringInput(bytes, file, member, spec);
  const text = textOf(bytes, file);
  return format === 'json' ? jsonStringInput(text, file, spec) : textInput(text, file, spec);
}

/** Strings with the user's edits; everything else has them already. */
const withStrings = (loaded: Loaded, spec: InputSpec): Loaded =>
  loaded.strings ? { ...loaded, strings: editedStrings(loaded.strings, spec) } : loaded;

/**
 * Reads one model input: an image (see `imageInput`), a .npy or .npz array (see `arrayInput`, `readNpz`), a sequence of a FASTA
 * file (see `lettersInput`), a table (see `tableInput`, `jsonInput`), a text of numbers (see `numbersInput`), text for a model that takes
 * strings (see `textInput`), a typed text (see `typedInput`) or seeded random values (see `randomInput`). Binary files and FASTA are detected by content, other text by
 * its name. What the user changed of it (`spec.edits`) is applied before preprocessing.
 *
 * @param preprocessing applied to the values; none by default (images are 0..255).
 * @throws Failure `file-not-found`, `file-unreadable`, `empty-file`, `truncated`, `bad-input`, `wrong-shape`,
 *   `not-applicable` or `too-large`, naming the file.
 */
export async function readInput(
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing | undefined,
): Promise<LoadedInput> {
  if (spec.dtype === 'string') {
    if (source.kind === 'file')
      return { ...withStrings(await readStrings(source.path, source.member, spec), spec), source };
    if (source.kind === 'random') {
      return fail(
        'not-applicable',
        l10n.t('Input "{0}" takes strings, which cannot be made up.', spec.name),
        {
          remedy: l10n.t('Type a text, or choose a .txt file or an array of strings that NumPy saved.'),
          subject: spec.name,
        },
      );
    }
  }
  const chosen = preprocessing ?? { name: 'none' as const };
  if (source.kind === 'text') return { ...withStrings(typedInput(source.text, spec, chosen), spec), source };
  const loaded =
    source.kind === 'random'
      ? randomInput(source.seed, spec, chosen)
      : await readFileInput(source.path, source.member, spec, chosen);
  return { ...loaded, source };
}
