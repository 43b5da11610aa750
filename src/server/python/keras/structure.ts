import { dict, itemsOf, list, type Tensor, tuple, type Value } from '../values';

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
