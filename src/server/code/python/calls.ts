import { addWeight, initialize } from '../classes/construct';
import { methodOf } from '../classes/members';
import { callLayerMethod } from '../keras/members';
import { callArrayMethod, callOnArray, callOperation } from '../keras/operations';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { type Method, NONE, UNKNOWN, type Value } from '../values';
import { callBuiltin, callMath } from './builtins';
import { eagerArray } from './eager';
import { callKeras, isKeras } from './library';
import { callDictMethod, callListMethod, callTextMethod } from './methods';
import { asKerasOperation, kerasArguments } from './tensorflow';

/** Modules whose functions make no layers and change no arguments. */
const HARMLESS = new Set(
  'builtins tensorflow keras numpy math os sys re json time datetime random pathlib typing functools itertools collections matplotlib seaborn pandas sklearn scipy PIL cv2 tqdm argparse logging warnings glob shutil pickle csv string copy dataclasses tensorflow_datasets IPython wandb mlflow h5py zipfile urllib requests subprocess gc'.split(
    ' ',
  ),
);

/** Calls something of a module; `null` for code that is not seen. */
export function callPath(
  machine: Machine,
  path: string,
  given: Arguments,
  site: CallExpression,
): Value | null {
  const [self, ...rest] = given.positional;
  // `keras.Model.__init__(self)`
  if (path.endsWith('.__init__') && self?.kind === 'instance') {
    initialize(machine, self, { ...given, positional: rest });
    return NONE;
  }
  if (isKeras(path)) return callKeras(machine, path, given, site);
  const [root = ''] = path.split('.');
  if (path === 'functools.partial' && self !== undefined && !given.isOpen)
    return { kind: 'partial', callee: self, given: { ...given, positional: rest } };
  if (root === 'builtins') return callBuiltin(path.slice('builtins.'.length), given);
  const known =
    callMath(path, given) ??
    eagerArray(path, given) ??
    callOnArray(machine, path, given, site) ??
    callTensorflow(machine, path, given, site);
  if (known !== null) return known;
  return HARMLESS.has(root) ? UNKNOWN : null;
}

/** Functions of TensorFlow take the tensors inside a layer's `call`, not symbolic ones. */
function callTensorflow(
  machine: Machine,
  path: string,
  given: Arguments,
  site: CallExpression,
): Value | null {
  const spelling = machine.isInside ? asKerasOperation(path) : null;
  const named = spelling === null ? null : kerasArguments(spelling, given);
  return spelling === null || named === null ? null : callOperation(machine, spelling.path, named, site);
}

/** Calls a method of a value; `null` for code that is not seen. */
export function callMethod(
  machine: Machine,
  { object, name }: Method,
  given: Arguments,
  site: CallExpression,
): Value | null {
  switch (object.kind) {
    case 'list':
      return callListMethod(machine, object, name, given);
    case 'dict':
      return callDictMethod(machine, object, name, given);
    case 'string':
      return callTextMethod(object.value, name, given);
    case 'layer':
    case 'model':
      return callLayerMethod(machine, object, name, given, site) ?? UNKNOWN;
    case 'tensor':
      return callArrayMethod(machine, object, name, given, site);
    case 'instance':
    case 'super':
      return inherited(machine, object.kind === 'super' ? object.self : object, name, given, site);
    default:
      return null;
  }
}

/** A method of Keras of an instance. */
function inherited(
  machine: Machine,
  self: Value,
  name: string,
  given: Arguments,
  site: CallExpression,
): Value | null {
  if (self.kind !== 'instance') return null;
  if (name === '__init__') {
    initialize(machine, self, given);
    return NONE;
  }
  if (name === 'add_weight' || name === 'add_variable') return addWeight(machine, self, given);
  const base = self.base.value;
  if (base === null) return null;
  // A `build` of the program that calls Keras's has built its layers already.
  if (name === 'build' && base.kind === 'layer' && methodOf(self, 'build') !== null) return NONE;
  return callLayerMethod(machine, base, name, given, site) ?? UNKNOWN;
}
