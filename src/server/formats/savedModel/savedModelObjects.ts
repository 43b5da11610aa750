import { isRecord } from '../topology';

/** The keys of the objects in the checkpoint, which goes by the same names from the root on. */
export function keysOf(
  objects: readonly Record<string, unknown>[],
  stored: readonly Record<string, unknown>[],
): Map<number, string> {
  const keys = new Map<number, string>();
  const seen = new Set([0]);
  const waiting: [number, number][] = [[0, 0]];
  for (let pair = waiting.pop(); pair; pair = waiting.pop()) {
    const [id, twin] = pair;
    const [attribute] = records(stored[twin]?.attributes);
    if (typeof attribute?.checkpointKey === 'string') keys.set(id, attribute.checkpointKey);
    const twins = new Map(
      records(stored[twin]?.children).map((child) => [child.localName, Number(child.nodeId ?? 0)]),
    );
    for (const child of records(objects[id]?.children)) {
      const [next, other] = [Number(child.nodeId ?? 0), twins.get(child.localName)];
      if (other === undefined || seen.has(next)) continue;
      seen.add(next);
      waiting.push([next, other]);
    }
  }
  return keys;
}

export const records = (list: unknown): Record<string, unknown>[] =>
  Array.isArray(list) ? list.filter(isRecord) : [];
export const texts = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);
export const nodeName = (ref: string): string => ref.split(':')[0] ?? '';
