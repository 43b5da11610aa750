import type { ConfigDifference } from '../../shared/compare/comparison';

/**
 * Arguments that do not change what a trained layer computes, or are compared elsewhere: names, the spelling of a precision, how weights
 * are made and held back in training, and shapes, which are compared as such.
 */
const IGNORED: ReadonlySet<string> = new Set([
  ...['name', 'dtype', 'dtype_policy', 'module', 'registered_name', 'shared_object_id', 'build_config'],
  ...[
    'trainable',
    'quantization_config',
    'lora_rank',
    'lora_alpha',
    'compile_config',
    'zero_output_for_mask',
  ],
  ...['batch_shape', 'batch_input_shape', 'input_shape', 'build_input_shape', 'batch_size', 'shape'],
  ...[
    'seed',
    'implementation',
    'unroll',
    'autocast',
    'input_dtype',
    'input_dim',
    'input_length',
    'time_major',
  ],
  ...['optional', 'sparse', 'ragged', 'inbound_nodes', 'input_layers', 'output_layers', '_output_shapes'],
]);
const ENDS_OF_TRAINING = /(initializer|regularizer|constraint)$/;

const isIgnored = (key: string): boolean => IGNORED.has(key) || ENDS_OF_TRAINING.test(key);

/** What older versions of Keras leave out. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  groups: 1,
  keepdims: false,
  data_format: 'channels_last',
  dilation_rate: 1,
  activation: 'linear',
  use_bias: true,
  renorm: false,
  synchronized: false,
  interpolation: 'nearest',
  negative_slope: 0,
  return_state: false,
  go_backwards: false,
  stateful: false,
  supports_masking: true,
};

/** Names of the same function. */
const ALIASES: ReadonlyMap<Json, string> = new Map([
  ['swish', 'silu'],
  ['hard_swish', 'hard_silu'],
]);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The arguments in which two configs differ, with both values, in the order of their names. Configs of the same layer from different
 * formats and versions are equal: what `IGNORED` names is left out, an argument that is absent is as good as `null` or its default, a
 * number as a list that repeats it, and a function or object as its class with its own arguments.
 */
export function configDifferences(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): ConfigDifference[] {
  return differencesOf(normalized(a), normalized(b), '');
}

/** `int8`, `float8`... of a layer whose weights Keras has quantized; `null` for another one. */
export function quantizationOf({ dtype }: Readonly<Record<string, unknown>>): string | null {
  const policy = isObject(dtype) ? dtype.config : null;
  const mode = isObject(policy) ? policy.mode : null;
  if (typeof mode === 'string') return mode;
  return typeof dtype === 'string' && dtype.includes('_from_') ? (dtype.split('_from_')[0] ?? null) : null;
}

/** A config as JSON that is equal for equal layers, with its arguments in order. */
export const configText = (config: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(normalized(config));

function differencesOf(a: JsonObject, b: JsonObject, prefix: string): ConfigDifference[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return keys.flatMap((key): ConfigDifference[] => {
    const [left = null, right = null] = [a[key], b[key]];
    if (textOf(withDefault(key, left)) === textOf(withDefault(key, right))) return [];
    const path = `${prefix}${key}`;
    // Of a layer inside, what differs in it; of one of another class, the whole.
    if (isObject(left) && isObject(right) && left.class_name === right.class_name)
      return differencesOf(left, right, `${path}.`);
    return [{ key: path, a: left === null ? null : textOf(left), b: right === null ? null : textOf(right) }];
  });
}

interface JsonObject {
  readonly [key: string]: Json;
}
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: Json): string => JSON.stringify(value);

function withDefault(key: string, value: Json): Json {
  const own = value ?? normalizedValue(DEFAULTS[key] ?? null);
  return (key.endsWith('activation') ? ALIASES.get(own) : undefined) ?? own;
}

function normalized(config: Readonly<Record<string, unknown>>): JsonObject {
  const entries = Object.entries(config).flatMap(([key, value]): [string, Json][] => {
    if (isIgnored(key)) return [];
    const json = normalizedValue(value);
    return json === null ? [] : [[key, json]];
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function normalizedValue(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const list = value.map(normalizedValue);
    const [first = null] = list;
    const isRepeated = typeof first === 'number' && list.every((one) => one === first);
    return isRepeated ? first : list;
  }
  if (typeof value === 'object') return normalizedObject(value);
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** Objects of Keras are written as `{class_name, config}`; one of a function is its name. */
function normalizedObject(value: object): Json {
  const { class_name: className, config, ...rest } = Object.fromEntries(Object.entries(value));
  if (className === undefined) return normalized({ ...rest, ...(config !== undefined && { config }) });
  if (className === '__tuple__') return normalizedValue(rest.items);
  if (className === 'function' && typeof config === 'string') return config;
  const own = isObject(config) ? normalized(config) : {};
  return { class_name: String(className), ...own };
}
