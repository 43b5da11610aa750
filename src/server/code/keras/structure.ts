import type { Shape } from '../../../shared/model';
import {
  type Arguments,
  dict,
  itemsOf,
  list,
  NONE,
  type Tensor,
  tuple,
  UNKNOWN,
  type Value,
} from '../values';

/** The tensors in a tensor, a list or a dict, in Keras's order; `null` where one of them is not known. */
export function tensorsIn(value: Value): readonly Tensor[] | null {
  if (value.kind === 'tensor') return [value];
  const items = value.kind === 'dict' ? sortedValues(value) : itemsOf(value);
  if (items === null) return null;
  const parts = items.map(tensorsIn);
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

/** The same structure with other tensors. */
export function rebuilt(structure: Value, tensors: readonly Tensor[]): Value {
  let at = 0;
  const walk = (value: Value): Value => {
    if (value.kind === 'tensor') return tensors[at++] ?? value;
    if (value.kind === 'dict') {
      const entries = [...(value.entries.value ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return dict(new Map(entries.map(([key, entry]) => [key, { ...entry, value: walk(entry.value) }])));
    }
    const items = itemsOf(value);
    if (items === null) return value;
    return value.kind === 'tuple' ? tuple(items.map(walk)) : list(items.map(walk));
  };
  return walk(structure);
}

/** Keras flattens dicts in the order of their sorted keys. */
function sortedValues(value: Value & { kind: 'dict' }): readonly Value[] | null {
  if (value.entries.value === null) return null;
  return [...value.entries.value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry.value);
}

/** A tensor's shape as `build` gets it, or those of several. */
export function shapeValue(value: Value): Value {
  if (value.kind === 'tensor') {
    if (value.shape === null) return UNKNOWN;
    return tuple(
      value.shape.map((size) => (size === null ? NONE : { kind: 'number', value: size, isFloat: false })),
    );
  }
  const items = itemsOf(value);
  return items === null ? UNKNOWN : tuple(items.map(shapeValue));
}

/** Inside a layer its inputs are no part of a graph. */
export function withoutGraph({ positional, named, isOpen }: Arguments): Arguments {
  const detach = (value: Value): Value => {
    if (value.kind === 'tensor')
      return { kind: 'tensor', shape: value.shape, origin: null, output: 0 } satisfies Tensor;
    if (value.kind === 'tuple') return tuple(value.items.map(detach));
    if (value.kind !== 'list') return value;
    const items = value.items.value?.map(detach) ?? null;
    return { kind: 'list', items: { ...value.items, value: items } };
  };
  return {
    positional: positional.map(detach),
    named: new Map([...named].map(([name, value]) => [name, detach(value)])),
    isOpen,
  };
}

/** `null` for None, `undefined` where it is not known. */
export const sizeOf = (value: Value): number | null | undefined => {
  if (value.kind === 'none') return null;
  return value.kind === 'number' && !value.isFloat ? value.value : undefined;
};

/** The sizes of a shape; `null` where they are not known. */
export function sizesOf(value: Value): Shape | null {
  const sizes = itemsOf(value)?.map(sizeOf);
  return sizes?.every((size) => size !== undefined) ? sizes : null;
}
