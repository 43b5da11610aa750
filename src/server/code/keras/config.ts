import type { Value } from '../values';
import { ACTIVATIONS } from './signatures';

/** Thrown when a shape rule reads an argument whose value the analysis does not know. */
export class UnknownArgument extends Error {}

/** Stands for a value that is not known. */
export const HOLE = Symbol('unknown');

/** A value as JSON, as Keras would serialize it; `HOLE` where it is not known. */
export function jsonOf(value: Value): unknown {
  switch (value.kind) {
    case 'none':
      return null;
    case 'boolean':
    case 'number':
    case 'string':
      return value.value;
    case 'tuple':
      return jsonList(value.items);
    case 'list':
      return value.items.value === null ? HOLE : jsonList(value.items.value);
    case 'dict':
      return jsonDict(value);
    case 'layer':
      return value.custom === undefined ? serialized(value.className, value.config) : HOLE;
    case 'reference':
      return activationName(value.path) ?? HOLE;
    default:
      return HOLE;
  }
}

export const serialized = (className: string, config: object): unknown => ({
  module: 'keras.layers',
  class_name: className,
  config,
  registered_name: null,
});

function jsonList(items: readonly Value[]): unknown {
  const list = items.map(jsonOf);
  return list.includes(HOLE) ? HOLE : list;
}

function jsonDict(value: Value & { kind: 'dict' }): unknown {
  if (value.entries.value === null) return HOLE;
  const entries = [...value.entries.value.values()].map(({ key, value: held }) => [
    key.kind === 'string' ? key.value : '',
    jsonOf(held),
  ]);
  return entries.some(([, held]) => held === HOLE) ? HOLE : Object.fromEntries(entries);
}

/** `keras.activations.relu`, `keras.ops.gelu` and `tf.nn.silu` as the name that Keras writes. */
export function activationName(path: string): string | null {
  const [, name] = /^(?:keras\.(?:activations|ops)|tensorflow\.nn)\.(\w+)$/.exec(path) ?? [];
  return name !== undefined && ACTIVATIONS.has(name) ? name : null;
}

/** An object whose unknown properties throw `UnknownArgument` when they are read. */
export function holding(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, value] of values) {
    if (value !== HOLE) made[name] = value;
    else
      Object.defineProperty(made, name, {
        enumerable: true,
        get() {
          throw new UnknownArgument(name);
        },
      });
  }
  return made;
}
