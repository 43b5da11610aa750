/**
 * Many short pieces of work, each of which is over when one long promise settles. `Promise.race` would keep every answer until
 * then: the long promise remembers whom it has to tell, and they remember what they were given.
 * @param end never rejects.
 * @returns gives what the work gives, or what `end` does if that comes first.
 */
export function untilEnd<End>(end: Promise<End>): <Value>(work: Promise<Value>) => Promise<Value | End> {
  const waiting = new Set<(value: End) => void>();
  let ended: { readonly value: End } | null = null;
  void end.then((value) => {
    ended = { value };
    for (const resolve of waiting) resolve(value);
    waiting.clear();
  });
  return <Value>(work: Promise<Value>) =>
    new Promise<Value | End>((resolve, reject) => {
      if (ended) resolve(ended.value);
      else waiting.add(resolve);
      void work.then(resolve, reject).finally(() => waiting.delete(resolve));
    });
}
