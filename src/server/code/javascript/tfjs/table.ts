import table from './layers.json';

/** A function of `tf.layers`. `test/fixtures/javascript/make_layers.mjs` writes the table. */
export interface Factory {
  /** What it makes. */
  readonly class: string;
  /** What the names start with that TensorFlow.js gives. */
  readonly name: string;
  /** The options that it refuses to do without. */
  readonly needs?: readonly string[];
  /** Of the other options, by the names that Keras gives them. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** By name: `conv2d`. */
export const FACTORIES: ReadonlyMap<string, Factory> = new Map(
  Object.entries(table.layers as Readonly<Record<string, Factory>>),
);

/** By class: what its names start with. */
export const NAME_PREFIXES: ReadonlyMap<string, string> = new Map(
  [...FACTORIES.values()].map((factory) => [factory.class, factory.name]),
);

export const ACTIVATIONS: ReadonlySet<string> = new Set(table.activations);
