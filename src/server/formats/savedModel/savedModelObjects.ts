import { isRecord } from '../topology';

/**
 * The checkpoint keys of the objects, by number of the object. The graph of objects in the checkpoint has the same child names
 * from the root on.
 */
export function keysOf(
  objects: readonly Record<string, unknown>[],
  stored: readonly Record<string, unknown>[],
): Map<number, string> {
  const keys = new Map<number, string>();
  const seen = new Set([0]);
  const pending: [number, number][] = [[0, 0]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [id, duplicate] = pair;
    const [attribute] = records(stored[duplicate]?.attributes);
    if (typeof attribute?.checkpointKey === 'string') keys.set(id, attribute.checkpointKey);
    const duplicates = new Map(
      records(stored[duplicate]?.children).map((child) => [child.localName, Number(child.nodeId ?? 0)]),
    );
    for (const child of records(objects[id]?.children)) {
      const [next, other] = [Number(child.nodeId ?? 0), duplicates.get(child.localName)];
      if (other === undefined || seen.has(next)) continue;
      seen.add(next);
      pending.push([next, other]);
    }
  }
  return keys;
}

export const records = (list: unknown): Record<string, unknown>[] =>
  Array.isArray(list) ? list.filter(isRecord) : [];
export const strings = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
export const nodeName = (ref: string): string => ref.split(':')[0] ?? '';
