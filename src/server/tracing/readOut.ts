import { isElementwise, plainName } from '../explain/maps/layerPlacement';
import { isPassThrough } from '../explain/scoreSource';
import type { Graph, GraphNode, TensorRef } from '../graph/graph';
import type { Trace } from '../run/trace';

/** The linear layers that turn the units of a layer into the model's outputs. */
export interface ReadOut {
  /** Per unit of the traced layer, one weight per output unit. */
  readonly weights: readonly (readonly number[])[];
  /** One per output unit: before the activation. */
  readonly logit: readonly number[];
  readonly bias: readonly number[];
  /** Paths of the Dense layers, in the order of the output units. */
  readonly layers: readonly string[];
}

/** A Dense layer that reads the units, and the place of unit 0 among its inputs. */
interface Head {
  readonly node: GraphNode;
  readonly input: TensorRef;
  readonly offset: number;
}

const MAXIMUM = /^(global)?max_?pool(ing)?[123]d$/;

/**
 * Finds the Dense layers of the outputs that read the units of a layer, directly or through layers that change no value:
 * maxima of the traced maxima, dropout, reshaping, concatenation. `null` where there are none.
 * @param units number of channels of the traced layer.
 */
export async function readOutOf(trace: Trace, ref: TensorRef, units: number): Promise<ReadOut | null> {
  const { graph } = trace;
  const heads = headsOf(trace, ref, units).filter(({ node }) => leadsToOutput(graph, node.path));
  const weights: number[][] = Array.from({ length: units }, () => []);
  const logit: number[] = [];
  const bias: number[] = [];
  for (const { node, input, offset } of heads) {
    const values = trace.at(node.path);
    const sums = values.pre ?? values.outputs[0];
    const [kernel, biases, ...more] = await trace.weights.of(node);
    const width = trace.at(input.node).outputs[input.output]?.size;
    // A quantized or adapted kernel is not what multiplies the units.
    const isPlain = kernel?.rank === 2 && more.length === 0 && kernel.shape[0] === width;
    if (!sums || !kernel || !isPlain) return null;
    const [w, b, z] = await Promise.all([kernel.data(), biases?.data(), sums.data()]);
    const columns = kernel.shape[1] ?? 0;
    for (let column = 0; column < columns; column++) {
      logit.push(z[column] ?? Number.NaN);
      bias.push(b?.[column] ?? 0);
      for (const [unit, row] of weights.entries()) row.push(w[(offset + unit) * columns + column] ?? 0);
    }
  }
  return heads.length === 0 ? null : { weights, logit, bias, layers: heads.map(({ node }) => node.path) };
}

/** In the order of the graph. */
function headsOf(trace: Trace, ref: TensorRef, units: number): Head[] {
  const { graph } = trace;
  const heads: Head[] = [];
  /** By node, the place of unit 0 among the values of its output. */
  const offsets = new Map<string, number>([[ref.node, 0]]);
  for (const node of graph.nodes.values()) {
    if (offsets.has(node.path)) continue;
    const input = node.inputs.find((from) => from.output === ref.output && offsets.has(from.node));
    const offset = input && offsets.get(input.node);
    if (!input || offset === undefined) continue;
    const shape = trace.values.get(input.node)?.outputs[input.output]?.shape;
    if (!shape) continue;
    const isVector = shape.length === 2;
    if (isVector && plainName(node) === 'dense') heads.push({ node, input, offset });
    else if (isVector && plainName(node).startsWith('concat')) {
      const before = node.inputs.slice(0, node.inputs.indexOf(input));
      offsets.set(node.path, offset + before.reduce((sum, from) => sum + sizeOf(trace, from), 0));
    } else if (node.inputs.length === 1 && keepsUnits(trace, node, shape, units)) {
      offsets.set(node.path, offset);
    }
  }
  return heads;
}

function keepsUnits(trace: Trace, node: GraphNode, shape: readonly number[], units: number): boolean {
  if (MAXIMUM.test(plainName(node)) || plainName(node) === 'inputlayer') return true;
  if (!isPassThrough(trace.graph, node)) return false;
  const size = shape.reduce((a, b) => a * b, 1);
  // A reshaping that leaves one value per unit keeps their order.
  return size === units || shape.length === 2 || plainName(node).includes('dropout');
}

const sizeOf = (trace: Trace, { node, output }: TensorRef): number => {
  const shape = trace.values.get(node)?.outputs[output]?.shape ?? [];
  return shape.at(-1) ?? 0;
};

/** Whether nothing but activations and layers that change no value comes between a layer and an output. */
function leadsToOutput(graph: Graph, path: string): boolean {
  for (const { node: output } of graph.outputs) {
    for (let node = graph.nodes.get(output); node; node = before(graph, node)) {
      if (node.path === path) return true;
      const isActivation = isElementwise(node) || plainName(node) === 'softmax';
      if (node.inputs.length !== 1 || !(isActivation || isPassThrough(graph, node))) break;
    }
  }
  return false;
}

const before = (graph: Graph, node: GraphNode): GraphNode | undefined => {
  const [from] = node.inputs;
  return from && graph.nodes.get(from.node);
};
