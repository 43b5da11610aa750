import * as l10n from '@vscode/l10n';
import { Failure } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { isPossibleShape } from '../../graph/checkSizes';
import { multiplyAddsOf } from '../../graph/cost';
import { LayerConfig } from '../../graph/layerConfig';
import type { LayerRule, WeightSpec } from '../../graph/layerRule';
import { checkWeightShapes } from '../../graph/weightShapes';
import { findKind } from '../../kinds/registry';
import { type Arguments, type Fix, type Machine, NO_OUTCOME, type Outcome } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  type Custom,
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
import { nameCalled } from './innerLayers';
import { lambdaShapes } from './lambda';
import { keepsItsSizes, refusalIn, refusalOf, withSamePadding } from './refusals';
import { Remembered } from './remembered';
import { rebuilt, tensorsIn } from './structure';

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
    if (!items?.some(holdsTensor)) return jsonOf(value);
    const placed = items.map(place);
    // What else is in a list of tensors may be one.
    if (placed.includes(HOLE)) isOpen = true;
    return placed.map((item) => (item === HOLE ? null : item));
  };
  const args = given.positional.map((value) => {
    const placed = place(value);
    if (placed === HOLE) isOpen = true;
    return placed === HOLE ? null : placed;
  });
  const kwargs = holding(new Map([...given.named].map(([name, value]) => [name, place(value)])));
  return { inputs, call: { args, kwargs }, isOpen };
}

export const holdsTensor = (value: Value): boolean =>
  value.kind === 'tensor' || (itemsOf(value)?.some(holdsTensor) ?? false);

/** A call of a layer or operation on symbolic tensors. @param site where it is written. */
export function callLayer(machine: Machine, layer: Layer, given: Arguments, site: CallExpression): Value {
  if (layer.custom !== undefined) return callCustom(machine, layer, layer.custom, given, site);
  const { inputs, call, isOpen } = tensorArguments(given);
  const isLambda = layer.className === 'Lambda';
  const outcome =
    inputs.length === 0 || isOpen
      ? NO_OUTCOME
      : isLambda
        ? lambdaOutcome(machine, layer, given, site)
        : adjustedOutcome(machine, layer, inputs, call);
  const node = addNode(machine, layer, { inputs, call, isOpen }, outcome.shapes);
  if (layer.built.value === null) {
    nameCalled(machine, layer, outcome.built !== null);
    if (outcome.built !== null) machine.set(layer.built, outcome.built);
  }
  if (outcome.problem !== null) {
    const at = faultOf(layer, site);
    // Arguments of the layer can only be changed where it is made.
    const fixes = outcome.problem.fixes.filter(({ insert }) => at === layer.site || 'layer' in insert);
    machine.report({ at, ...outcome.problem, fixes });
  }
  machine.uses.push({
    layer,
    site,
    inputs: inputs.map(({ shape }) => shape),
    outputs: outcome.shapes,
    params: outcome.built?.count ?? null,
    multiplyAdds: outcome.multiplyAdds,
    node,
  });
  return resultOf(node, outcome.shapes !== null);
}

function adjustedOutcome(
  machine: Machine,
  layer: Layer,
  inputs: readonly Tensor[],
  call: CallArguments,
): Outcome {
  const outcome = outcomeOf(layer, inputs, call);
  const shapes = inputs.flatMap(({ shape }) => (shape === null ? [] : [shape]));
  return shapes.length < inputs.length ? outcome : machine.language.adjusted(layer, shapes, outcome);
}

/** A layer around a function of the program. */
function lambdaOutcome(machine: Machine, layer: Layer, given: Arguments, site: CallExpression): Outcome {
  const shapes = lambdaShapes(machine, layer, given, site);
  return shapes === null ? NO_OUTCOME : { ...NO_OUTCOME, shapes, built: { weights: [], count: 0 } };
}

