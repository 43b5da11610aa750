import type { MaybeShape } from '../../../shared/model';
import type { GraphDef, NamedRef, OpNode, OpRef } from './graphDef';
import { sparseCount } from './outputPlaces';

const PARSERS: ReadonlySet<string> = new Set(['ParseExample', 'ParseExampleV2']);
/** Models have one; each costs a walk through the graph. */
const MAX_PARSERS = 8;
const HANDS_ON: ReadonlySet<string> = new Set(['Identity', 'PlaceholderWithDefault']);

/** A feature that a model parses out of a serialized example: a tensor of one shape. */
interface Feature {
  readonly name: string;
  readonly output: number;
  readonly shape: MaybeShape;
  readonly dtype: string;
}

/** A graph and what is to be said of it. */
export interface WithFeatures {
  readonly def: GraphDef;
  readonly notices: readonly string[];
}

/**
 * A model that an estimator exported takes serialized `tf.train.Example` messages. Its inputs become what it parses out of
 * them: the dense features, by their names. Sparse features stay what they are, unknown.
 */
export function withFeatures(def: GraphDef): WithFeatures {
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
    const places = new Map<number, string>();
    const added: NamedRef[] = [];
    for (const { name, output, shape, dtype } of features) {
      const free = nodes.has(name) ? `${parser.name}/${name}` : name;
      if (nodes.has(free)) continue;
      nodes.set(free, { name: free, op: 'Placeholder', inputs: [], attributes: { dtype, shape } });
      places.set(output, free);
      added.push({ name: free, node: free, output: 0 });
    }
    redirect(nodes, parser.name, places);
    inputs = [...inputs.filter((end) => end.node !== source.name), ...added];
    if (!isTaken(nodes, parser.name)) {
      nodes.delete(parser.name);
      if (!isTaken(nodes, source.name)) nodes.delete(source.name);
    }
    notices.push(
      `The model takes a serialized example as "${source.name}"; its inputs here are the dense features in it: ${added.map((end) => end.name).join(', ')}.`,
    );
  }
  if (notices.length === 0) return { def, notices };
  return { def: { ...def, nodes, inputs }, notices };
}

function sourceOf(ref: OpRef, { nodes }: GraphDef): OpNode | undefined {
  let node = nodes.get(ref.node);
  for (let steps = 0; node && HANDS_ON.has(node.op) && steps < nodes.size; steps++) {
    node = nodes.get(node.inputs[0]?.node ?? '');
  }
  return node;
}

function featuresOf(parser: OpNode, source: OpNode, { nodes }: GraphDef): Feature[] {
  const { op, attributes, inputs } = parser;
  const types: unknown[] = Array.isArray(attributes.Tdense) ? attributes.Tdense : [];
  const shapes: unknown[] = Array.isArray(attributes.dense_shapes) ? attributes.dense_shapes : [];
  const sparse = sparseCount(attributes);
  const texts = (ref: OpRef | undefined): readonly unknown[] => {
    const value = ref && nodes.get(ref.node)?.attributes.value;
    return Array.isArray(value) ? value : [];
  };
  // Serialized, names, then the keys: one tensor of them, in version 1 one tensor each.
  const keys =
    op === 'ParseExampleV2' ? texts(inputs[3]) : types.map((_, i) => texts(inputs[2 + sparse + i])[0]);
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

function redirect(nodes: Map<string, OpNode>, from: string, places: ReadonlyMap<number, string>): void {
  const moved = (ref: OpRef): OpRef => {
    const to = ref.node === from ? places.get(ref.output) : undefined;
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
