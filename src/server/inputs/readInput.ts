import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { type Advice, readFile } from '../io/openFile';
import { arrayInput, countNeeded } from './arrays/arrayInput';
import { type CountNeeded, parseNpy } from './arrays/npy';
import { readNpz } from './arrays/npz';
import { decodeImage, imageSize } from './images/decodeImage';
import { imageInput, imageShape } from './images/imageInput';
import { MAX_INPUT_BYTES } from './inputLimits';
import type { InputSpec, LoadedInput } from './loadedInput';
import { randomInput } from './randomInput';
import { isImage, sniffInput } from './sniffInput';
import { textArrayInput, textFileInput } from './textInput';

export type { DisplayImage, InputSpec, LoadedInput } from './loadedInput';

const READABLE = 'Choose a PNG, JPEG, WebP or BMP image, a .npy or .npz array, or random values.';
const INPUT_ADVICE: Advice = {
  choose: READABLE,
  shrink: 'Save only the sample that you want explained, e.g. numpy.save("sample.npy", x[:1]).',
};
/** 16 MB: longer than any novel. */
const MAX_TEXT_BYTES = 2 ** 24;

const readWhole = (file: string): Buffer => readFile(file, MAX_INPUT_BYTES, INPUT_ADVICE);

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
  const bytes = readWhole(file);
  const content = sniffInput(bytes);
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

/** For a model that takes strings: an array if the first bytes are those of one, else text. */
async function readText(
  file: string,
  member: string | undefined,
  spec: InputSpec,
): Promise<Omit<LoadedInput, 'source'>> {
  const bytes = readWhole(file);
  const content = sniffInput(bytes);
  const taken: CountNeeded = (header) => countNeeded(header, file, spec);
  if (content === 'npy') return textArrayInput(parseNpy(bytes, file, taken), file, spec);
  if (content === 'zip') {
    const array = await readNpz(bytes, file, member, spec.name, taken);
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
 * Reads one model input: an image (see `imageInput`), a .npy or .npz array (see `arrayInput`, `readNpz`), text for a
 * model that takes strings (see `textInput`) or seeded random values (see `randomInput`). Files are detected by content.
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
