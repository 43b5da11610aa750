import type { Arguments } from '../machine';
import {
  boolean,
  type DictEntry,
  dict,
  integer,
  itemsOf,
  list,
  NONE,
  number,
  string,
  tuple,
  UNKNOWN,
  type Value,
} from '../values';
import { binary, textOf, truth } from './operators';

/** A range with more numbers is not followed. */
const MAX_RANGE = 10_000;

/** The built-in functions that are followed, by name. */
const FUNCTIONS: Readonly<Record<string, (given: Arguments) => Value>> = {
  range: ({ positional }) => rangeOf(positional),
  len: ({ positional: [value = UNKNOWN] }) => lengthOf(value),
  list: ({ positional: [value] }) => (value === undefined ? list([]) : list(itemsIn(value))),
  tuple: ({ positional: [value] }) => {
    const items = value === undefined ? [] : itemsIn(value);
    return items === null ? UNKNOWN : tuple(items);
  },
  dict: ({ positional, named }) => {
    if (positional.length > 0) return UNKNOWN;
    const entries = [...named].map(([name, value]): [string, DictEntry] => [
      `s:${name}`,
      { key: string(name), value },
    ]);
    return dict(new Map(entries));
  },
  zip: ({ positional }) => {
    const lists = positional.map(itemsIn);
    if (lists.some((items) => items === null)) return UNKNOWN;
    const count = Math.min(...lists.map((items) => items?.length ?? 0));
    if (lists.length === 0) return list([]);
    return list(Array.from({ length: count }, (_, i) => tuple(lists.map((items) => items?.[i] ?? UNKNOWN))));
  },
  enumerate: ({ positional: [value = UNKNOWN, start], named }) => {
    const items = itemsIn(value);
    const first = start ?? named.get('start') ?? integer(0);
    if (items === null || first.kind !== 'number') return UNKNOWN;
    return list(items.map((item, i) => tuple([integer(first.value + i), item])));
  },
  reversed: ({ positional: [value = UNKNOWN] }) => {
    const items = itemsIn(value);
    return items === null ? UNKNOWN : list([...items].reverse());
  },
  sorted: ({ positional: [value = UNKNOWN], named }) => sortedOf(value, named),
  sum: ({ positional: [value = UNKNOWN, start = integer(0)] }) => {
    const items = itemsIn(value);
    return items === null ? UNKNOWN : items.reduce((sum, item) => binary('+', sum, item), start);
  },
  max: ({ positional, named }) => (named.size > 0 ? UNKNOWN : extremum(positional, (a, b) => a > b)),
  min: ({ positional, named }) => (named.size > 0 ? UNKNOWN : extremum(positional, (a, b) => a < b)),
  abs: ({ positional: [value = UNKNOWN] }) =>
    value.kind === 'number' ? number(Math.abs(value.value), value.isFloat) : UNKNOWN,
  int: ({ positional: [value = integer(0)] }) => {
    if (value.kind === 'number') return integer(Math.trunc(value.value));
    if (value.kind === 'boolean') return integer(Number(value.value));
    return value.kind === 'string' && /^\s*[-+]?\d+\s*$/.test(value.value)
      ? integer(Number(value.value))
      : UNKNOWN;
  },
  float: ({ positional: [value = integer(0)] }) =>
    value.kind === 'number' ? number(value.value, true) : UNKNOWN,
  round: ({ positional: [value = UNKNOWN, digits] }) => {
    if (value.kind !== 'number' || digits !== undefined) return UNKNOWN;
    const low = Math.floor(value.value);
    const isHalf = value.value - low === 0.5;
    return integer(isHalf ? (low % 2 === 0 ? low : low + 1) : Math.round(value.value));
  },
  str: ({ positional: [value = string('')] }) => {
    const text = textOf(value);
    return text === null ? UNKNOWN : string(text);
  },
  bool: ({ positional: [value = NONE] }) => {
    const known = truth(value);
    return known === null ? UNKNOWN : boolean(known);
  },
  isinstance: ({ positional: [value = UNKNOWN, type = UNKNOWN] }) => isInstance(value, type),
  callable: ({ positional: [value = UNKNOWN] }) => {
    if (value.kind === 'unknown' || value.kind === 'reference') return UNKNOWN;
    return boolean(['function', 'class', 'method', 'layer', 'model'].includes(value.kind));
  },
  chr: ({ positional: [value = UNKNOWN] }) =>
    value.kind === 'number' && value.value >= 0 && value.value < 0xd800
      ? string(String.fromCodePoint(value.value))
      : UNKNOWN,
  print: () => NONE,
};

/** Python's name of the type of a plain value, and those of its bases. */
function typesOf(value: Value): readonly string[] | null {
  switch (value.kind) {
    case 'boolean':
      return ['bool', 'int'];
    case 'number':
      return [value.isFloat ? 'float' : 'int'];
    case 'string':
      return ['str'];
    case 'none':
    case 'layer':
    case 'model':
      return [];
    case 'list':
    case 'tuple':
    case 'dict':
      return [value.kind];
    default:
      return null;
  }
}

