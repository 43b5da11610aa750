import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  type Instance,
  itemsOf,
  type Layer,
  type Model,
  type ModelState,
  NONE,
  type Tensor,
  UNKNOWN,
  type Value,
} from '../values';
import { addNode, callLayer, paramsOf, resultOf, shapesOf, tensorArguments } from './call';
import { graphOrder } from './graphOrder';
import { inputTensor } from './input';
import { joinCalls, layerIn, nameOf } from './layer';
import { tupleText } from './refusals';
import { rebuilt, tensorsIn } from './structure';

const EMPTY: ModelState = { layers: [], inputs: null, outputs: null, structure: UNKNOWN };
const LOST: ModelState = { layers: null, inputs: null, outputs: null, structure: UNKNOWN };

export function newModel(
  machine: Machine,
  parts: Pick<Model, 'className' | 'name' | 'site' | 'instance'>,
  state: ModelState,
): Model {
  const model: Model = {
    kind: 'model',
    ...parts,
    state: { value: state, join: joinStates, lost: LOST },
    loss: { value: null, join: (a, b) => (a === b ? a : null), lost: null },
    calls: { value: [], join: joinCalls, lost: [] },
  };
  machine.layers.push(model);
  return model;
}

/** A Sequential of which it is not known whether one more layer was added: only the shape after it may be known. */
function joinStates(a: ModelState, b: ModelState): ModelState {
  const [left] = a.outputs ?? [];
  const [right] = b.outputs ?? [];
  const isSame = left !== undefined && right !== undefined && areSameShapes([left.shape], [right.shape]);
  if (!isSame) return LOST;
  const output: Tensor = { kind: 'tensor', shape: left.shape, origin: null, output: 0 };
  return { layers: null, inputs: a.inputs, outputs: [output], structure: output };
}

const areSameShapes = (a: readonly (Shape | null)[], b: readonly (Shape | null)[]): boolean =>
  a.length === b.length &&
  a.every((shape, i) => {
    const other = b[i];
    return (
      shape !== null &&
      other !== null &&
      other !== undefined &&
      shape.length === other.length &&
      shape.every((size, axis) => size === other[axis])
    );
  });

/** @param instance whose class derives from `keras.Sequential`. */
export function makeSequential(
  machine: Machine,
  given: Arguments,
  site: CallExpression,
  instance?: Instance,
): Value {
  const named = (name: string, position: number) => given.named.get(name) ?? given.positional[position];
  const layers = named('layers', 0);
  const name = nameOf(machine, instance?.class.name ?? 'Sequential', named('name', 2));
  const parts = { className: 'Sequential', name, site, ...(instance && { instance }) } as const;
  const model = newModel(machine, parts, EMPTY);
  const items = layers === undefined || layers.kind === 'none' ? [] : itemsOf(layers);
  if (items === null || given.isOpen) machine.set(model.state, LOST);
  else for (const item of items) addLayer(machine, model, item, site, false);
  rebuild(machine, model);
  return model;
}

/** `model.add(layer)`. */
export function addLayer(
  machine: Machine,
  model: Model,
  value: Value,
  site: CallExpression,
  isAlone = true,
): void {
  const state = model.state.value;
  const layer = layerOf(value);
  if (layer === null) {
    machine.set(model.state, LOST);
    return;
  }
  if (state.outputs === null && state.layers === null) return;
  const double = state.layers?.find((other) => layer.name !== null && other.name === layer.name);
  if (double !== undefined) {
    const message = l10n.t('The model already has a layer "{0}".', layer.name ?? '');
    machine.report({ at: layer.site ?? site, message, fixes: [] });
  }
  const layers = state.layers === null ? null : [...state.layers, layer];
  const before = state.outputs ?? startOf(machine, state, value, layer, site);
  if (before === null) {
    machine.set(model.state, { ...state, layers });
    return;
  }
  const inputs = state.inputs ?? before;
  const isInput = layer.kind === 'layer' && layer.className === 'InputLayer';
  const outputs = isInput ? before : outputsOf(applyLayer(machine, layer, before, site));
  const [output] = outputs ?? [];
  machine.set(model.state, { layers, inputs, outputs, structure: output ?? UNKNOWN });
  if (isAlone) rebuild(machine, model);
}