/** A call of a layer whose class is in the program. */
function callCustom(
  machine: Machine,
  layer: Layer,
  custom: Custom,
  given: Arguments,
  site: CallExpression,
): Value {
  const { inputs, call, isOpen } = tensorArguments(given);
  const result = inputs.length === 0 || isOpen ? UNKNOWN : custom.call(given);
  const tensors = tensorsIn(result);
  const known = tensors?.flatMap(({ shape }) => (shape === null ? [] : [shape])) ?? [];
  const shapes = tensors !== null && tensors.length > 0 && known.length === tensors.length ? known : null;
  const node = addNode(machine, layer, { inputs, call, isOpen }, shapes);
  machine.uses.push({
    layer,
    site,
    inputs: inputs.map(({ shape }) => shape),
    outputs: shapes,
    params: paramsOf(layer),
    multiplyAdds: null,
    node,
  });
  if (shapes !== null) return rebuilt(result, node.outputs);
  // How many outputs there are is not known.
  return tensors?.length === 1 ? resultOf(node, false) : UNKNOWN;
}

/** Where a layer is made in the call, or the call of a layer that is made elsewhere. */
function faultOf({ site: made }: Layer, site: CallExpression): CallExpression {
  return made !== null && site.from <= made.from && made.to <= site.to ? made : site;
}

/** The outputs of a call as Keras returns them: one tensor, or a list of them. */
export function resultOf(node: Node, areKnown: boolean): Value {
  const [first] = node.outputs;
  if (first === undefined) return UNKNOWN;
  if (node.outputs.length === 1) return areKnown || node.inputs.length > 0 ? first : UNKNOWN;
  return list(node.outputs);
}

/** The graph before the outputs of a call is not known where one of its arguments is not. */
export function addNode(
  machine: Machine,
  layer: Node['layer'],
  { inputs, call, isOpen }: TensorArguments,
  shapes: readonly Shape[] | null,
): Node {
  const outputs: Tensor[] = [];
  const isEager = inputs.length > 0 && inputs.every((input) => input.isEager);
  const node: Node = { layer, inputs, call, outputs };
  for (const [output, shape] of (shapes ?? [null]).entries())
    outputs.push(
      isEager
        ? { kind: 'tensor', shape, origin: null, output, isEager }
        : { kind: 'tensor', shape, origin: isOpen ? null : node, output },
    );
  machine.set(layer.calls, [...layer.calls.value, node]);
  return node;
}

export const countOf = (weights: readonly WeightSpec[]): number =>
  weights
    .filter(({ counted }) => counted !== false)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

const remembered = new Remembered<Layer['config'], Outcome>();

/** Where nothing is refused, the outcome of a first call depends on the arguments alone: a refusal names the layer. */
function outcomeOf(layer: Layer, inputs: readonly Tensor[], call: CallArguments): Outcome {
  if (layer.custom !== undefined) return NO_OUTCOME;
  const isFirst = layer.built.value === null && layer.wrapped === null && layer.functions.size === 0;
  const isPlain = isFirst && Object.keys(call.kwargs).length === 0;
  return remembered.get(
    layer.config,
    isPlain ? JSON.stringify([layer.className, inputs.map(({ shape }) => shape), call.args]) : null,
    () => freshOutcome(layer, inputs, call),
    ({ problem }) => problem === null,
  );
}

function freshOutcome(layer: Layer, inputs: readonly Tensor[], call: CallArguments): Outcome {
  if (layer.className === 'TimeDistributed' && layer.wrapped?.kind === 'model')
    return distributedModel(layer.wrapped, inputs);
  const rule = findKind(layer.className);
  const shapes = inputs.flatMap(({ shape }) => (shape === null ? [] : [shape]));
  if (rule === undefined || shapes.length < inputs.length) return NO_OUTCOME;
  const config = new LayerConfig(layer.config, layer.name ?? layer.className, 3);
  const before = refusalOf(layer, shapes, call);
  if (before !== null) return { ...NO_OUTCOME, problem: before };
  const known = quietly(() => rule.outputShapes(config, shapes, call));
  if (known instanceof Failure) {
    const problem = refusalIn(known);
    const fixes = problem === null ? [] : paddingFixes(layer, rule, shapes, call);
    return { ...NO_OUTCOME, problem: problem && { ...problem, fixes } };
  }
  if (known === null) return NO_OUTCOME;
  if (!known.every(isPossibleShape)) return NO_OUTCOME;
  const { built, problem } = builtOf(layer, rule, config, shapes, call);
  if (problem !== null) return { ...NO_OUTCOME, problem };
  const multiplyAdds = quietly(() => multiplyAddsOf(rule, config, shapes, known, call));
  return {
    shapes: known,
    built,
    multiplyAdds: typeof multiplyAdds === 'number' ? multiplyAdds : null,
    problem: null,
  };
}

