import { callLayerMethod, layerAttribute } from '../../keras/members';
import type { Arguments, Machine } from '../../machine';
import type { CallExpression } from '../../syntax/ast';
import {
  integer,
  type Layer,
  list,
  type Model,
  NONE,
  reference,
  type Tensor,
  UNDEFINED,
  UNKNOWN,
  type Value,
} from '../../values';
import { makeInput, makeInputLayer, makeLayer } from './make';
import { addTo, callArguments, makeTfModel, makeTfSequential } from './models';
import { FACTORIES } from './table';

/** Calls something of TensorFlow.js. @param path after `tf.` */
export function callTensorflow(
  machine: Machine,
  path: string,
  given: Arguments,
  site: CallExpression,
): Value {
  switch (path) {
    case 'sequential':
      return makeTfSequential(machine, given, site);
    case 'model':
      return makeTfModel(machine, given, site);
    case 'input':
    case 'layers.input':
      return makeInput(machine, given, site);
    case 'layers.inputLayer':
      return makeInputLayer(machine, given, site);
    case 'loadLayersModel':
    case 'loadGraphModel': {
      const [file] = given.positional;
      return file?.kind === 'string' ? { ...UNKNOWN, file: file.value } : UNKNOWN;
    }
  }
  const factory = path.startsWith('layers.') ? FACTORIES.get(path.slice('layers.'.length)) : undefined;
  if (factory !== undefined) return makeLayer(machine, factory, given, site);
  // Objects that are no layers, and have none.
  return /^(train|initializers|regularizers|constraints|losses|metrics)\./.test(path)
    ? reference(`tf.${path}.object`)
    : UNKNOWN;
}

const SAME_NAMES = new Set(['layers', 'inputs', 'outputs', 'input', 'output', 'name']);
const METHODS = new Set(
  'add pop apply build getLayer summary compile fit fitDataset evaluate predict predictOnBatch save countParams getWeights setWeights getConfig toJSON dispose trainOnBatch evaluateDataset loadWeights'.split(
    ' ',
  ),
);

/** An attribute of a layer or model; `null` for a method. */
export function attributeOfLayer(layer: Layer | Model, name: string): Value | null {
  if (METHODS.has(name)) return null;
  if (name === 'outputShape') {
    const outputs = layer.kind === 'model' ? layer.state.value.outputs : layer.calls.value[0]?.outputs;
    return sizes(outputs ?? []);
  }
  return SAME_NAMES.has(name) ? layerAttribute(layer, name) : UNKNOWN;
}

function sizes(tensors: readonly Tensor[]): Value {
  const [only, second] = tensors;
  if (!only?.shape || second !== undefined) return UNKNOWN;
  return list(only.shape.map((size) => (size === null ? NONE : integer(size))));
}

/** A method of a layer or model. */
export function callLayerMember(
  machine: Machine,
  layer: Layer | Model,
  name: string,
  given: Arguments,
  site: CallExpression,
): Value {
  const [first = UNDEFINED] = given.positional;
  switch (name) {
    case 'apply':
      return machine.hooks.apply(layer, callArguments(layer, given), site);
    case 'add':
      if (layer.kind === 'model') addTo(machine, layer, first, site);
      return UNDEFINED;
    case 'pop':
      return callLayerMethod(machine, layer, 'pop', given, site) ?? UNKNOWN;
    case 'getLayer': {
      const [, second] = given.positional;
      const index = first.kind === 'number' ? first : second;
      const named = new Map(first.kind === 'string' ? [['name', first]] : index ? [['index', index]] : []);
      if (given.isOpen || named.size === 0) return UNKNOWN;
      return (
        callLayerMethod(machine, layer, 'get_layer', { positional: [], named, isOpen: false }, site) ??
        UNKNOWN
      );
    }
    case 'countParams':
      return callLayerMethod(machine, layer, 'count_params', given, site) ?? UNKNOWN;
    default:
      return UNKNOWN;
  }
}
