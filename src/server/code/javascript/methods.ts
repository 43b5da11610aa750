import { lose } from '../lose';
import type { Arguments, Machine } from '../machine';
import type { CallExpression } from '../syntax/ast';
import { boolean, itemsOf, keyOf, list, string, tuple, UNDEFINED, UNKNOWN, type Value } from '../values';
import { compare, numeric, textOf, truth } from './operators';

/** A longer text or array is not followed. */
const MAX_LENGTH = 10_000;

/** Calls a function of the program for an item. */
type Visit = (item: Value, at: number) => Value;

/** A method of an array. */
export function callArrayMethod(
  machine: Machine,
  object: Value,
  name: string,
  given: Arguments,
  site: CallExpression,
): Value {
  const cell = object.kind === 'list' ? object.items : null;
  const items = itemsOf(object);
  const [first = UNDEFINED, second = UNDEFINED] = given.positional;
  const set = (now: readonly Value[] | null): void => {
    machine.step(now?.length ?? 1);
    if (cell !== null) machine.set(cell, now);
  };
  if (items === null || given.isOpen) {
    if (CHANGING.has(name)) set(null);
    if (items === null && VISITING.has(name)) visitUnknown(machine, first, site);
    return UNKNOWN;
  }
  const visit: Visit = (item, at) => {
    machine.step();
    const positional = [item, numeric(at), object];
    return machine.hooks.apply(first, { positional, named: new Map(), isOpen: false }, site);
  };
  if (CHANGING.has(name)) {
    const result = changed(items, name, given.positional, set);
    if (cell === null) return UNKNOWN;
    return name === 'reverse' || name === 'fill' ? object : result;
  }
  switch (name) {
    case 'concat': {
      const more = given.positional.map((value) => (isPlain(value) ? [value] : itemsOf(value)));
      return more.every((part) => part !== null) ? list([...items, ...more.flat()]) : UNKNOWN;
    }
    case 'slice': {
      const [from, to] = [boundOf(first), boundOf(second)];
      return from === null || to === null ? UNKNOWN : list(items.slice(from, to));
    }
    case 'at':
      return first.kind === 'number' ? (items.at(first.value) ?? UNDEFINED) : UNKNOWN;
    case 'forEach':
      for (const [i, item] of items.entries()) visit(item, i);
      return UNDEFINED;
    case 'map':
      return list(items.map(visit));
    case 'flatMap': {
      const parts = items.map(visit).map((value) => (isPlain(value) ? [value] : itemsOf(value)));
      return parts.every((part) => part !== null) ? list(parts.flat()) : UNKNOWN;
    }
    case 'filter':
    case 'every':
    case 'some':
    case 'find':
      return chosen(items, name, visit);
    case 'reduce':
      return reduced(machine, items, given.positional, site);
    case 'includes': {
      const found = items.map((item) => truth(compare('===', item, first)));
      return found.includes(true) ? boolean(true) : found.includes(null) ? UNKNOWN : boolean(false);
    }
    case 'join': {
      const between = first.kind === 'string' ? first.value : first.kind === 'none' ? ',' : null;
      const parts = items.map(textOf);
      return between !== null && parts.every((part) => part !== null) ? string(parts.join(between)) : UNKNOWN;
    }
    case 'entries':
      return list(items.map((item, i) => tuple([numeric(i), item])));
    case 'keys':
      return list(items.map((_, i) => numeric(i)));
    case 'values':
      return list(items);
    default:
      return UNKNOWN;
  }
}

const VISITING = new Set(['forEach', 'map', 'flatMap', 'filter', 'every', 'some', 'find', 'reduce']);
const CHANGING = new Set(['push', 'pop', 'shift', 'unshift', 'reverse', 'fill', 'splice', 'sort']);

/** Whether a value is no array, so that `concat` takes it as one item. */
const isPlain = ({ kind }: Value): boolean =>
  kind !== 'unknown' && kind !== 'list' && kind !== 'tuple' && kind !== 'reference';

const boundOf = (value: Value): number | undefined | null =>
  value.kind === 'none' ? undefined : value.kind === 'number' ? value.value : null;

/** A function that may be called for items that are not known: what it changes is not known after it. */
function visitUnknown(machine: Machine, callee: Value, site: CallExpression): void {
  const work = (): Value =>
    machine.hooks.apply(callee, { positional: [UNKNOWN, UNKNOWN], named: new Map(), isOpen: true }, site);
  const { changes } = machine.rehearse(work);
  machine.journal.lose(changes);
}

