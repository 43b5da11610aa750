import type { InputNames } from '../../shared/inputs';
import type { Graph } from '../graph/graph';
import type { InputSpec, LoadedInput } from '../inputs/loadedInput';
import { findKind } from '../kinds/registry';

/**
 * What the values of an input are called, where the file that was read does not say it: the columns or letters of an array by the
 * settings beside the model, or the words of a text.
 */
export function namesOf(
  graph: Graph,
  index: number,
  loaded: LoadedInput,
  spec: InputSpec,
): Pick<LoadedInput, 'names'> {
  const names =
    loaded.names ?? columnNames(loaded, spec) ?? letterNames(loaded, spec) ?? wordNames(graph, index, loaded);
  return names === null ? {} : { names };
}

function columnNames({ shape, image, strings }: LoadedInput, { columns }: InputSpec): InputNames | null {
  const fits = columns?.length === shape[1] && shape.length === 2 && image === null && strings === undefined;
  return fits && columns ? { kind: 'columns', values: columns } : null;
}

/** The letters of a one-hot array [1, length, alphabet]; none where a position is not one-hot. A position of zeros has no letter. */
function letterNames(
  { shape, values }: LoadedInput,
  { alphabet, channelsFirst }: InputSpec,
): InputNames | null {
  const letters = [...(alphabet ?? '')];
  const [, length = 0, size] = shape;
  if (letters.length === 0 || shape.length !== 3 || size !== letters.length || channelsFirst) return null;
  const found: string[] = [];
  for (let at = 0; at < length * size; at += size) {
    const row = values.subarray(at, at + size);
    const isOneHot =
      row.every((value) => value === 0 || value === 1) && row.indexOf(1) === row.lastIndexOf(1);
    if (!isOneHot) return null;
    found.push(letters[row.indexOf(1)] ?? '');
  }
  return { kind: 'letters', values: found };
}

/** Classes that hand strings on as they are. */
const UNCHANGED: ReadonlySet<string> = new Set([
  'InputLayer',
  'Identity',
  'Reshape',
  'Flatten',
  'ops.Reshape',
  'ops.Squeeze',
]);

/**
 * The words that the model splits a text into, at the positions of the layer that does so (TextVectorization, say), which embeddings and
 * convolutions after it keep. `null` where no known layer takes the text.
 */
function wordNames(graph: Graph, index: number, { strings, shape }: LoadedInput): InputNames | null {
  const input = graph.inputs[index];
  if (strings === undefined || input === undefined) return null;
  // The nodes are in topological order, so that one pass follows a chain of any length.
  const same = new Set([input]);
  for (const { path, className, config, inputs, unknownBecause } of graph.nodes.values()) {
    if (unknownBecause !== undefined || !inputs.some((ref) => same.has(ref.node))) continue;
    const words = findKind(className)?.tokens?.(config, strings, shape);
    if (words) return { kind: 'tokens', values: words };
    if (UNCHANGED.has(className)) same.add(path);
  }
  return null;
}
