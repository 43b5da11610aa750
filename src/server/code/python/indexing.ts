import { itemsOf, keyOf, list, type SliceValue, string, tuple, UNKNOWN, type Value } from '../values';

/** `object[index]` of lists, tuples, dicts and texts. */
export function indexed(object: Value, index: Value): Value {
  if (object.kind === 'dict') {
    const key = keyOf(index);
    return key === null ? UNKNOWN : (object.entries.value?.get(key)?.value ?? UNKNOWN);
  }
  if (object.kind === 'string') {
    const letters = [...object.value].map(string);
    const picked = indexed(tuple(letters), index);
    const parts = itemsOf(picked);
    if (parts === null) return picked;
    return string(parts.map((part) => (part.kind === 'string' ? part.value : '')).join(''));
  }
  const items = itemsOf(object);
  if (items === null) return UNKNOWN;
  if (index.kind === 'slice') {
    const picked = sliced(items, index);
    if (picked === null) return UNKNOWN;
    return object.kind === 'tuple' ? tuple(picked) : list(picked);
  }
  if (index.kind !== 'number' || index.isFloat) return UNKNOWN;
  return items.at(index.value) ?? UNKNOWN;
}

/** Python's slice; `null` where a bound is not known. */
function sliced(items: readonly Value[], { start, stop, step }: SliceValue): Value[] | null {
  const bounds = [start, stop, step].map((bound) =>
    bound.kind === 'none' ? undefined : bound.kind === 'number' && !bound.isFloat ? bound.value : null,
  );
  const [from, to, by] = bounds;
  if (from === null || to === null || by === null || by === 0) return null;
  const forward = by === undefined || by > 0;
  const clamp = (bound: number): number => {
    const at = bound < 0 ? bound + items.length : bound;
    return Math.max(forward ? 0 : -1, Math.min(at, forward ? items.length : items.length - 1));
  };
  const first = from === undefined ? (forward ? 0 : items.length - 1) : clamp(from);
  const last = to === undefined ? (forward ? items.length : -1) : clamp(to);
  const picked: Value[] = [];
  for (let at = first; forward ? at < last : at > last; at += by ?? 1) picked.push(items[at] ?? UNKNOWN);
  return picked;
}
