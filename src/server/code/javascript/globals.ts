import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import {
  boolean,
  type DictEntry,
  itemsOf,
  keyOf,
  list,
  NONE,
  OPAQUE,
  reference,
  string,
  tuple,
  UNDEFINED,
  UNKNOWN,
  type Value,
} from '../values';
import { modulePath } from './modules';
import { numeric, textOf, truth } from './operators';

/** A longer array is not followed. */
const MAX_ITEMS = 10_000;

/** Names of the language and of its surroundings whose calls change nothing that is followed. */
const NAMES = new Set(
  'Math Array Object Number String Boolean console JSON Date Promise Symbol Map Set WeakMap RegExp Error TypeError RangeError process setTimeout setInterval clearTimeout clearInterval parseInt parseFloat isNaN isFinite document window self globalThis fetch performance require module exports Float32Array Float64Array Int32Array Uint8Array Uint8ClampedArray Image URL Blob File FileReader ImageData structuredClone requestAnimationFrame alert localStorage navigator Buffer'.split(
    ' ',
  ),
);

/** What a name is that the program does not define. */
export function globalNamed(name: string): Value {
  if (name === 'undefined') return UNDEFINED;
  if (name === 'super') return reference('builtins.super');
  if (name === 'tf') return reference('tf');
  return NAMES.has(name) ? reference(`global.${name}`) : OPAQUE;
}

/** The functions of numbers in `Math` that are followed. */
const MATH: Readonly<Record<string, (...numbers: number[]) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  log2: Math.log2,
  pow: Math.pow,
  min: Math.min,
  max: Math.max,
};

/** Calls something of the language or its surroundings. @param path after `global.` */
export function callGlobal(machine: Machine, path: string, given: Arguments, site: CallExpression): Value {
  if (given.isOpen) return UNKNOWN;
  const [first = UNDEFINED, second = UNDEFINED] = given.positional;
  const [root = '', name = ''] = path.split('.');
  if (root === 'Math') return mathOf(name, given.positional);
  switch (path) {
    case 'require':
      return first.kind === 'string' ? reference(modulePath(first.value)) : OPAQUE;
    case 'Array':
      return given.positional.length === 1 && first.kind === 'number' && isLength(first.value)
        ? list(Array.from({ length: first.value }, () => UNDEFINED))
        : list(given.positional);
    case 'Array.of':
      return list(given.positional);
    case 'Array.isArray':
      return first.kind === 'unknown' || first.kind === 'reference'
        ? UNKNOWN
        : boolean(first.kind === 'list' || first.kind === 'tuple');
    case 'Array.from':
      return arrayFrom(machine, first, second, site);
    // The value of a promise is what it is fulfilled with.
    case 'Promise.resolve':
    case 'Promise.all':
    case 'Object.freeze':
    case 'structuredClone':
      return path === 'structuredClone' ? UNKNOWN : first;
    case 'Object.keys':
      return entriesOf(first, ({ key }) => key);
    case 'Object.values':
      return entriesOf(first, ({ value }) => value);
    case 'Object.entries':
      return entriesOf(first, ({ key, value }) => tuple([key, value]));
    case 'Object.assign':
      return assigned(machine, given.positional);
    case 'Number':
    case 'parseFloat':
    case 'Number.parseFloat':
      return first.kind === 'number' ? first : parsed(path, first);
    case 'parseInt':
    case 'Number.parseInt':
      if (second.kind !== 'none' && !(second.kind === 'number' && second.value === 10)) return UNKNOWN;
      return first.kind === 'number' && Math.abs(first.value) < MAX_PLAIN
        ? numeric(Math.trunc(first.value))
        : parsed(path, first);
    case 'String': {
      const text = textOf(first);
      return text === null ? UNKNOWN : string(text);
    }
    case 'Boolean': {
      const known = truth(first);
      return known === null ? UNKNOWN : boolean(known);
    }
    case 'Number.isInteger':
      return first.kind === 'number' ? boolean(!first.isFloat) : UNKNOWN;
    default:
      return root === 'console' ? UNDEFINED : UNKNOWN;
  }
}

/** Beyond it numbers are written with an exponent, which parseInt does not read. */
const MAX_PLAIN = 1e21;

