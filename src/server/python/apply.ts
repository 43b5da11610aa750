import { callBuiltin, callMath } from './builtins';
import { addWeight, construct, initialize } from './classes/construct';
import { methodOf } from './classes/members';
import { noteFile } from './files';
import { callLayer } from './keras/call';
import { eagerArray } from './keras/eager';
import { callKeras, isKeras } from './keras/library';
import { callLayerMethod } from './keras/members';
import { callModel } from './keras/models';
import { callArrayMethod, callOnArray, callOperation } from './keras/operations';
import { asKerasOperation, kerasArguments } from './keras/tensorflow';
import type { Arguments, Machine } from './machine';
import { callDictMethod, callListMethod, callTextMethod, lose } from './methods';
import type { CallExpression } from './syntax/ast';
import {
  type FunctionValue,
  type Instance,
  type Method,
  NONE,
  OPAQUE,
  type Super,
  UNKNOWN,
  type Value,
} from './values';

/** Modules whose functions make no layers and change no arguments. */
const HARMLESS = new Set(
  'builtins tensorflow keras numpy math os sys re json time datetime random pathlib typing functools itertools collections matplotlib seaborn pandas sklearn scipy PIL cv2 tqdm argparse logging warnings glob shutil pickle csv string copy dataclasses tensorflow_datasets IPython wandb mlflow h5py zipfile urllib requests subprocess gc'.split(
    ' ',
  ),
);

/** Calls values. */
export class Applier {
  constructor(
    private readonly machine: Machine,
    private readonly callFunction: (callee: FunctionValue, given: Arguments, method?: Super) => Value,
  ) {}

  apply(callee: Value, given: Arguments, site: CallExpression): Value {
    const { machine } = this;
    machine.step();
    noteFile(machine, callee, given, site);
    switch (callee.kind) {
      case 'reference':
        return this.reference(callee.path, given, site);
      case 'function':
        if (callee.isDecorated) return this.unseen(given);
        return this.callFunction(callee, given);
      case 'bound': {
        const { callee: method, self, owner } = callee;
        const all = { ...given, positional: [self, ...given.positional] };
        if (method.isDecorated) return this.unseen(all);
        return this.callFunction(method, all, { kind: 'super', self, owner });
      }
      case 'partial':
        return this.apply(callee.callee, joined(callee.given, given), site);
      case 'class':
        return construct(machine, callee, given, site) ?? this.unseen(given);
      case 'instance':
        return this.instance(callee, given, site);
      case 'layer':
        return callLayer(machine, callee, given, site);
      case 'model':
        return callModel(machine, callee, given, site);
      case 'method':
        return this.method(callee, given, site);
      case 'unknown':
        return callee.fromCode ? this.unseen(given) : UNKNOWN;
      default:
        return this.unseen(given);
    }
  }

  private instance(object: Instance, given: Arguments, site: CallExpression): Value {
    const own = methodOf(object, '__call__');
    if (own !== null) return this.apply(own, given, site);
    const base = object.base.value;
    if (base === null || (base.kind === 'model' && methodOf(object, 'call') !== null))
      return this.unseen(given);
    return this.apply(base, given, site);
  }

  /** `keras.Model.__init__(self)`. */
  private reference(path: string, given: Arguments, site: CallExpression): Value {
    const [self, ...rest] = given.positional;
    if (path.endsWith('.__init__') && self?.kind === 'instance') {
      initialize(this.machine, self, { ...given, positional: rest });
      return NONE;
    }
    if (isKeras(path)) return callKeras(this.machine, path, given, site);
    const [root = ''] = path.split('.');
    if (path === 'functools.partial' && self !== undefined && !given.isOpen)
      return { kind: 'partial', callee: self, given: { ...given, positional: rest } };
    if (root === 'builtins') return callBuiltin(path.slice('builtins.'.length), given);
    const known =
      callMath(path, given) ??
      eagerArray(path, given) ??
      callOnArray(this.machine, path, given, site) ??
      this.tensorflow(path, given, site);
    if (known !== null) return known;
    return HARMLESS.has(root) ? UNKNOWN : this.unseen(given);
  }

  /** Functions of TensorFlow take the tensors inside a layer's `call`, not symbolic ones. */
  private tensorflow(path: string, given: Arguments, site: CallExpression): Value | null {
    const spelling = this.machine.isInside ? asKerasOperation(path) : null;
    const named = spelling === null ? null : kerasArguments(spelling, given);
    return spelling === null || named === null
      ? null
      : callOperation(this.machine, spelling.path, named, site);
  }

  /** A method of Keras of an instance. */
  private inherited(self: Value, name: string, given: Arguments, site: CallExpression): Value {
    if (self.kind !== 'instance') return this.unseen(given);
    if (name === '__init__') {
      initialize(this.machine, self, given);
      return NONE;
    }
    if (name === 'add_weight' || name === 'add_variable') return addWeight(this.machine, self, given);
    const base = self.base.value;
    if (base === null) return this.unseen(given);
    // A `build` of the program that calls Keras's has built its layers already.
    if (name === 'build' && base.kind === 'layer' && methodOf(self, 'build') !== null) return NONE;
    return callLayerMethod(this.machine, base, name, given, site) ?? UNKNOWN;
  }

  /** A call of code that is not seen. */
  private unseen(given: Arguments): Value {
    for (const value of [...given.positional, ...given.named.values()]) lose(this.machine, value);
    this.machine.loseNames();
    return OPAQUE;
  }

  private method({ object, name }: Method, given: Arguments, site: CallExpression): Value {
    const { machine } = this;
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
        return this.inherited(object.kind === 'super' ? object.self : object, name, given, site);
      default:
        return this.unseen(given);
    }
  }
}

/** The arguments of two calls as one; of a name that both have, the second. */
const joined = (a: Arguments, b: Arguments): Arguments => ({
  positional: [...a.positional, ...b.positional],
  named: new Map([...a.named, ...b.named]),
  isOpen: a.isOpen || b.isOpen,
});