/** Keras makes a functional model of a Sequential whenever its layers changed, which takes a name. */
function rebuild(machine: Machine, model: Model): void {
  const { layers, outputs } = model.state.value;
  if (layers === null) machine.loseName('Functional');
  else if (outputs !== null && !isPending(model)) machine.autoName('Functional');
}

/** Whether Keras waits for the first call of a Sequential, although its input is known: it has no layer yet, or one model alone. */
export function isPending({ className, state, calls }: Model): boolean {
  const { layers } = state.value;
  if (className !== 'Sequential' || layers === null || calls.value.length > 0) return false;
  const [only, second] = layers.filter((one) => one.kind === 'model' || one.className !== 'InputLayer');
  return second === undefined && only?.kind !== 'layer' && !(only && layers.length > 1);
}

/** The tensors that the first layer of a Sequential takes; `null` where they are not known yet. */
function startOf(
  machine: Machine,
  state: ModelState,
  value: Value,
  layer: Layer | Model,
  site: CallExpression,
): readonly Tensor[] | null {
  if (state.layers?.length !== 0) return null;
  if (value.kind === 'tensor') return [value];
  if (layer.kind === 'layer' && layer.className === 'InputLayer') {
    const [made] = layer.calls.value;
    return made?.outputs ?? null;
  }
  if (layer.kind === 'model') {
    const shapes = layer.state.value.inputs?.map(({ shape }) => shape);
    const [shape] = shapes ?? [];
    return shapes?.length === 1 && shape
      ? [inputTensor(machine, shape, machine.language.startName(layer), null, site)]
      : null;
  }
  const shape = inputShapeOf(layer);
  return shape === null ? null : [inputTensor(machine, shape, machine.language.startName(layer), null, site)];
}

/** The argument `input_shape` of a layer, with the batch axis. */
function inputShapeOf(layer: Layer): Shape | null {
  const descriptors = Object.getOwnPropertyDescriptors(layer.config);
  const argument = (name: string): unknown => descriptors[name]?.value;
  const sizes = (value: unknown): Shape | null =>
    Array.isArray(value) && value.every((size) => size === null || Number.isSafeInteger(size)) ? value : null;
  const whole = sizes(argument('batch_input_shape')) ?? sizes(argument('batch_shape'));
  if (whole !== null) return whole;
  const dimension = layer.className === 'Embedding' ? undefined : argument('input_dim');
  const rest = sizes(argument('input_shape')) ?? (typeof dimension === 'number' ? [dimension] : null);
  return rest === null ? null : [null, ...rest];
}

/** The layer that a value in a Sequential stands for. */
function layerOf(value: Value): Layer | Model | null {
  const known = layerIn(value);
  if (known !== null) return known;
  const made = value.kind === 'tensor' ? value.origin?.layer : undefined;
  return made?.kind === 'layer' && made.className === 'InputLayer' ? made : null;
}

const outputsOf = (value: Value): readonly Tensor[] | null => tensorsIn(value);

const argumentsOf = (tensors: readonly Tensor[]): Arguments => ({
  positional: tensors,
  named: new Map(),
  isOpen: false,
});

/** Calls a layer or model on tensors. */
export function applyLayer(
  machine: Machine,
  layer: Layer | Model,
  inputs: readonly Tensor[],
  site: CallExpression,
): Value {
  const at = layer.site ?? site;
  return layer.kind === 'model'
    ? callModel(machine, layer, argumentsOf(inputs), at)
    : callLayer(machine, layer, argumentsOf(inputs), at);
}

