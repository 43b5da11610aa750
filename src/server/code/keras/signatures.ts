import table from './signatures.json';

/** How Python calls a class or function of Keras. `test/fixtures/make_python_signatures.py` writes the table. */
export interface Signature {
  /** In order; a default that JSON cannot state is `{}`. */
  readonly parameters: readonly (readonly [name: string, fallback?: unknown])[];
  /** Whether it takes further named arguments: those of `keras.layers.Layer`. */
  readonly more?: boolean;
  /** Named arguments that it takes though they are no parameters, from earlier versions. */
  readonly also?: readonly string[];
  /** The class of the layer or operation, where it is not named like the entry. */
  readonly class?: string;
  /** Whether it is a layer around another one. */
  readonly wraps?: boolean;
}

const mapOf = (entries: object): ReadonlyMap<string, Signature> =>
  new Map(Object.entries(entries as Readonly<Record<string, Signature>>));

export const LAYERS = mapOf(table.layers);
export const OPERATIONS = mapOf(table.ops);
export const ACTIVATIONS = mapOf(table.activations);
export const NETWORKS = mapOf(table.applications);
export const INPUT = mapOf(table.Input).get('Input') ?? { parameters: [] };

/** What every layer takes besides its own arguments. */
export const LAYER_ARGUMENTS: readonly string[] = [
  'activity_regularizer',
  'trainable',
  'dtype',
  'autocast',
  'name',
  'input_dim',
  'input_shape',
  'batch_shape',
  'batch_input_shape',
  'batch_size',
  'weights',
];
