import * as l10n from '@vscode/l10n';
import type { Arguments } from '../machine';
import { NONE, number, string, tuple, UNKNOWN, type Value } from '../values';
import { LAYER_ARGUMENTS, type Signature } from './signatures';

/** @property problem a sentence, where Python or Keras refuses the arguments. */
export interface Bound {
  readonly values: ReadonlyMap<string, Value>;
  readonly problem: string | null;
}

/** The arguments of a call by the names of the parameters, with their defaults. @param callee its name, for messages. */
export function bind(callee: string, signature: Signature, given: Arguments): Bound {
  const values = new Map<string, Value>();
  const { parameters } = signature;
  const variadic = parameters.findIndex(([name]) => name.startsWith('*'));
  let problem: string | null = null;
  for (const [i, value] of given.positional.entries()) {
    const name = variadic >= 0 && i >= variadic ? null : parameters[i]?.[0];
    if (name === undefined)
      problem ??= l10n.t(
        '{0} takes at most {1} arguments without a name but gets {2}.',
        callee,
        parameters.length,
        given.positional.length,
      );
    else if (name !== null) values.set(name, value);
  }
  if (variadic >= 0) {
    const name = parameters[variadic]?.[0].slice(1) ?? '';
    values.set(name, tuple(given.positional.slice(variadic)));
  }
  for (const [name, value] of given.named) {
    const isKnown = parameters.some(([other]) => other === name);
    const isTaken =
      isKnown ||
      signature.also?.includes(name) === true ||
      (signature.more === true && LAYER_ARGUMENTS.includes(name));
    if (!isTaken) problem ??= l10n.t('{0} has no argument "{1}".', callee, name);
    else if (values.has(name)) problem ??= l10n.t('{0} gets the argument "{1}" twice.', callee, name);
    values.set(name, value);
  }
  for (const parameter of parameters) {
    const [name] = parameter;
    if (values.has(name) || name.startsWith('*')) continue;
    if (given.isOpen) values.set(name, UNKNOWN);
    else if (parameter.length > 1) values.set(name, defaultOf(parameter));
    else problem ??= l10n.t('{0} needs the argument "{1}".', callee, name);
  }
  return { values, problem: given.isOpen ? null : problem };
}

const defaults = new WeakMap<readonly unknown[], Value>();

/** The default of a parameter, as one value for all calls. */
function defaultOf(fallback: Signature['parameters'][number]): Value {
  const known = defaults.get(fallback);
  if (known !== undefined) return known;
  const made = defaultValue(fallback[1]);
  defaults.set(fallback, made);
  return made;
}

/** A default of the table as a value. */
function defaultValue(fallback: unknown): Value {
  if (fallback === null || fallback === undefined) return NONE;
  if (typeof fallback === 'boolean') return { kind: 'boolean', value: fallback };
  if (typeof fallback === 'number') return number(fallback, !Number.isInteger(fallback));
  if (typeof fallback === 'string') return string(fallback);
  return Array.isArray(fallback) ? tuple(fallback.map(defaultValue)) : UNKNOWN;
}
