import type { Call, Value } from './value';

/** What has to be computed for some values. */
export interface Plan {
  /** In an order in which each call follows those that it needs. */
  readonly calls: readonly Call[];
  /** The values that are known and no constants, in the order of their first use. */
  readonly feeds: readonly Value[];
  readonly constants: readonly Value[];
  readonly fetches: readonly Value[];
  /** Equal for plans that differ in the values of their feeds only. */
  readonly key: string;
}

/**
 * @param targets values that are not known yet
 * @param wanted further values to fetch if they are computed on the way
 */
export function planFor(targets: readonly Value[], wanted: Pick<WeakSet<Value>, 'has'>): Plan {
  const calls = callsFor(targets);
  const names = new Map<Value, string>();
  const feeds: Value[] = [];
  const constants: Value[] = [];
  const fetches = new Set(targets);
  const parts: string[] = [];
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const list = value.weight ? constants : feeds;
    const name = value.weight ? `c${value.id}` : `f${list.length}:${value.dtype}[${value.shape.join()}]`;
    list.push(value);
    names.set(value, name);
    return name;
  };
  for (const [i, call] of calls.entries()) {
    parts.push(`${call.key}(${call.operands.map(nameOf).join(' ')})`);
    for (const [k, output] of call.outputs.entries()) {
      names.set(output, `${i}.${k}`);
      if (wanted.has(output) && output.values === null) fetches.add(output);
    }
  }
  const key = `${parts.join(';')} -> ${[...fetches].map(nameOf).join(' ')}`;
  return { calls, feeds, constants, fetches: [...fetches], key };
}

/**
 * The calls that compute some values, each after those that it needs. Depth first without recursion: a graph may be tens of thousands of
 * calls deep.
 */
export function callsFor(targets: readonly Value[]): Call[] {
  const done = new Set<Call>();
  const entered = new Set<Call>();
  const order: Call[] = [];
  const stack: Call[] = [];
  const push = (value: Value): void => {
    if (value.values === null && value.origin !== null && !done.has(value.origin)) stack.push(value.origin);
  };
  for (const target of targets) {
    push(target);
    for (let call = stack.at(-1); call !== undefined; call = stack.at(-1)) {
      if (done.has(call) || entered.has(call)) {
        stack.pop();
        if (!done.has(call)) order.push(call);
        done.add(call);
        continue;
      }
      entered.add(call);
      for (const value of [...call.operands].reverse()) push(value);
    }
  }
  return order;
}

/** The values recorded up to the one with the id `before` that those recorded later are computed from directly, or that are among `ends`. */
export function neededBy(ends: readonly Value[], before: number): Set<Value> {
  const needed = new Set<Value>();
  const seen = new Set<Value>();
  const stack = [...ends];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.id <= before) needed.add(value);
    else stack.push(...(value.origin?.operands ?? []));
  }
  return needed;
}
