import { Failure } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { isPossibleShape } from '../../graph/checkSizes';
import { multiplyAddsOf } from '../../graph/cost';
import { LayerConfig } from '../../graph/layerConfig';
import type { LayerRule, WeightSpec } from '../../graph/layerRule';
import { findKind } from '../../kinds/registry';
import type { Arguments, Fix, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  itemsOf,
  type Layer,
  list,
  type Model,
  type ModelState,
  type Node,
  type Tensor,
  UNKNOWN,
  type Value,
} from '../values';
import { HOLE, holding, jsonOf, UnknownArgument } from './config';
import { graphOrder } from './graphOrder';
import { refusalOf } from './refusals';

/** The tensors among the arguments of a call, and the arguments with their places. */
export interface TensorArguments {
  readonly inputs: readonly Tensor[];
  readonly call: CallArguments;
  /** Whether an argument that may be a tensor is not known. */
  readonly isOpen: boolean;
}

export function tensorArguments(given: Arguments): TensorArguments {
  const inputs: Tensor[] = [];
  let isOpen = given.isOpen;
  const place = (value: Value): unknown => {
    if (value.kind === 'tensor') return { input: inputs.push(value) - 1 };
    const items = itemsOf(value);
    if (items?.some(holdsTensor)) return items.map(place);
    const json = jsonOf(value);
    return json;
  };
  const args = given.positional.map((value) => {
    const placed = place(value);
    if (placed === HOLE) isOpen = true;
    return placed === HOLE ? null : placed;
  });
  const kwargs = holding(new Map([...given.named].map(([name, value]) => [name, place(value)])));
  return { inputs, call: { args, kwargs }, isOpen };
}

const holdsTensor = (value: Value): boolean =>
  value.kind === 'tensor' || (itemsOf(value)?.some(holdsTensor) ?? false);

/** What one call of a layer gives. */
interface Outcome {
  readonly shapes: readonly Shape[] | null;
  readonly weights: readonly WeightSpec[] | null;
  readonly multiplyAdds: number | null;
  readonly problem: { readonly message: string; readonly fixes: readonly Fix[] } | null;
}

const NOTHING: Outcome = { shapes: null, weights: null, multiplyAdds: null, problem: null };

/** A call of a layer or operation on symbolic tensors. @param site where it is written. */
export function callLayer(machine: Machine, layer: Layer, given: Arguments, site: CallExpression): Value {
  const { inputs, call, isOpen } = tensorArguments(given);
  const outcome = inputs.length === 0 || isOpen ? NOTHING : outcomeOf(layer, inputs, call);
  const node = addNode(machine, layer, inputs, call, outcome.shapes);
  if (layer.built.value === null && outcome.weights !== null)
    machine.set(layer.built, { weights: outcome.weights, count: countOf(outcome.weights) });
  if (outcome.problem !== null) machine.report({ at: layer.site ?? site, ...outcome.problem });
  machine.uses.push({
    layer,
    site,
    inputs: inputs.map(({ shape }) => shape),
    outputs: outcome.shapes,
    params: outcome.weights === null ? null : countOf(outcome.weights),
    multiplyAdds: outcome.multiplyAdds,
    node,
  });
  return resultOf(node, outcome.shapes !== null);
}

/** The outputs of a call as Keras returns them: one tensor, or a list of them. */
export function resultOf(node: Node, areKnown: boolean): Value {
  const [first] = node.outputs;
  if (first === undefined) return UNKNOWN;
  if (node.outputs.length === 1) return areKnown || node.inputs.length > 0 ? first : UNKNOWN;
  return list(node.outputs);
}

export function addNode(
  machine: Machine,
  layer: Node['layer'],
  inputs: readonly Tensor[],
  call: CallArguments,
  shapes: readonly Shape[] | null,
): Node {
  const outputs: Tensor[] = [];
  const node: Node = { layer, inputs, call, outputs };
  for (const [output, shape] of (shapes ?? [null]).entries())
    outputs.push({ kind: 'tensor', shape, origin: node, output });
  machine.set(layer.calls, [...layer.calls.value, node]);
  return node;
}

