import { basename, extname, resolve } from 'node:path';
import { Argument, InvalidArgumentError, Option } from 'commander';
import { readFile } from '../server/io/openFile';
import { inputEdits } from '../shared/edits/editSchema';
import { type InputEdit, withEdits } from '../shared/edits/inputEdit';
import { fail } from '../shared/errors';
import { type InputSource, PREPROCESSINGS, type Preprocessing } from '../shared/inputs';
import { BACKENDS, type BackendName } from '../shared/model';
import { inputSource } from '../shared/sources/inputText';
import { RESIZES } from '../shared/sources/resizing';

export type BackendChoice = 'auto' | BackendName;

export const modelArgument = (): Argument =>
  new Argument(
    '<model>',
    'a .keras, .h5, .hdf5, model.json or saved_model.pb file, or the folder of a SavedModel',
  );

export const backendOption = (): Option =>
  new Option(
    '--backend <name>',
    'backend that computes the model: onnx is the fastest and, like wasm and cpu, needs no installation',
  )
    .choices(['auto', ...BACKENDS])
    .default('auto');

export const threadsOption = (): Option =>
  new Option('--threads <count>', 'threads of the backend wasm; 0: as many as suit the machine')
    .argParser((value: string): number => {
      if (!/^\d{1,3}$/.test(value)) throw new InvalidArgumentError('Allowed values: 0 to 999.');
      return Number(value);
    })
    .default(0);

export const inputOption = (): Option =>
  new Option(
    '--input <file>',
    'an input: PNG, JPEG, WebP, BMP, .npy, .npz (name an array with file.npz#array), FASTA (name a sequence with file.fasta#name), .csv or .json (choose a row with file.csv#2), random[:seed], or .txt for a model that takes text or token ids; repeat for more inputs',
  )
    .argParser((value: string, before: readonly InputSource[] | undefined) => [
      ...(before ?? []),
      inputSource(value),
    ])
    // The number of inputs is known only when the model is open; some models have none.
    .default([], 'none');

/** Shares the value of `--input`: both may alternate, in the order of the model's inputs. */
class TextOption extends Option {
  override attributeName(): string {
    return 'input';
  }
}

export const textOption = (): Option =>
  new TextOption(
    '--text <text>',
    'an input that is typed: a text, the letters of a sequence, or token ids; repeat, or mix with --input, for more inputs',
  ).argParser((text: string, before: readonly InputSource[] | undefined): readonly InputSource[] => [
    ...(before ?? []),
    { kind: 'text', text },
  ]);

/** Shares the value of `--input`, too: it changes the input before it. */
export const editOption = (): Option =>
  new TextOption(
    '--edit <file.json>',
    'edits of the input before it: an array as docs/extension.md describes it; the file of the input stays as it is',
  ).argParser((path: string, before: readonly InputSource[] = []): readonly InputSource[] => {
    const last = before.at(-1);
    if (last === undefined) throw new InvalidArgumentError('Give it after the --input that it changes.');
    return [...before.slice(0, -1), withEdits(last, editsIn(path))];
  });

const MAX_EDIT_BYTES = 16 * 1024 * 1024;

/** @throws Failure of a file that cannot be read, `bad-input` for anything but a list of edits. */
function editsIn(path: string): readonly InputEdit[] {
  const advice = { choose: 'Choose a JSON file with an array of edits.' };
  const text = readFile(path, MAX_EDIT_BYTES, advice).toString('utf8');
  const bad = (why: string): never =>
    fail('bad-input', `${basename(path)} ${why}.`, { remedy: advice.choose, subject: path });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad('is not valid JSON');
  }
  const parsed = inputEdits.safeParse(json);
  if (parsed.success) return parsed.data;
  return bad(`is no list of edits: see the value at "${parsed.error.issues[0]?.path.join('.') ?? ''}"`);
}

export const preprocessOption = (): Option =>
  new Option(
    '--preprocess <how>',
    `preprocessing of images and, if given explicitly, of arrays: ${PREPROCESSINGS.map((p) => p.name).join(', ')}; custom as custom:mean,..:scale,..`,
  ).argParser(preprocessing);

export const resizeOption = (): Option =>
  new Option(
    '--resize <how>',
    'how images are resized to the size that the model takes; default: as in the settings, or bilinear',
  ).choices([...RESIZES]);

export const customLayersOption = (): Option =>
  new Option(
    '--custom-layers <file>',
    'a JavaScript module that implements custom layers; repeat for more modules',
  ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), resolve(value)]);

export const weightsOption = (): Option =>
  new Option(
    '--weights <file>',
    'the weights to use in place of those of the model: a file of model.save_weights, whose layers and shapes must fit',
  );

export const costlyOption = (): Option =>
  new Option('--costly', 'run even if it is estimated to take over a minute or very much memory');

export const jsonOption = (): Option => new Option('--json', 'print one JSON document');

function preprocessing(value: string): Preprocessing {
  const [name, mean, scale] = value.split(':');
  const found = PREPROCESSINGS.find((p) => p.name === name);
  if (!found)
    throw new InvalidArgumentError(`Allowed values: ${PREPROCESSINGS.map((p) => p.name).join(', ')}.`);
  if (found.name !== 'custom') return { name: found.name };
  return { name: 'custom', mean: numbers(mean ?? '0'), scale: numbers(scale ?? '1') };
}

function numbers(list: string): number[] {
  return list.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || Number.isNaN(value))
      throw new InvalidArgumentError(`"${part}" is not a number.`);
    return value;
  });
}

/** Reads the path of a file to write, whose ending says what it becomes. @param endings such as `.png` */
export const fileEndingIn =
  (...endings: readonly string[]) =>
  (path: string): string => {
    if (endings.includes(extname(path).toLowerCase())) return path;
    throw new InvalidArgumentError(`Give a file that ends in ${endings.join(' or ')}.`);
  };
