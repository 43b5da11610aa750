import { callBuiltin, callMath } from './builtins';
import { callLayer } from './keras/call';
import { eagerArray } from './keras/eager';
import { callKeras, isKeras } from './keras/library';
import { callLayerMethod } from './keras/members';
import { callModel } from './keras/models';
import type { Arguments, Machine } from './machine';
import { callDictMethod, callListMethod, callTextMethod, lose } from './methods';
import type { CallExpression } from './syntax/ast';
import { type FunctionValue, type Method, OPAQUE, UNKNOWN, type Value } from './values';

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
    private readonly callFunction: (callee: FunctionValue, given: Arguments) => Value,
  ) {}

  apply(callee: Value, given: Arguments, site: CallExpression): Value {
    const { machine } = this;
    machine.step();
    switch (callee.kind) {
      case 'reference':
        return this.reference(callee.path, given, site);
      case 'function':
        if (callee.isDecorated) return this.unseen(given);
        return this.callFunction(callee, given);
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

  private reference(path: string, given: Arguments, site: CallExpression): Value {
    if (isKeras(path)) return callKeras(this.machine, path, given, site);
    const [root = ''] = path.split('.');
    if (root === 'builtins') return callBuiltin(path.slice('builtins.'.length), given);
    const known = callMath(path, given) ?? eagerArray(path, given);
    if (known !== null) return known;
    return HARMLESS.has(root) ? UNKNOWN : this.unseen(given);
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
      default:
        return this.unseen(given);
    }
  }
}