const parsed = (path: string, value: Value): Value =>
  value.kind === 'string' && /^-?\d{1,15}$/.test(value.value)
    ? numeric(Number(value.value))
    : path === 'Number' && value.kind === 'boolean'
      ? numeric(Number(value.value))
      : UNKNOWN;

const isLength = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= MAX_ITEMS;

function mathOf(name: string, given: readonly Value[]): Value {
  const work = Object.hasOwn(MATH, name) ? MATH[name] : undefined;
  const numbers = given.flatMap((value) => (value.kind === 'number' ? [value.value] : []));
  return work === undefined || numbers.length < given.length || numbers.length === 0
    ? UNKNOWN
    : numeric(work(...numbers));
}

function entriesOf(value: Value, part: (entry: DictEntry) => Value): Value {
  if (value.kind !== 'dict' || value.entries.value === null) return UNKNOWN;
  const entries = [...value.entries.value.values()];
  // Keys that are numbers come first, whatever the order in the text.
  const isPlain = entries.every(({ key }) => key.kind === 'string' && !/^\d+$/.test(key.value));
  return isPlain ? list(entries.map(part)) : UNKNOWN;
}

function assigned(machine: Machine, [target, ...sources]: readonly Value[]): Value {
  if (target?.kind !== 'dict') return UNKNOWN;
  let entries = target.entries.value;
  for (const source of sources) {
    if (source.kind === 'none') continue;
    const more = source.kind === 'dict' ? source.entries.value : null;
    entries = entries === null || more === null ? null : new Map([...entries, ...more]);
  }
  machine.set(target.entries, entries);
  return target;
}

/** `Array.from({ length: 3 }, (_, i) => ...)` and `Array.from(list)`. */
function arrayFrom(machine: Machine, source: Value, each: Value, site: CallExpression): Value {
  const length =
    source.kind === 'dict' ? source.entries.value?.get(keyOf(string('length')) ?? '') : undefined;
  const items =
    length?.value.kind === 'number' && isLength(length.value.value)
      ? Array.from({ length: length.value.value }, () => UNDEFINED)
      : itemsOf(source);
  if (items === null) return UNKNOWN;
  if (each.kind === 'none') return list(items);
  return list(
    items.map((item, i) => {
      machine.step();
      return machine.hooks.apply(
        each,
        { positional: [item, numeric(i)], named: new Map(), isOpen: false },
        site,
      );
    }),
  );
}

/** What is at a place of an array, an object or a text. */
export function indexed(object: Value, index: Value): Value {
  const items = itemsOf(object);
  if (index.kind === 'number') {
    if (items !== null) return items[index.value] ?? UNDEFINED;
    if (object.kind === 'string') {
      const letter = object.value[index.value];
      return letter === undefined ? UNDEFINED : string(letter);
    }
    return object.kind === 'dict' ? memberOf(object, String(index.value)) : UNKNOWN;
  }
  return index.kind === 'string' ? attributeOf(object, index.value) : UNKNOWN;
}

/** An attribute of a value that is no layer or model. */
export function attributeOf(object: Value, name: string): Value {
  const items = itemsOf(object);
  switch (object.kind) {
    case 'list':
    case 'tuple':
      if (name !== 'length') return { kind: 'method', object, name };
      return items === null ? UNKNOWN : numeric(items.length);
    case 'string':
      return name === 'length' ? numeric(object.value.length) : { kind: 'method', object, name };
    case 'number':
      return { kind: 'method', object, name };
    case 'dict':
      return memberOf(object, name);
    case 'tensor':
      if (object.shape === null) return UNKNOWN;
      if (name === 'rank') return numeric(object.shape.length);
      return name === 'shape'
        ? list(object.shape.map((size) => (size === null ? NONE : numeric(size))))
        : UNKNOWN;
    case 'unknown':
      return object;
    default:
      return OPAQUE;
  }
}

function memberOf(object: Value & { readonly kind: 'dict' }, name: string): Value {
  const entries = object.entries.value;
  if (entries === null) return UNKNOWN;
  const found = entries.get(keyOf(string(name)) ?? '')?.value;
  if (found !== undefined) return found;
  return name === 'hasOwnProperty' ? { kind: 'method', object, name } : UNDEFINED;
}
