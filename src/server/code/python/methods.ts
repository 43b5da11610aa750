import type { Arguments, Machine } from '../machine';
import {
  type DictEntry,
  type DictValue,
  dict,
  itemsOf,
  keyOf,
  type ListValue,
  list,
  NONE,
  string,
  tuple,
  UNKNOWN,
  type Value,
} from '../values';
import { itemsIn } from './builtins';
import { fieldText } from './operators';

/** A method of a list. */
export function callListMethod(machine: Machine, value: ListValue, name: string, given: Arguments): Value {
  const [first = UNKNOWN, second = UNKNOWN] = given.positional;
  const items = value.items.value;
  const set = (now: readonly Value[] | null): Value => {
    machine.step(now?.length ?? 1);
    machine.set(value.items, now);
    return NONE;
  };
  if (items === null) return UNKNOWN;
  switch (name) {
    case 'append':
      return set([...items, first]);
    case 'extend': {
      const more = itemsIn(first);
      return set(more === null ? null : [...items, ...more]);
    }
    case 'insert':
      if (first.kind !== 'number') return set(null);
      return set(items.toSpliced(first.value, 0, second));
    case 'pop': {
      const at = given.positional.length === 0 ? -1 : first.kind === 'number' ? first.value : null;
      if (at === null) return set(null);
      set(items.toSpliced(at, 1));
      return items.at(at) ?? UNKNOWN;
    }
    case 'reverse':
      return set([...items].reverse());
    case 'clear':
      return set([]);
    case 'copy':
      return list(items);
    case 'index':
    case 'count':
      return UNKNOWN;
    default:
      set(null);
      return UNKNOWN;
  }
}

/** A method of a dict. */
export function callDictMethod(machine: Machine, value: DictValue, name: string, given: Arguments): Value {
  const entries = value.entries.value;
  if (entries === null) return UNKNOWN;
  const [first = UNKNOWN, second = NONE] = given.positional;
  const key = keyOf(first);
  switch (name) {
    case 'keys':
      return list([...entries.values()].map((entry) => entry.key));
    case 'values':
      return list([...entries.values()].map((entry) => entry.value));
    case 'items':
      return list([...entries.values()].map((entry) => tuple([entry.key, entry.value])));
    case 'get':
      return key === null ? UNKNOWN : (entries.get(key)?.value ?? second);
    case 'copy':
      return dict(entries);
    case 'pop':
      if (key === null) machine.set(value.entries, null);
      else machine.set(value.entries, new Map([...entries].filter(([other]) => other !== key)));
      return key === null ? UNKNOWN : (entries.get(key)?.value ?? given.positional[1] ?? UNKNOWN);
    case 'setdefault':
      if (key === null) machine.set(value.entries, null);
      else if (!entries.has(key))
        machine.set(value.entries, new Map(entries).set(key, { key: first, value: second }));
      return key === null ? UNKNOWN : (entries.get(key)?.value ?? second);
    case 'update':
      machine.set(value.entries, updated(entries, given));
      return NONE;
    default:
      machine.set(value.entries, null);
      return UNKNOWN;
  }
}

/** `null` where it is not known with what a dict is updated. */
function updated(entries: Entries, { positional: [first], named, isOpen }: Arguments): Entries | null {
  const more = first === undefined ? new Map() : first.kind === 'dict' ? first.entries.value : null;
  if (more === null || isOpen) return null;
  const byName = [...named].map(([name, value]) => [`s:${name}`, { key: string(name), value }] as const);
  return new Map([...entries, ...more, ...byName]);
}

type Entries = ReadonlyMap<string, DictEntry>;

/** A method of a text. */
export function callTextMethod(text: string, name: string, given: Arguments): Value {
  const [first = UNKNOWN] = given.positional;
  switch (name) {
    case 'upper':
      return string(text.toUpperCase());
    case 'lower':
      return string(text.toLowerCase());
    case 'strip':
      return given.positional.length === 0 ? string(text.trim()) : UNKNOWN;
    case 'startswith':
      return first.kind === 'string' ? { kind: 'boolean', value: text.startsWith(first.value) } : UNKNOWN;
    case 'endswith':
      return first.kind === 'string' ? { kind: 'boolean', value: text.endsWith(first.value) } : UNKNOWN;
    case 'split': {
      if (first.kind !== 'string' || given.positional.length > 1 || first.value === '') return UNKNOWN;
      return list(text.split(first.value).map(string));
    }
    case 'join': {
      const items = itemsOf(first);
      const parts = items?.flatMap((item) => (item.kind === 'string' ? [item.value] : []));
      return parts?.length === items?.length && parts ? string(parts.join(text)) : UNKNOWN;
    }
    case 'format':
      return formatted(text, given);
    default:
      return UNKNOWN;
  }
}

/** `'conv_{}'.format(i)` with fields by position or name. */
function formatted(text: string, given: Arguments): Value {
  let next = 0;
  let isKnown = !given.isOpen;
  const result = text.replace(/\{(\w*)(?::([^{}]*))?\}/g, (_, name: string, spec: string | undefined) => {
    const value =
      name === ''
        ? given.positional[next++]
        : /^\d+$/.test(name)
          ? given.positional[Number(name)]
          : given.named.get(name);
    const shown = fieldText(value ?? UNKNOWN, spec ?? '');
    if (shown === null) isKnown = false;
    return shown ?? '';
  });
  return isKnown && !/[{}]/.test(result) ? string(result) : UNKNOWN;
}
