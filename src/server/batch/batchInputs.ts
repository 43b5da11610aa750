import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import { classCount } from '../../shared/labels/foundLabels';
import { sidecarPath } from '../../shared/sidecar';
import {
  ARRAY_FILES,
  FASTA_FILES,
  IMAGE_FILES,
  TABLE_FILES,
  TEXT_FILES,
} from '../../shared/sources/inputFiles';
import { listFiles } from '../inputs/listing/listFiles';
import { classOf, trueClasses } from '../inputs/listing/trueClasses';
import { statOf } from '../io/openFile';
import { type Control, checkpoint } from '../run/control';
import { inputSpecs } from '../session/modelInputs';
import { type OpenModel, settingsFile } from '../session/openModels';
import { labelFor, readTrueLabels } from './trueLabels';

/** One input of a batch, in the order of the list. */
export interface BatchInput {
  readonly at: number;
  /** As `BatchRow.name`. */
  readonly name: string;
  /** One per input of the model; empty where `error` says why there is none. */
  readonly sources: readonly InputSource[];
  readonly truth: number | null;
  readonly error: string | null;
}

export interface BatchInputs {
  readonly inputs: readonly BatchInput[];
  /** Sentences about what is left out, and about labels that are not used. */
  readonly notices: readonly string[];
}

export interface InputsRequest {
  /** Absolute path of a folder or a file. */
  readonly input: string;
  /** Nothing in this folder is an input. */
  readonly out: string | null;
  /** Class names of the output. */
  readonly labels: readonly string[];
  readonly output: number;
  /** A table of true classes, which comes before what folders and files say. */
  readonly truths: string | null;
}

/** Inputs of one batch. */
const MAX_BATCH_INPUTS = 1_000_000;

/** An image model takes no table, so that a table beside its images, such as that of their labels, is none of its inputs. */
const IMAGES = [...IMAGE_FILES, ...ARRAY_FILES];
const ALL = [...IMAGES, ...FASTA_FILES, ...TABLE_FILES, ...TEXT_FILES, 'json'];
const IMAGE_RANK = 4;
/** What the settings of models end with. */
const SIDECAR = sidecarPath('');

/**
 * The inputs in a folder or a file, with their true classes. A file that holds none is an input that failed.
 * @throws Failure `file-not-found`, `bad-input` where there is no input, `cancelled`, and those of the table of true classes
 */
export async function batchInputs(
  model: OpenModel,
  { input, out, labels, output, truths }: InputsRequest,
  control: Control,
): Promise<BatchInputs> {
  if (statOf(input) === null) {
    return fail('file-not-found', l10n.t('{0} does not exist.', input), {
      subject: input,
      remedy: l10n.t('Give a folder of inputs, an .npz file or a table.'),
    });
  }
  const specs = inputSpecs(model);
  const { shape, dtype } = model.graph.summary.outputs[output] ?? { shape: null, dtype: 'string' };
  const classes = { names: labels, count: dtype === 'string' ? null : classCount(shape) };
  const given = truths === null ? null : readTrueLabels(truths);
  const found = await listFiles({
    paths: [input],
    extensions: specs.length === 1 && specs[0]?.shape?.length === IMAGE_RANK ? IMAGES : ALL,
    specs,
    classes,
    modelFolder: dirname(settingsFile(model)),
    limit: MAX_BATCH_INPUTS,
    pause: (done, of) => checkpoint(control, of === 0 ? 0 : done / of, l10n.t('Looking for inputs')),
  });
  const isOwn = (path: string): boolean =>
    (out !== null && isBelow(path, out)) || path === truths || path.endsWith(SIDECAR);
  const root = statOf(input)?.isDirectory() ? input : dirname(input);
  const listed = found.inputs
    .map(({ sources, truth }) => ({ name: nameOf(sources, root), sources, truth, error: null }))
    .filter(({ sources: [first] }) => first?.kind !== 'file' || !isOwn(first.path));
  const failed = found.leftOut
    .filter(({ path }) => !isOwn(path))
    .map(({ path, why }) => ({ name: pathBelow(root, path), sources: [], truth: null, error: why }));
  const all = [...listed, ...failed];
  if (all.length === 0) {
    return fail('bad-input', l10n.t('{0} holds no input of the model.', basename(input)), {
      subject: input,
      remedy: l10n.t('Choose a folder of images, arrays, FASTA files, tables or texts.'),
    });
  }
  const texts = all.map(({ name }) => (given === null ? null : labelFor(given, name)));
  const notice = trueClasses({ from: basename(truths ?? ''), values: texts }, classes).notice;
  return {
    inputs: all.map((one, at) => {
      const text = texts[at] ?? null;
      return { ...one, at, truth: text === null ? one.truth : classOf(text, classes) };
    }),
    notices: [...found.notices, ...(notice === null ? [] : [notice])],
  };
}

/** The path below the folder, and the part of the file. */
function nameOf(sources: readonly InputSource[], root: string): string {
  const [first] = sources;
  if (first?.kind !== 'file') return '';
  const { path, member, sample } = first;
  const part = member !== undefined && sources.length === 1 ? `#${member}` : '';
  return `${pathBelow(root, path)}${part}${sample === undefined ? '' : `[${sample}]`}`;
}

const pathBelow = (root: string, path: string): string => relative(root, path).split(sep).join('/');

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, resolve(path));
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
