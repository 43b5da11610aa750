/**
 * Races many short promises against one long-lived promise. `Promise.race` would leak: the long-lived promise keeps its
 * reactions, and with them every result, until it settles.
 * @param end never rejects.
 * @returns a function that resolves with the value of its argument, or with that of `end` if that settles first.
 */
export function raceAgainst<End>(end: Promise<End>): <Value>(work: Promise<Value>) => Promise<Value | End> {
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
