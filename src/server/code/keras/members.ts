import * as l10n from '@vscode/l10n';
import { nearestName } from '../../graph/nearestName';
import type { Arguments, Machine, Problem } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  integer,
  type Layer,
  list,
  type Model,
  NONE,
  string,
  type Tensor,
  tuple,
  UNKNOWN,
  type Value,
} from '../values';
import { paramsOf } from './call';
import { addLayer, buildOn, isPending } from './models';
import { sizesOf } from './structure';
import { checkLabels, compile } from './training';

/** An attribute of a layer or model; `null` for a method. */
export function layerAttribute(layer: Layer | Model, name: string): Value | null {
  if (layer.kind === 'model') {
    const found = modelAttribute(layer, name);
    if (found !== undefined) return found;
  }
  // Of a layer that is called more often Keras gives the first call; one on arrays it does not note.
  const call = layer.calls.value.find(({ outputs }) => outputs.every(({ isEager }) => isEager !== true));
  if (name === 'layers' && layer.kind === 'layer' && layer.custom !== undefined)
    return list(layer.custom.children());
  switch (name) {
    case 'output':
      return call === undefined ? UNKNOWN : oneOrList(call.outputs);
    case 'input':
      return call === undefined ? UNKNOWN : oneOrList(call.inputs);
    case 'name':
      return layer.name === null ? UNKNOWN : string(layer.name);
    case 'trainable':
    case 'weights':
    case 'dtype':
      return UNKNOWN;
  }
  if (METHODS.has(name)) return null;
  return layer.kind === 'layer' ? configValue(layer, name) : UNKNOWN;
}

/** `undefined` for an attribute that all layers have. */
function modelAttribute(model: Model, name: string): Value | undefined {
  const isSequential = model.className === 'Sequential';
  const { inputs, outputs, structure } = model.state.value;
  const isBuilt = !isPending(model);
  switch (name) {
    case 'layers':
      return list(layersOf(model));
    case 'input':
      // Of a Sequential they are those of its first call, as of a layer.
      if (isSequential) return undefined;
      return inputs === null ? UNKNOWN : oneOrList(inputs);
    case 'output':
      if (isSequential) return undefined;
      return outputs === null ? UNKNOWN : structure;
    case 'inputs':
      return list(isBuilt ? inputs : null);
    case 'outputs':
      return list(isBuilt ? outputs : null);
    case 'output_shape':
      return isBuilt ? shapeValue(outputs) : UNKNOWN;
    case 'input_shape':
      return isBuilt ? shapeValue(inputs) : UNKNOWN;
    default:
      return undefined;
  }
}

const METHODS = new Set(
  'add_weight add_variable add_loss add_metric __call__ add pop build get_layer summary compile fit evaluate predict save count_params get_weights set_weights get_config load_weights save_weights'.split(
    ' ',
  ),
);

/** `model.layers`: a Sequential does not list its input layer. */
export function layersOf(model: Model): readonly (Layer | Model)[] | null {
  const { layers } = model.state.value;
  if (model.className !== 'Sequential' || layers === null) return layers;
  return layers.filter((layer) => layer.kind === 'model' || layer.className !== 'InputLayer');
}

const oneOrList = (tensors: readonly Tensor[]): Value => {
  const [first] = tensors;
  return tensors.length === 1 && first !== undefined ? first : list(tensors);
};

function shapeValue(tensors: readonly Tensor[] | null): Value {
  const [only, second] = tensors ?? [];
  if (!only?.shape || second !== undefined) return UNKNOWN;
  return tuple(only.shape.map((size) => (size === null ? NONE : integer(size))));
}

/** `layer.units`: what the layer was made with. */
function configValue(layer: Layer, name: string): Value {
  const value = Object.getOwnPropertyDescriptor(layer.config, name)?.value as unknown;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return integer(value);
  return typeof value === 'string' ? string(value) : UNKNOWN;
}