function changed(
  items: readonly Value[],
  name: string,
  given: readonly Value[],
  set: (now: readonly Value[] | null) => void,
): Value {
  const [first = UNDEFINED] = given;
  switch (name) {
    case 'push':
      set([...items, ...given]);
      return numeric(items.length + given.length);
    case 'unshift':
      set([...given, ...items]);
      return numeric(items.length + given.length);
    case 'pop':
      set(items.slice(0, -1));
      return items.at(-1) ?? UNDEFINED;
    case 'shift':
      set(items.slice(1));
      return items[0] ?? UNDEFINED;
    case 'reverse':
    case 'fill': {
      const isWhole = name === 'reverse' || given.length === 1;
      const now = !isWhole ? null : name === 'fill' ? items.map(() => first) : [...items].reverse();
      set(now);
      return UNDEFINED;
    }
    default:
      set(null);
      return UNKNOWN;
  }
}

function chosen(items: readonly Value[], name: string, visit: Visit): Value {
  const known: Value[] = [];
  for (const [i, item] of items.entries()) {
    const holds = truth(visit(item, i));
    if (holds === null) return UNKNOWN;
    if (name === 'some' && holds) return boolean(true);
    if (name === 'every' && !holds) return boolean(false);
    if (name === 'find' && holds) return item;
    if (holds) known.push(item);
  }
  if (name === 'filter') return list(known);
  return name === 'find' ? UNDEFINED : boolean(name === 'every');
}

function reduced(
  machine: Machine,
  items: readonly Value[],
  [callee = UNDEFINED, start]: readonly Value[],
  site: CallExpression,
): Value {
  const [first, ...rest] = items;
  let sum = start ?? first;
  for (const [i, item] of (start === undefined ? rest : items).entries()) {
    machine.step();
    const at = numeric(start === undefined ? i + 1 : i);
    const positional = [sum ?? UNDEFINED, item, at];
    sum = machine.hooks.apply(callee, { positional, named: new Map(), isOpen: false }, site);
  }
  return sum ?? UNKNOWN;
}

/** A method of a text. */
export function callTextMethod(text: string, name: string, { positional, isOpen }: Arguments): Value {
  const [first = UNDEFINED, second = UNDEFINED] = positional;
  if (isOpen) return UNKNOWN;
  switch (name) {
    case 'toUpperCase':
      return string(text.toUpperCase());
    case 'toLowerCase':
      return string(text.toLowerCase());
    case 'trim':
      return string(text.trim());
    case 'toString':
      return string(text);
    case 'startsWith':
      return first.kind === 'string' && positional.length === 1
        ? boolean(text.startsWith(first.value))
        : UNKNOWN;
    case 'endsWith':
      return first.kind === 'string' && positional.length === 1
        ? boolean(text.endsWith(first.value))
        : UNKNOWN;
    case 'includes':
      return first.kind === 'string' && positional.length === 1
        ? boolean(text.includes(first.value))
        : UNKNOWN;
    case 'split':
      return first.kind === 'string' && positional.length === 1
        ? list(text.split(first.value).map(string))
        : UNKNOWN;
    case 'repeat':
      return first.kind === 'number' && first.value >= 0 && text.length * first.value <= MAX_LENGTH
        ? string(text.repeat(first.value))
        : UNKNOWN;
    case 'padStart':
      if (first.kind !== 'number' || first.value > MAX_LENGTH) return UNKNOWN;
      if (second.kind === 'none') return string(text.padStart(first.value));
      return second.kind === 'string' ? string(text.padStart(first.value, second.value)) : UNKNOWN;
    case 'concat': {
      const parts = positional.map(textOf);
      return parts.every((part) => part !== null) ? string(text.concat(...parts)) : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** A method of a number. */
export function callNumberMethod(value: number, name: string, { positional }: Arguments): Value {
  const [first] = positional;
  if (name === 'toString' && first === undefined) return string(String(value));
  if (name !== 'toFixed' || (first !== undefined && first.kind !== 'number')) return UNKNOWN;
  const digits = first?.value ?? 0;
  return digits >= 0 && digits <= 20 ? string(value.toFixed(digits)) : UNKNOWN;
}

/** `object.hasOwnProperty(name)`. */
export function callObjectMethod(
  machine: Machine,
  object: Value & { readonly kind: 'dict' },
  name: string,
  given: Arguments,
): Value {
  const [first = UNDEFINED] = given.positional;
  const entries = object.entries.value;
  if (name === 'hasOwnProperty' && first.kind === 'string' && entries !== null)
    return boolean(entries.has(keyOf(first) ?? ''));
  lose(machine, object);
  return UNKNOWN;
}
