import * as l10n from '@vscode/l10n';
import type { MaybeShape } from '../../../shared/model';
import type { GraphDef, NamedRef, OpNode, OpRef } from './graphDef';
import { sparseCount } from './outputIndices';

const PARSERS: ReadonlySet<string> = new Set(['ParseExample', 'ParseExampleV2']);
/** Models have one; each costs a pass over the graph. */
const MAX_PARSERS = 8;
const PASS_THROUGH: ReadonlySet<string> = new Set(['Identity', 'PlaceholderWithDefault']);

/** A dense feature that a model parses from a serialized example. */
interface Feature {
  readonly name: string;
  readonly output: number;
  readonly shape: MaybeShape;
  readonly dtype: string;
}

/** A graph and sentences about it for the user. */
export interface GraphWithNotices {
  readonly def: GraphDef;
  readonly notices: readonly string[];
}

/**
 * A model that an estimator exported takes serialized `tf.train.Example` messages. The dense features that it parses from
 * them become its inputs, by their names. Sparse features stay unknown.
 */
export function withExampleInputs(def: GraphDef): GraphWithNotices {
  const nodes = new Map(def.nodes);
  let inputs: readonly NamedRef[] = def.inputs ?? [];
  const notices: string[] = [];
  const parsers = [...def.nodes.values()].filter(({ op }) => PARSERS.has(op)).slice(0, MAX_PARSERS);
  for (const parser of parsers) {
    const [serialized] = parser.inputs;
    const source = serialized ? sourceOf(serialized, def) : undefined;
    if (source?.op !== 'Placeholder' || source.attributes.dtype !== 'string') continue;
    if (def.inputs && !def.inputs.some((end) => end.node === source.name)) continue;
    const features = featuresOf(parser, source, def);
    if (features.length === 0) continue;
    const inputNames = new Map<number, string>();
    const added: NamedRef[] = [];
    for (const { name, output, shape, dtype } of features) {
      const free = nodes.has(name) ? `${parser.name}/${name}` : name;
      if (nodes.has(free)) continue;
      nodes.set(free, { name: free, op: 'Placeholder', inputs: [], attributes: { dtype, shape } });
      inputNames.set(output, free);
      added.push({ name: free, node: free, output: 0 });
    }
    redirect(nodes, parser.name, inputNames);
    inputs = [...inputs.filter((end) => end.node !== source.name), ...added];
    if (!isTaken(nodes, parser.name)) {
      nodes.delete(parser.name);
      if (!isTaken(nodes, source.name)) nodes.delete(source.name);
    }
    notices.push(
      l10n.t(
        'The model takes a serialized example as "{0}"; its inputs here are the dense features that it contains: {1}.',
        source.name,
        added.map((end) => end.name).join(', '),
      ),
    );
  }
  if (notices.length === 0) return { def, notices };
  return { def: { ...def, nodes, inputs }, notices };
}

function sourceOf(ref: OpRef, { nodes }: GraphDef): OpNode | undefined {
  let node = nodes.get(ref.node);
  for (let steps = 0; node && PASS_THROUGH.has(node.op) && steps < nodes.size; steps++) {
    node = nodes.get(node.inputs[0]?.node ?? '');
  }
  return node;
}

function featuresOf(parser: OpNode, source: OpNode, { nodes }: GraphDef): Feature[] {
  const { op, attributes, inputs } = parser;
  const types: unknown[] = Array.isArray(attributes.Tdense) ? attributes.Tdense : [];
  const shapes: unknown[] = Array.isArray(attributes.dense_shapes) ? attributes.dense_shapes : [];
  const sparse = sparseCount(attributes);
  const stringsOf = (ref: OpRef | undefined): readonly unknown[] => {
    const value = ref && nodes.get(ref.node)?.attributes.value;
    return Array.isArray(value) ? value : [];
  };
  // Inputs: serialized, names, then the keys, as one tensor; in version 1 one tensor per key.
  const keys =
    op === 'ParseExampleV2'
      ? stringsOf(inputs[3])
      : types.map((_, i) => stringsOf(inputs[2 + sparse + i])[0]);
  const batch = Array.isArray(source.attributes.shape) ? source.attributes.shape.slice(0, 1) : [null];
  return types.map((dtype, i) => {
    const key = keys[i];
    const shape = shapes[i];
    const sizes = Array.isArray(shape)
      ? shape.map((size) => (typeof size === 'number' ? size : null))
      : [null];
    return {
      name: typeof key === 'string' && key !== '' ? key : `${parser.name}/dense_${i}`,
      output: 3 * sparse + i,
      shape: [...batch, ...sizes],
      dtype: String(dtype),
    };
  });
}

/** Replaces the outputs of a node by others. @param names of the nodes that replace them, by output. */
function redirect(nodes: Map<string, OpNode>, from: string, names: ReadonlyMap<number, string>): void {
  const moved = (ref: OpRef): OpRef => {
    const to = ref.node === from ? names.get(ref.output) : undefined;
    return to === undefined ? ref : { node: to, output: 0 };
  };
  for (const node of nodes.values()) {
    if (node.inputs.some((ref) => ref.node === from)) {
      nodes.set(node.name, { ...node, inputs: node.inputs.map(moved) });
    }
  }
}

const isTaken = (nodes: ReadonlyMap<string, OpNode>, name: string): boolean =>
  [...nodes.values()].some(({ inputs }) => inputs.some((ref) => ref.node === name));