/** A method of a layer or model; `null` for one that is not followed and changes nothing. */
export function callLayerMethod(
  machine: Machine,
  layer: Layer | Model,
  name: string,
  given: Arguments,
  site: CallExpression,
): Value | null {
  const [first = given.named.get('input_shape') ?? UNKNOWN] = given.positional;
  if (name === 'count_params') {
    const params = paramsOf(layer);
    return params === null ? UNKNOWN : integer(params);
  }
  if (layer.kind === 'layer' && layer.custom !== undefined && name === 'build') {
    // A class without a `build` counts as built; its layers are built when it is called.
    layer.custom.build(first);
    return NONE;
  }
  if (name === 'summary') return NONE;
  if (layer.kind === 'layer') return name === 'compile' ? NONE : null;
  switch (name) {
    case 'compile':
      compile(machine, layer, given);
      return NONE;
    case 'fit':
    case 'evaluate':
    case 'train_on_batch':
      checkLabels(machine, layer, given, site);
      return null;
    case 'add':
      addLayer(machine, layer, given.positional[0] ?? given.named.get('layer') ?? UNKNOWN, site);
      return NONE;
    case 'pop':
      popLayer(machine, layer);
      return UNKNOWN;
    case 'build': {
      const shape = sizesOf(first);
      if (shape !== null) buildOn(machine, layer, [inputTensorFor(shape)], site);
      return NONE;
    }
    case 'get_layer':
      return getLayer(machine, layer, given, site);
    default:
      return null;
  }
}

const inputTensorFor = (shape: readonly (number | null)[]): Tensor => ({
  kind: 'tensor',
  shape,
  origin: null,
  output: 0,
});

/** The layers before the last one stay built. */
function popLayer(machine: Machine, model: Model): void {
  const state = model.state.value;
  const layers = state.layers?.slice(0, -1) ?? null;
  const last = layers?.at(-1);
  const outputs = last?.calls.value.at(-1)?.outputs ?? null;
  const isKnown = model.className === 'Sequential' && state.outputs !== null && outputs !== null;
  machine.set(model.state, {
    layers,
    inputs: isKnown ? state.inputs : null,
    outputs: isKnown ? outputs : null,
    structure: (isKnown ? outputs[0] : undefined) ?? UNKNOWN,
  });
}

function getLayer(machine: Machine, model: Model, given: Arguments, at: CallExpression): Value {
  const layers = layersOf(model);
  const name = given.named.get('name') ?? given.positional[0];
  const index = given.named.get('index') ?? given.positional[1];
  if (layers === null) return UNKNOWN;
  if (index?.kind === 'number') return layers.at(index.value) ?? UNKNOWN;
  if (name?.kind !== 'string') return UNKNOWN;
  const found = layers.find((layer) => layer.name === name.value);
  if (found !== undefined) return found;
  const names = layers.flatMap((layer) => layer.name ?? []);
  if (names.length === layers.length) machine.report(unknownName(name.value, names, at));
  return UNKNOWN;
}

function unknownName(name: string, names: readonly string[], at: CallExpression): Problem {
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const listed = names.length > MAX_NAMES ? `${shown}, ...` : shown;
  const nearest = nearestName(name, names);
  if (nearest === null)
    return { at, message: l10n.t('The model has no layer "{0}"; it has {1}.', name, listed), fixes: [] };
  const written = at.arguments.find(({ value }) => value.kind === 'string' && value.value === name);
  return {
    at,
    message: l10n.t('The model has no layer "{0}"; did you mean "{1}"? It has {2}.', name, nearest, listed),
    fixes:
      written === undefined
        ? []
        : [
            {
              title: l10n.t('Change to "{0}"', nearest),
              insert: { text: JSON.stringify(nearest) },
              at: written.value,
            },
          ],
  };
}

/** Names of layers that a message lists. */
const MAX_NAMES = 12;
