import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { arrayInput } from './arrayInput';
import { decodeImage } from './decodeImage';
import { MAX_INPUT_BYTES } from './inputLimits';
import type { InputSpec, LoadedInput } from './loadedInput';
import { parseNpy } from './npy';
import { readNpz } from './npz';
import { pictureInput } from './pictureInput';
import { randomInput } from './randomInput';
import { isPicture, sniffInput } from './sniffInput';
import { textArrayInput, textFileInput } from './textInput';

export type { DisplayImage, InputSpec, LoadedInput } from './loadedInput';

const READABLE = 'Choose a PNG, JPEG, WebP or BMP picture, a .npy or .npz array, or random values.';
/** No novel is longer. */
const MAX_TEXT_BYTES = 2 ** 24;

function cannotOpen(file: string, thrown: unknown): never {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return fail('file-not-found', `There is no file ${basename(file)} at ${file}.`, {
      remedy: 'Choose the input again.',
      subject: file,
    });
  }
  return fail('file-unreadable', `${basename(file)} cannot be read (${code || String(thrown)}).`, {
    remedy: 'Check that it is a file and that you may read it.',
    subject: file,
  });
}

async function readWhole(file: string): Promise<Buffer> {
  // Without O_NONBLOCK (which Windows has not) opening a named pipe would wait for a writer.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, flags).catch((thrown: unknown) => cannotOpen(file, thrown));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return cannotOpen(file, 'it is no file');
    if (stat.size === 0) {
      return fail('empty-file', `${basename(file)} is empty.`, { remedy: READABLE, subject: file });
    }
    if (stat.size > MAX_INPUT_BYTES) {
      return fail('too-large', `${basename(file)} has ${stat.size} bytes; the limit is ${MAX_INPUT_BYTES}.`, {
        remedy: 'Save only the sample that you want explained, e.g. numpy.save("sample.npy", x[:1]).',
        subject: file,
      });
    }
    return await handle.readFile().catch((thrown: unknown) => cannotOpen(file, thrown));
  } finally {
    await handle.close();
  }
}

function notReadable(file: string): never {
  const text = /\.(csv|tsv|json|txt|fasta)$/i.exec(file);
  const what =
    text === null ? 'in no format that Layerglass reads' : `a ${text[0]} file, which is not read yet`;
  return fail('bad-input', `${basename(file)} is ${what}.`, { remedy: READABLE, subject: file });
}

async function readFileInput(
  file: string,
  member: string | undefined,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Promise<Omit<LoadedInput, 'source'>> {
  const bytes = await readWhole(file);
  const content = sniffInput(bytes);
  if (isPicture(content)) return pictureInput(await decodeImage(bytes, file), file, spec, preprocessing);
  if (content === 'npy') return arrayInput(parseNpy(bytes, file), file, spec, preprocessing);
  if (content === 'zip') {
    const array = await readNpz(bytes, file, member, spec.name);
    return arrayInput(array, `${file}:${array.member}`, spec, preprocessing);
  }
  return notReadable(file);
}

/** For a model that takes strings: an array of them by its first bytes, and everything else is text. */
async function readText(
  file: string,
  member: string | undefined,
  spec: InputSpec,
): Promise<Omit<LoadedInput, 'source'>> {
  const bytes = await readWhole(file);
  const content = sniffInput(bytes);
  if (content === 'npy') return textArrayInput(parseNpy(bytes, file), file, spec);
  if (content === 'zip') {
    const array = await readNpz(bytes, file, member, spec.name);
    return textArrayInput(array, `${file}:${array.member}`, spec);
  }
  if (bytes.length > MAX_TEXT_BYTES) {
    fail(
      'too-large',
      `${basename(file)} has ${bytes.length} bytes; the limit for a text is ${MAX_TEXT_BYTES}.`,
      {
        remedy: 'Give the model a shorter text.',
        subject: file,
      },
    );
  }
  return textFileInput(bytes, file, spec);
}

/**
 * Reads one model input: a picture (see `pictureInput`), a .npy or .npz array (see `arrayInput`, `readNpz`), text for a
 * model that takes strings (see `textInput`) or seeded random values (see `randomInput`). Files are told apart by content.
 *
 * @param preprocessing applied to the values; left out, they stay as they are (pictures 0..255).
 * @throws Failure `file-not-found`, `file-unreadable`, `empty-file`, `truncated`, `bad-input`, `wrong-shape`,
 *   `not-applicable` or `too-large`, naming the file.
 */
export async function readInput(
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing | undefined,
): Promise<LoadedInput> {
  if (spec.dtype === 'string') {
    if (source.kind === 'file') return { ...(await readText(source.path, source.member, spec)), source };
    return fail('not-applicable', `Input "${spec.name}" takes strings, which cannot be made up.`, {
      remedy: 'Choose a .txt file, or an array of strings that NumPy saved.',
      subject: spec.name,
    });
  }
  const chosen = preprocessing ?? { name: 'none' as const };
  const loaded =
    source.kind === 'random'
      ? randomInput(source.seed, spec, chosen)
      : await readFileInput(source.path, source.member, spec, chosen);
  return { ...loaded, source };
}