function isInstance(value: Value, type: Value): Value {
  const types = typesOf(value);
  const wanted = type.kind === 'tuple' ? type.items : [type];
  const names = wanted.flatMap((one) =>
    one.kind === 'reference' && /^builtins\.(bool|int|float|str|list|tuple|dict)$/.test(one.path)
      ? [one.path.slice('builtins.'.length)]
      : [],
  );
  if (types?.some((name) => names.includes(name))) return boolean(true);
  return types === null || names.length < wanted.length ? UNKNOWN : boolean(false);
}

/** `copy.deepcopy` of lists and dicts; other values keep their identity only if they have none. */
export function copied(value: Value): Value {
  switch (value.kind) {
    case 'list':
      return list(value.items.value?.map(copied) ?? null);
    case 'tuple':
      return tuple(value.items.map(copied));
    case 'dict': {
      const { value: entries } = value.entries;
      if (entries === null) return dict(null);
      return dict(
        new Map([...entries].map(([key, entry]) => [key, { ...entry, value: copied(entry.value) }])),
      );
    }
    case 'layer':
    case 'model':
    case 'tensor':
      return UNKNOWN;
    default:
      return value;
  }
}

export const isBuiltin = (name: string): boolean => Object.hasOwn(FUNCTIONS, name) || OTHERS.has(name);

/** Built-in names whose calls change nothing that is followed. */
const OTHERS = new Set(
  'super staticmethod classmethod property issubclass hasattr getattr type id repr hash input open format any all divmod pow set frozenset object Exception ValueError TypeError KeyError ImportError RuntimeError NotImplementedError AssertionError iter next filter bytes complex slice vars dir globals locals ord hex bin'.split(
    ' ',
  ),
);

export function callBuiltin(name: string, given: Arguments): Value {
  if (given.isOpen || !Object.hasOwn(FUNCTIONS, name)) return UNKNOWN;
  return FUNCTIONS[name]?.(given) ?? UNKNOWN;
}

/** What a loop over a value goes through; `null` where it is not known. */
export function itemsIn(value: Value): readonly Value[] | null {
  if (value.kind === 'string') return [...value.value].map(string);
  if (value.kind === 'dict')
    return value.entries.value === null ? null : [...value.entries.value.values()].map(({ key }) => key);
  return itemsOf(value);
}

function rangeOf(bounds: readonly Value[]): Value {
  const sizes = bounds.map((bound) => (bound.kind === 'number' && !bound.isFloat ? bound.value : null));
  const [a = null, b, step = 1] = sizes;
  if (a === null || b === null || step === null || step === 0) return UNKNOWN;
  const [from, to] = b === undefined ? [0, a] : [a, b];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (count > MAX_RANGE) return UNKNOWN;
  return list(Array.from({ length: count }, (_, i) => integer(from + i * step)));
}

function lengthOf(value: Value): Value {
  if (value.kind === 'string') return integer([...value.value].length);
  const items = itemsIn(value);
  return items === null ? UNKNOWN : integer(items.length);
}

function sortedOf(value: Value, named: ReadonlyMap<string, Value>): Value {
  const items = itemsIn(value);
  const reverse = named.get('reverse');
  const descending = reverse === undefined ? false : truth(reverse);
  if (items === null || named.has('key') || descending === null) return UNKNOWN;
  const numbers = items.flatMap((item) => (item.kind === 'number' ? [item] : []));
  if (numbers.length !== items.length) return UNKNOWN;
  return list([...numbers].sort((a, b) => (descending ? b.value - a.value : a.value - b.value)));
}

function extremum(given: readonly Value[], isBetter: (a: number, b: number) => boolean): Value {
  const [first] = given;
  const items = given.length === 1 && first !== undefined ? itemsIn(first) : given;
  let best: Value = UNKNOWN;
  for (const item of items ?? []) {
    if (item.kind !== 'number') return UNKNOWN;
    if (best.kind !== 'number' || isBetter(item.value, best.value)) best = item;
  }
  return best;
}

/** Functions of the modules `math` and `numpy`, by path. */
const MATH: Readonly<Record<string, (value: number) => Value>> = {
  'math.ceil': (value) => integer(Math.ceil(value)),
  'math.floor': (value) => integer(Math.floor(value)),
  'math.sqrt': (value) => number(Math.sqrt(value), true),
  'numpy.sqrt': (value) => number(Math.sqrt(value), true),
  'math.log2': (value) => number(Math.log2(value), true),
  'numpy.log2': (value) => number(Math.log2(value), true),
};

/** A call of a module `math`, `numpy` or `copy`; `null` for a function that is not followed. */
export function callMath(path: string, { positional: [first] }: Arguments): Value | null {
  if (path === 'copy.deepcopy' && first !== undefined) return copied(first);
  if ((path === 'numpy.prod' || path === 'math.prod') && first !== undefined) return productOf(first);
  return first?.kind === 'number' ? (MATH[path]?.(first.value) ?? null) : null;
}

/** The product of a list of numbers. */
function productOf(value: Value): Value {
  const items = itemsIn(value);
  return items === null ? UNKNOWN : items.reduce((all, item) => binary('*', all, item), integer(1));
}