export const countOf = (weights: readonly WeightSpec[]): number =>
  weights
    .filter(({ counted }) => counted !== false)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

function outcomeOf(layer: Layer, inputs: readonly Tensor[], call: CallArguments): Outcome {
  const rule = findKind(layer.className);
  const shapes = inputs.flatMap(({ shape }) => (shape === null ? [] : [shape]));
  if (rule === undefined || shapes.length < inputs.length) return NOTHING;
  const config = new LayerConfig(layer.config, layer.name ?? layer.className, 3);
  const before = refusalOf(layer, shapes, call);
  if (before !== null) return { ...NOTHING, problem: before };
  const known = quietly(() => rule.outputShapes(config, shapes, call));
  if (known instanceof Failure) return { ...NOTHING, problem: { message: known.error.message, fixes: [] } };
  if (known === null) return NOTHING;
  if (!known.every(isPossibleShape)) return NOTHING;
  const weights = weightsOf(layer, rule, config, shapes, call);
  const multiplyAdds = quietly(() => multiplyAddsOf(rule, config, shapes, known, call));
  return {
    shapes: known,
    weights,
    multiplyAdds: typeof multiplyAdds === 'number' ? multiplyAdds : null,
    problem: null,
  };
}

function weightsOf(
  layer: Layer,
  rule: LayerRule,
  config: LayerConfig,
  shapes: readonly Shape[],
  call: CallArguments,
): readonly WeightSpec[] | null {
  if (layer.built.value !== null) return layer.built.value.weights;
  const weights = quietly(() => rule.weights?.(config, shapes, call) ?? []);
  if (weights === null || weights instanceof Failure) return null;
  return weights.every(({ shape }) => isPossibleShape(shape)) ? weights : null;
}

/** The result, the failure of a rule, or `null` where an argument is not known or its numbers cannot be used. */
function quietly<T>(work: () => T): T | Failure | null {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    if (thrown instanceof UnknownArgument || thrown instanceof RangeError) return null;
    throw thrown;
  }
}

/** The shapes that a built model gives for other inputs than those it was built on; `null` where they are not known. */
export function shapesOf(state: ModelState, inputs: readonly Tensor[]): readonly Shape[] | null {
  const order =
    state.inputs === null || state.outputs === null ? null : graphOrder(state.inputs, state.outputs);
  if (order === null) return null;
  const shapes = new Map<Tensor, Shape>();
  for (const [i, tensor] of (state.inputs ?? []).entries()) {
    const shape = inputs[i]?.shape;
    if (shape) shapes.set(tensor, shape);
  }
  for (const node of order.nodes) {
    if (node.outputs.every((tensor) => shapes.has(tensor))) continue;
    const given = node.inputs.flatMap((tensor) => asList(shapes.get(tensor)));
    const made = given.length === node.inputs.length ? nodeShapes(node.layer, given, node) : null;
    if (made === null) return null;
    for (const [i, tensor] of node.outputs.entries()) {
      const shape = made[i];
      if (shape) shapes.set(tensor, shape);
    }
  }
  const known = (state.outputs ?? []).flatMap((tensor) => asList(shapes.get(tensor)));
  return known.length === state.outputs?.length ? known : null;
}

const asList = (shape: Shape | undefined): Shape[] => (shape === undefined ? [] : [shape]);

function nodeShapes(layer: Layer | Model, given: readonly Shape[], node: Node): readonly Shape[] | null {
  if (layer.kind === 'layer') {
    const tensors = given.map((shape): Tensor => ({ kind: 'tensor', shape, origin: null, output: 0 }));
    return outcomeOf(layer, tensors, node.call).shapes;
  }
  const tensors = given.map((shape): Tensor => ({ kind: 'tensor', shape, origin: null, output: 0 }));
  return shapesOf(layer.state.value, tensors);
}
