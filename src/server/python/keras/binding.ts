import type { Arguments } from '../machine';
import { NONE, number, string, tuple, UNKNOWN, type Value } from '../values';
import { LAYER_ARGUMENTS, type Signature } from './signatures';

/** @property problem a sentence without its subject, where Python or Keras refuses the arguments. */
export interface Bound {
  readonly values: ReadonlyMap<string, Value>;
  readonly problem: string | null;
}

/** The arguments of a call by the names of the parameters, with their defaults. */
export function bind(signature: Signature, given: Arguments): Bound {
  const values = new Map<string, Value>();
  const { parameters } = signature;
  const variadic = parameters.findIndex(([name]) => name.startsWith('*'));
  let problem: string | null = null;
  for (const [i, value] of given.positional.entries()) {
    const name = variadic >= 0 && i >= variadic ? null : parameters[i]?.[0];
    if (name === undefined)
      problem ??= `takes at most ${parameters.length} arguments without a name but gets ${given.positional.length}.`;
    else if (name !== null) values.set(name, value);
  }
  if (variadic >= 0) {
    const name = parameters[variadic]?.[0].slice(1) ?? '';
    values.set(name, tuple(given.positional.slice(variadic)));
  }
  for (const [name, value] of given.named) {
    const isKnown = parameters.some(([other]) => other === name);
    const isTaken = isKnown || (signature.more === true && LAYER_ARGUMENTS.includes(name));
    if (!isTaken) problem ??= `has no argument "${name}".`;
    else if (values.has(name)) problem ??= `gets the argument "${name}" twice.`;
    values.set(name, value);
  }
  for (const [name, ...fallback] of parameters) {
    if (values.has(name) || name.startsWith('*')) continue;
    if (given.isOpen) values.set(name, UNKNOWN);
    else if (fallback.length > 0) values.set(name, defaultValue(fallback[0]));
    else problem ??= `needs the argument "${name}".`;
  }
  return { values, problem: given.isOpen ? null : problem };
}

/** A default of the table as a value. */
function defaultValue(fallback: unknown): Value {
  if (fallback === null || fallback === undefined) return NONE;
  if (typeof fallback === 'boolean') return { kind: 'boolean', value: fallback };
  if (typeof fallback === 'number') return number(fallback, !Number.isInteger(fallback));
  if (typeof fallback === 'string') return string(fallback);
  return Array.isArray(fallback) ? tuple(fallback.map(defaultValue)) : UNKNOWN;
}