/** @param instance whose class derives from `keras.Model`. */
export function makeFunctional(
  machine: Machine,
  given: Arguments,
  site: CallExpression,
  instance?: Instance,
): Value {
  const named = (name: string, position: number) => given.named.get(name) ?? given.positional[position];
  const inputs = tensorsIn(named('inputs', 0) ?? NONE);
  const structure = named('outputs', 1) ?? NONE;
  const outputs = tensorsIn(structure);
  const name = nameOf(machine, instance?.class.name ?? machine.language.modelClass, named('name', 2));
  const order = inputs === null || outputs === null ? null : graphOrder(inputs, outputs);
  if (order?.isDisconnected) {
    const message = l10n.t('The outputs depend on an input that is not among the inputs of the model.');
    machine.report({ at: site, message, fixes: [] });
  }
  const names = order?.layers.flatMap((layer) => layer.name ?? []) ?? [];
  const double = names.find((other, i) => names.indexOf(other) !== i);
  if (double !== undefined)
    machine.report({ at: site, message: l10n.t('The model has two layers named "{0}".', double), fixes: [] });
  const layers = order?.layers.filter((layer) => layer.kind === 'model' || !isOperation(layer)) ?? null;
  const state = { layers: order?.isDisconnected ? null : layers, inputs, outputs, structure };
  return newModel(
    machine,
    { className: machine.language.modelClass, name, site, ...(instance && { instance }) },
    state,
  );
}

export const isOperation = ({ className }: Layer): boolean => className.startsWith('ops.');

/** A call of a model on symbolic tensors, which builds a Sequential that is not built yet. */
export function callModel(machine: Machine, model: Model, given: Arguments, site: CallExpression): Value {
  const { inputs, call, isOpen } = tensorArguments(given);
  if (model.state.value.inputs === null) buildOn(machine, model, isOpen ? [] : inputs, site);
  else if (isPending(model)) machine.autoName('Functional');
  const { state } = model;
  const shapes = isOpen ? null : outputShapes(machine, state.value, inputs, model, site);
  const node = addNode(machine, model, { inputs, call, isOpen }, shapes);
  machine.uses.push({
    layer: model,
    site,
    inputs: inputs.map(({ shape }) => shape),
    outputs: shapes,
    params: paramsOf(model),
    multiplyAdds: null,
    node,
  });
  if (node.outputs.length !== state.value.outputs?.length) return resultOf(node, shapes !== null);
  return rebuilt(state.value.structure, node.outputs);
}

/** Builds a Sequential whose input was not known. */
export function buildOn(
  machine: Machine,
  model: Model,
  inputs: readonly Tensor[],
  site: CallExpression,
): void {
  const { layers, outputs } = model.state.value;
  const [given] = inputs;
  // Keras builds it now, and not when it is called.
  if (isPending(model) && outputs !== null) machine.loseName('Functional');
  if (model.className !== 'Sequential' || layers === null || outputs !== null) return;
  if (inputs.length !== 1 || given === undefined || given.shape === null) {
    // Keras may build it now, which takes names.
    for (const className of ['InputLayer', 'Functional']) machine.loseName(className);
    return;
  }
  const start = inputTensor(machine, given.shape, null, null, site);
  let at: readonly Tensor[] | null = [start];
  for (const layer of layers) at = at === null ? null : outputsOf(applyLayer(machine, layer, at, site));
  const [output] = at ?? [];
  machine.set(model.state, { layers, inputs: [start], outputs: at, structure: output ?? UNKNOWN });
  rebuild(machine, model);
}

/** The shapes that a model gives for inputs of these shapes; `null` where they are not known. */
function outputShapes(
  machine: Machine,
  state: ModelState,
  inputs: readonly Tensor[],
  model: Model,
  site: CallExpression,
): readonly Shape[] | null {
  const own = state.inputs?.map(({ shape }) => shape);
  const given = inputs.map(({ shape }) => shape);
  const known = state.outputs?.flatMap(({ shape }) => (shape === null ? [] : [shape]));
  if (own === undefined || known === undefined || known.length !== state.outputs?.length) return null;
  if (areSameShapes(own, given)) return known;
  if (own.length !== given.length) return null;
  for (const [i, shape] of own.entries()) {
    const other = given[i] ?? null;
    if (shape === null || other === null) return null;
    const fits =
      shape.length === other.length &&
      shape.every((size, axis) => size === null || other[axis] === null || size === other[axis]);
    if (fits) continue;
    const message = l10n.t(
      '{0} takes an input of shape {1} but gets {2}.',
      model.name ?? model.className,
      tupleText(shape),
      tupleText(other),
    );
    // Keras adds or removes an axis of size 1 at the end.
    if (Math.abs(shape.length - other.length) !== 1) machine.report({ at: site, message, fixes: [] });
    return null;
  }
  return shapesOf(state, inputs);
}
