import { cloneModel } from '../keras/copyGraph';
import { inputShape, makeInput, startInput } from '../keras/input';
import { makeLayer } from '../keras/layer';
import { makeFunctional, makeSequential } from '../keras/models';
import { callOperation } from '../keras/operations';
import { LAYERS } from '../keras/signatures';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { NONE, reference, UNKNOWN, type Value } from '../values';
import { callApplication } from './applications/networks';
import { eagerArray, loadedData, oneHot } from './eager';

/** The paths under which Keras is imported. */
const KERAS =
  /^(?:tensorflow\.(?:compat\.v[12]\.)?(?:python\.)?keras|tf_keras|keras\.(?:src|api)(?:\.v2)?)(?=\.|$)/;

/** The path of something as `keras` names it: `tensorflow.keras.layers.Dense` is `keras.layers.Dense`. */
export const canonicalPath = (path: string): string => path.replace(KERAS, 'keras');

export const isKeras = (path: string): boolean => path === 'keras' || path.startsWith('keras.');

const OBJECTS =
  /^keras\.(losses|metrics|optimizers|initializers|regularizers|constraints|callbacks|random)\.[A-Z]\w*$/;

/** A call of something in Keras. */
export function callKeras(machine: Machine, path: string, given: Arguments, site: CallExpression): Value {
  if (path.startsWith('keras.applications.')) return callApplication(machine, path, given, site);
  const name = path.split('.').at(-1) ?? '';
  switch (name) {
    case 'Input':
      return makeInput(machine, given, site);
    case 'Sequential':
      return makeSequential(machine, given, site);
    case 'Model':
    case 'Functional':
      return isFunctional(given) ? makeFunctional(machine, given, site) : UNKNOWN;
    case 'clone_model': {
      const [model] = given.positional;
      return model?.kind === 'model' && given.named.size === 0 && given.positional.length === 1
        ? cloneModel(machine, model, site)
        : UNKNOWN;
    }
    case 'load_model': {
      const file = given.positional[0] ?? given.named.get('filepath');
      return file?.kind === 'string' ? { ...UNKNOWN, file: file.value } : UNKNOWN;
    }
    case 'clear_session':
      machine.resetNames();
      return NONE;
    case 'image_data_format':
      return { kind: 'string', value: 'channels_last' };
  }
  const loaded = loadedData(path);
  if (loaded !== null) return loaded;
  if (path === 'keras.utils.to_categorical') return oneHot(given);
  // Objects that are no layers, and have none.
  if (OBJECTS.test(path)) return reference(`${path}.object`);
  const array = eagerArray(path, given);
  if (array !== null) return array;
  if (/^keras\.(ops|activations)\./.test(path)) return callOperation(machine, path, given, site) ?? UNKNOWN;
  const signature = LAYERS.get(name);
  if (signature !== undefined && !path.startsWith('keras.backend.')) {
    const layer = makeLayer(machine, name, signature, given, site);
    if (layer.className === 'InputLayer') startInput(machine, layer, shapeOfInputLayer(given), site);
    return layer;
  }
  const merging = MERGING[name];
  if (merging !== undefined && path.startsWith('keras.layers.'))
    return callMerging(machine, merging, given, site);
  return UNKNOWN;
}

const isFunctional = (given: Arguments): boolean =>
  given.positional.length >= 2 ||
  (given.named.has('inputs') && given.named.has('outputs')) ||
  (given.positional.length === 1 && given.named.has('outputs'));

/** `layers.add([a, b])` makes the layer and calls it. */
const MERGING: Readonly<Record<string, string>> = {
  add: 'Add',
  subtract: 'Subtract',
  multiply: 'Multiply',
  average: 'Average',
  maximum: 'Maximum',
  minimum: 'Minimum',
  concatenate: 'Concatenate',
  dot: 'Dot',
};

function callMerging(machine: Machine, className: string, given: Arguments, site: CallExpression): Value {
  const signature = LAYERS.get(className);
  const [inputs = given.named.get('inputs') ?? UNKNOWN, ...rest] = given.positional;
  if (signature === undefined) return UNKNOWN;
  const named = new Map([...given.named].filter(([name]) => name !== 'inputs'));
  const layer = makeLayer(machine, className, signature, { ...given, positional: rest, named }, site);
  return machine.hooks.apply(layer, { positional: [inputs], named: new Map(), isOpen: false }, site);
}

function shapeOfInputLayer(given: Arguments) {
  const argumentNamed = (...names: string[]): Value =>
    names.map((name) => given.named.get(name)).find((value) => value !== undefined) ?? NONE;
  const shape = given.positional[0] ?? argumentNamed('shape', 'input_shape');
  return inputShape(shape, argumentNamed('batch_shape', 'batch_input_shape'), argumentNamed('batch_size'));
}
