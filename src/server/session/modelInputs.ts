import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import { hasChannelsFirst } from '../graph/channelOrder';
import type { Graph } from '../graph/graph';
import type { InputSpec, LoadedInput } from '../inputs/loadedInput';
import { readInput } from '../inputs/readInput';
import { findKind } from '../kinds/registry';
import type { OpenModel } from './openModels';

/** How inputs are read. */
export interface InputReadOptions {
  /** The user chose the preprocessing for these inputs, so that it applies to arrays, too. */
  readonly preprocessArrays?: boolean;
  /** Use all samples of arrays, not only the first. */
  readonly wholeBatch?: boolean;
}

const INTEGER_DTYPE = /^u?int|^bool/;

export function inputDtype(graph: Graph, index: number): 'int32' | 'float32' {
  return INTEGER_DTYPE.test(graph.summary.inputs[index]?.dtype ?? '') ? 'int32' : 'float32';
}

/**
 * Reads one source per model input. A model's default preprocessing applies to images only, since arrays are usually
 * preprocessed already; one that is chosen with the inputs applies to both.
 * @throws Failure `bad-input`, `wrong-shape`, `file-not-found`, ...
 */
export async function loadInputs(
  model: OpenModel,
  sources: readonly InputSource[],
  preprocessing: Preprocessing,
  { preprocessArrays = false, wholeBatch = false }: InputReadOptions,
): Promise<LoadedInput[]> {
  const { inputs } = model.graph.summary;
  if (sources.length !== inputs.length) {
    return fail(
      'bad-input',
      `${basename(model.path)} takes ${inputList(inputs.map(({ name }) => name))}, not ${sources.length}.`,
      {
        subject: model.path,
        remedy:
          inputs.length === 0
            ? 'Run it without any.'
            : 'Choose one file for each input (on the command line: --input).',
      },
    );
  }
  const loaded: LoadedInput[] = [];
  for (const [i, source] of sources.entries()) {
    const input = inputs[i];
    if (!input) continue;
    const spec: InputSpec = { ...input, channelsFirst: takesChannelsFirst(model.graph, i), wholeBatch };
    const isArray = source.kind === 'file' && /\.np[yz]$/i.test(source.path);
    loaded.push(
      await readInput(source, spec, isArray && !preprocessArrays ? { name: 'none' } : preprocessing),
    );
  }
  return loaded;
}

export const takesChannelsFirst = (graph: Graph, input: number): boolean =>
  hasChannelsFirst(graph, findKind, graph.inputs[input] ?? '');

function inputList(names: readonly string[]): string {
  if (names.length === 0) return 'no inputs';
  return `${names.length} input${names.length === 1 ? '' : 's'} (${names.join(', ')})`;
}
