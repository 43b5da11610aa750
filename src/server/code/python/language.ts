import { layerAttribute } from '../keras/members';
import { getItem, negate, operate, tensorAttribute } from '../keras/operations';
import { LAYERS } from '../keras/signatures';
import type { Language } from '../machine';
import { OPAQUE, reference, string } from '../values';
import { isBuiltin, itemsIn } from './builtins';
import { callMethod, callPath } from './calls';
import { noteFile } from './files';
import { indexed } from './indexing';
import { canonicalPath } from './library';
import { snakeCase } from './names';
import { binary, compare, fieldText, truth, unary } from './operators';
import { parsePython } from './syntax/parse';

/** Python, with Keras. */
export const PYTHON: Language = {
  isBlockScoped: false,
  modelClass: 'Functional',
  mentions: (text) => /\bkeras\b/.test(text),
  parse: parsePython,
  global(name, stars) {
    const star = stars.findLast((path) => isExported(path, name));
    if (star !== undefined) return reference(`${star}.${name}`);
    if (name === '__name__') return string('__main__');
    return isBuiltin(name) ? reference(`builtins.${name}`) : OPAQUE;
  },
  canonicalPath,
  truth,
  itemsIn,
  textIn: fieldText,
  binary: (machine, operator, left, right, at) =>
    left.kind === 'tensor' || right.kind === 'tensor'
      ? operate(machine, operator, left, right, at)
      : binary(operator, left, right),
  unary: (machine, operator, operand, at) =>
    operand.kind === 'tensor' && operator === '-' ? negate(machine, operand, at) : unary(operator, operand),
  compare(machine, operator, left, right, at) {
    const isTensor = left.kind === 'tensor' || right.kind === 'tensor';
    const isIdentity = operator.startsWith('is');
    return isTensor && !isIdentity
      ? operate(machine, operator, left, right, at)
      : compare(operator, left, right);
  },
  indexed: (machine, object, index, at) =>
    object.kind === 'tensor' ? getItem(machine, object, index, at) : indexed(object, index),
  attribute(object, name) {
    if (object.kind === 'tensor') return tensorAttribute(object, name);
    const hasMethods = object.kind === 'list' || object.kind === 'dict' || object.kind === 'string';
    return hasMethods ? { kind: 'method', object, name } : OPAQUE;
  },
  layerAttribute,
  call: callPath,
  callMethod,
  note: noteFile,
  adjusted: (_layer, _shapes, outcome) => outcome,
  startName: () => null,
  namePrefix: snakeCase,
  autoName(className, count) {
    const prefix = snakeCase(className);
    return count === 0 ? prefix : `${prefix}_${count}`;
  },
};

/** Whether `from path import *` binds a name. */
const isExported = (path: string, name: string): boolean =>
  path === 'keras.layers'
    ? LAYERS.has(name) || name === 'Input'
    : path === 'keras.models' || path === 'keras'
      ? ['Sequential', 'Model', 'Input', 'layers', 'models', 'clone_model'].includes(name)
      : path.startsWith('keras.applications') && /^[A-Z]/.test(name);
