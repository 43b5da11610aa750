import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isEdited } from '../../shared/edits/inputEdit';
import { fail } from '../../shared/errors';
import type { InputSource, ModelSettings, Preprocessing } from '../../shared/inputs';
import type { NamedTensor } from '../../shared/model';
import { textFormatOf } from '../../shared/sources/inputFiles';
import type { InputParts } from '../../shared/sources/inputParts';
import { hasChannelsFirst } from '../graph/channelOrder';
import type { Graph } from '../graph/graph';
import { fitsInput } from '../inputs/fitsInput';
import { inputParts } from '../inputs/inputParts';
import { type InputSpec, type LoadedInput, shapeText } from '../inputs/loadedInput';
import { readInput } from '../inputs/readInput';
import { findKind } from '../kinds/registry';
import { namesOf } from './inputNames';
import { type OpenModel, settingsFile } from './openModels';
import { readSidecar } from './sidecar';

/** How inputs are read. */
export interface InputReadOptions {
  /** The user chose the preprocessing for these inputs, so that it applies to arrays, too. */
  readonly preprocessArrays?: boolean;
  /** Use all samples of arrays, not only the first. */
  readonly wholeBatch?: boolean;
  /** Reads one input; of many that lie in the same file, a `PartReader` does. */
  readonly read?: typeof readInput;
}

const INTEGER_DTYPE = /^u?int|^bool/;

export function inputDtype(graph: Graph, index: number): 'int32' | 'float32' {
  return INTEGER_DTYPE.test(graph.summary.inputs[index]?.dtype ?? '') ? 'int32' : 'float32';
}

/** Names of files that hold a model's values rather than an image. */
const HOLDS_NUMBERS = /\.(npy|npz|csv|tsv|json|txt)$/i;

/** Whether a model's preprocessing applies to a source by itself: to an image and to random values. */
export const takesPreprocessing = (source: InputSource): boolean =>
  source.kind === 'random' || (source.kind === 'file' && !HOLDS_NUMBERS.test(source.path));

/**
 * Reads one source per model input. A model's default preprocessing applies to images only, since arrays are usually
 * preprocessed already; one that is chosen with the inputs applies to both.
 * @throws Failure `bad-input`, `wrong-shape`, `file-not-found`, ...
 */
export async function loadInputs(
  model: OpenModel,
  sources: readonly InputSource[],
  preprocessing: Preprocessing,
  { preprocessArrays = false, wholeBatch = false, read = readInput }: InputReadOptions,
): Promise<LoadedInput[]> {
  const { inputs } = model.graph.summary;
  if (sources.length !== inputs.length) {
    return fail('bad-input', countText(model, sources.length), {
      subject: model.path,
      remedy:
        inputs.length === 0
          ? l10n.t('Run it without any.')
          : l10n.t('Choose one file for each input (on the command line: --input).'),
    });
  }
  const specs = specsOf(model, settingsBeside(model, sources));
  const loaded: LoadedInput[] = [];
  for (const [i, source] of sources.entries()) {
    const input = specs[i];
    if (!input) continue;
    const { edits } = source;
    if (wholeBatch && isEdited(source)) {
      fail('bad-input', l10n.t('Input "{0}" is edited, and all of its samples are asked for.', input.name), {
        remedy: l10n.t('Ask for one sample, or for the input without edits.'),
        subject: input.name,
      });
    }
    const sample = source.kind === 'file' ? source.sample : undefined;
    const spec: InputSpec = {
      ...input,
      wholeBatch,
      ...(sample === undefined ? {} : { sample }),
      ...(edits === undefined ? {} : { edits }),
    };
    const found = await read(
      source,
      spec,
      takesPreprocessing(source) || preprocessArrays ? preprocessing : { name: 'none' },
    );
    loaded.push({ ...found, ...namesOf(model.graph, i, found, spec) });
  }
  return loaded;
}

/** What the inputs of a model take, with what its settings say about them. */
function specsOf({ graph }: OpenModel, settings: ModelSettings): InputSpec[] {
  const { inputs } = graph.summary;
  const { alphabet, vocabulary } = settings;
  return inputs.map((input, i) => {
    const columns = columnsOf(settings, input, inputs);
    return {
      ...input,
      channelsFirst: takesChannelsFirst(graph, i),
      ...(alphabet === undefined ? {} : { alphabet }),
      ...(vocabulary === undefined ? {} : { vocabulary }),
      ...(columns === undefined ? {} : { columns }),
    };
  });
}

/** What the inputs of a model take, for callers that look for inputs: settings that cannot be read are ignored. */
export const inputSpecs = (model: OpenModel): InputSpec[] => specsOf(model, settingsBeside(model, []));

/** What a file holds several of, of which an input of the model takes one (see `inputParts`). @throws Failure `bad-input`, ... */
export function partsFor(model: OpenModel, index: number, source: InputSource): Promise<InputParts | null> {
  const input = model.graph.summary.inputs[index];
  if (input) return inputParts(source, input);
  return fail('bad-input', l10n.t('{0} has no input {1}.', basename(model.path), index), {
    subject: model.path,
  });
}

/** Which of these files can be an input of the model (see `fitsInput`). @throws Failure `bad-input` for an unknown input. */
export function fittingFor(model: OpenModel, index: number, paths: readonly string[]): boolean[] {
  const input = model.graph.summary.inputs[index];
  if (input) return paths.map((path) => fitsInput(path, input));
  return fail('bad-input', l10n.t('{0} has no input {1}.', basename(model.path), index), {
    subject: model.path,
  });
}

/** The settings beside the model. @throws Failure of a settings file that a chosen file depends on; otherwise it is ignored. */
function settingsBeside(model: OpenModel, sources: readonly InputSource[]): ModelSettings {
  try {
    return readSidecar(settingsFile(model)) ?? {};
  } catch (thrown) {
    if (sources.some(dependsOnSettings)) throw thrown;
    return {};
  }
}

const dependsOnSettings = (source: InputSource): boolean =>
  source.kind === 'text' || (source.kind === 'file' && textFormatOf(source.path) !== null);

/** The names of an input's columns. A list without the input's name is that of the only input, or of one with so many values. */
function columnsOf(
  { columns }: ModelSettings,
  input: NamedTensor,
  inputs: readonly NamedTensor[],
): readonly string[] | undefined {
  if (columns === undefined) return undefined;
  if (!isList(columns)) return Object.hasOwn(columns, input.name) ? columns[input.name] : undefined;
  return inputs.length === 1 || input.shape?.at(-1) === columns.length ? columns : undefined;
}

const isList = (columns: NonNullable<ModelSettings['columns']>): columns is readonly string[] =>
  Array.isArray(columns);

export const takesChannelsFirst = (graph: Graph, input: number): boolean =>
  hasChannelsFirst(graph, findKind, graph.inputs[input] ?? '');

/** How many inputs the model takes, and which ones are missing, in the order in which they are given. */
function countText(model: OpenModel, given: number): string {
  const { inputs } = model.graph.summary;
  const file = basename(model.path);
  const names = inputs.map(({ name }) => name).join(', ');
  const takes =
    inputs.length === 0
      ? l10n.t('{0} takes no inputs, not {1}.', file, given)
      : inputs.length === 1
        ? l10n.t('{0} takes 1 input ({1}), not {2}.', file, names, given)
        : l10n.t('{0} takes {1} inputs ({2}), not {3}.', file, inputs.length, names, given);
  const missing = inputs.slice(given).map(({ name, shape }) => `"${name}" ${shapeText(shape)}`);
  return missing.length === 0 ? takes : `${takes} ${l10n.t('Missing: {0}.', missing.join(', '))}`;
}
