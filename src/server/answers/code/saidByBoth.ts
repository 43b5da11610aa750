/** The arguments of a layer in a file and in code. */
export interface SaidByBoth {
  readonly file: Readonly<Record<string, unknown>>;
  readonly code: Readonly<Record<string, unknown>>;
}

/** A layer inside another one, as Keras serializes it. */
interface Serialized {
  readonly class_name: unknown;
  readonly config: object;
}

/**
 * The arguments that a file has and code says, of layers inside a layer as well. Not those that Keras replaces when it makes or builds a
 * layer: axes that are counted from the end, numbers that become lists of others, as the factor of a random layer, and lists of cells.
 * @param code `Layer.said`
 */
export function saidByBoth(file: object, code: object): SaidByBoth {
  const own: Record<string, unknown> = {};
  const other: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(code)) {
    const stored: unknown = Object.getOwnPropertyDescriptor(file, key)?.value;
    if (stored === undefined || isFromEnd(key, value) || isReplaced(stored, value)) continue;
    const inner =
      isSerialized(stored) && isSerialized(value) ? saidByBoth(stored.config, value.config) : null;
    own[key] = inner === null ? stored : { ...Object(stored), config: inner.file };
    other[key] = inner === null ? value : { ...Object(value), config: inner.code };
  }
  return { file: own, code: other };
}

const isFromEnd = (key: string, value: unknown): boolean =>
  /^ax[ie]s$/.test(key) && [value].flat().some((axis) => typeof axis === 'number' && axis < 0);

const isReplaced = (stored: unknown, value: unknown): boolean =>
  Array.isArray(stored)
    ? typeof value === 'number' && stored.some((one) => one !== stored[0])
    : Array.isArray(value) && isSerialized(stored);

const isSerialized = (value: unknown): value is Serialized =>
  typeof value === 'object' &&
  value !== null &&
  'class_name' in value &&
  'config' in value &&
  typeof value.config === 'object' &&
  value.config !== null;