/** Where a window is larger than its input: zeros around it. */
function paddingFixes(
  layer: Layer,
  rule: LayerRule,
  shapes: readonly Shape[],
  call: CallArguments,
): readonly Fix[] {
  const padded = withSamePadding(layer);
  if (padded === null) return [];
  const config = new LayerConfig(padded, layer.name ?? layer.className, 3);
  const fitting = quietly(() => rule.outputShapes(config, shapes, call));
  const argument = 'padding="same"';
  return Array.isArray(fitting) ? [{ title: l10n.t('Add {0}', argument), insert: { argument } }] : [];
}

/** `TimeDistributed(model)`: the model on each step. */
function distributedModel(model: Model, [input]: readonly Tensor[]): Outcome {
  const [batch = null, steps = null, ...rest] = input?.shape ?? [];
  if (!input?.shape || input.shape.length < 3) return NO_OUTCOME;
  const step: Tensor = { kind: 'tensor', shape: [batch, ...rest], origin: null, output: 0 };
  const [shape] = shapesOf(model.state.value, [step]) ?? [];
  if (shape === undefined) return NO_OUTCOME;
  const built = { weights: null, count: paramsOf(model) };
  return { ...NO_OUTCOME, shapes: [[shape[0] ?? null, steps, ...shape.slice(1)]], built };
}

/** The weights of a layer, which its first call makes; a problem where Keras refuses to make them, or a later call that does not fit them. */
function builtOf(
  layer: Layer,
  rule: LayerRule,
  config: LayerConfig,
  shapes: readonly Shape[],
  call: CallArguments,
): Pick<Outcome, 'built' | 'problem'> {
  const weights = quietly(() => rule.weights?.(config, shapes, call) ?? []);
  if (weights instanceof Failure) {
    const isOpen = shapes.some((shape) => shape.slice(1).includes(null));
    return { built: null, problem: isOpen ? null : refusalIn(weights) };
  }
  const known = layer.built.value;
  if (known !== null) {
    const misfit = quietly(() => checkWeightShapes(config.path, known.weights ?? [], weights ?? []));
    const isRefused = misfit instanceof Failure && known.weights !== null && keepsItsSizes(layer);
    return { built: known, problem: isRefused ? { message: misfit.error.message, fixes: [] } : null };
  }
  if (weights?.every(({ shape }) => isPossibleShape(shape)) !== true) return { built: null, problem: null };
  return { built: { weights, count: countOf(weights) }, problem: null };
}

/** The result, the failure of a rule, or `null` where an argument is not known or its numbers cannot be used. */
export function quietly<T>(work: () => T): T | Failure | null {
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

/** Of a layer without weights also before its first call. */
function countedIn({ className, built }: Layer): number | null {
  if (built.value !== null) return built.value.count;
  const rule = findKind(className);
  return rule !== undefined && rule.weights === undefined ? 0 : null;
}

/** The weights that a class of the program adds itself. */
function ownParams({ built }: Layer, { instance }: Custom): number | null {
  const shapes = built.value === null ? null : instance.weights.value;
  return shapes?.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0) ?? null;
}

/** The parameters of a layer or model; `null` where they are not known. */
export function paramsOf(layer: Layer | Model): number | null {
  const seen = new Set<Layer | Model>();
  let sum = 0;
  const open = [layer];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.kind === 'model') {
      const { layers } = at.state.value;
      if (layers === null) return null;
      open.push(...layers);
      continue;
    }
    const own = at.custom === undefined ? countedIn(at) : ownParams(at, at.custom);
    const inner = at.custom === undefined ? [] : at.custom.children();
    if (own === null || inner === null) return null;
    sum += own;
    open.push(...inner);
  }
  return sum;
}
