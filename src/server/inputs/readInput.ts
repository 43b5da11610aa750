import { basename, extname } from 'node:path';
import { Failure, fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { arrayInput } from './arrayInput';
import { readInputFile } from './inputFile';
import type { InputSpec, LoadedInput } from './loadedInput';
import { type NpyArray, parseNpy } from './npy';
import { listOf, openNpz } from './npz';
import { pictureInput } from './pictureInput';
import { randomInput } from './randomInput';
import { isPicture, sniffInput } from './sniffInput';

/**
 * Makes one example for one model input from a picture (PNG, JPEG, WebP, BMP), a .npy or .npz file, told apart by
 * content, or from a seed.
 *
 * @param preprocessing left out: none.
 * @returns float32 values with a batch axis of 1.
 * @throws a `Failure` whose subject is the file: `file-not-found`, `file-unreadable`, `empty-file`, `too-large`,
 *   `truncated`, `wrong-shape`, or `bad-input`.
 */
export async function readInput(
  source: InputSource,
  spec: InputSpec,
  preprocessing: Preprocessing = { name: 'none' },
): Promise<LoadedInput> {
  if (spec.dtype === 'string') {
    fail('bad-input', `The input '${spec.name}' takes text, which Layerglass does not feed to models.`, {
      remedy: 'Open the part of the model that follows its text vectorization.',
    });
  }
  if (source.kind === 'random') return randomInput(source.seed, source, spec, preprocessing);
  const { path, member } = source;
  try {
    const bytes = await readInputFile(path);
    const content = sniffInput(bytes);
    if (isPicture(content)) return await pictureInput(bytes, path, source, spec, preprocessing);
    const name = basename(path);
    if (content === 'npy') return arrayInput(parseNpy(bytes, name), name, source, spec, preprocessing);
    if (content === 'zip') {
      const { array, label } = await fromNpz(bytes, name, member, spec);
      return arrayInput(array, label, source, spec, preprocessing);
    }
  } catch (error) {
    throw withSubject(error, path);
  }
  fail('bad-input', `${basename(path)} is ${describe(path)}, which is no input that Layerglass reads.`, {
    remedy: 'Choose a PNG, JPEG, WebP or BMP picture, or save the values with numpy.save as .npy.',
    subject: path,
  });
}

/** The array that was asked for, else the only one, else the one named like the input. */
async function fromNpz(
  bytes: Buffer,
  name: string,
  member: string | undefined,
  spec: InputSpec,
): Promise<{ array: NpyArray; label: string }> {
  const npz = await openNpz(bytes, name);
  const [only, ...others] = npz.names;
  const chosen =
    member ?? (others.length === 0 ? only : npz.names.find((candidate) => candidate === spec.name));
  if (chosen === undefined) {
    const message = only === undefined ? 'holds no arrays' : `holds ${npz.names.length} arrays`;
    fail('bad-input', `${name} ${message}${only === undefined ? '' : ' and none was chosen'}.`, {
      remedy: listOf(npz.names),
    });
  }
  return { array: await npz.read(chosen), label: `${name} (${chosen})` };
}

function withSubject(error: unknown, path: string): unknown {
  if (!(error instanceof Failure)) return error;
  return new Failure({ ...error.error, subject: path });
}

const KNOWN_ENDINGS: Readonly<Record<string, string>> = {
  '.csv': 'a table',
  '.json': 'a JSON file',
  '.txt': 'a text file',
  '.gif': 'a GIF picture',
  '.tif': 'a TIFF picture',
  '.tiff': 'a TIFF picture',
};

function describe(path: string): string {
  return KNOWN_ENDINGS[extname(path).toLowerCase()] ?? 'a file of an unknown kind';
}
