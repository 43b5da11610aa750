import type { Shape } from '../../../../shared/model';
import { HOLE, jsonOf, serialized } from '../../keras/config';
import { layerIn } from '../../keras/layer';
import type { Arguments } from '../../machine';
import { itemsOf, keyOf, string, UNDEFINED, UNKNOWN, type Value } from '../../values';
import type { Factory } from './table';

/** The options of a call: the properties of its first argument. */
export class Options {
  private readonly entries: ReadonlyMap<string, { readonly value: Value }> | null;

  constructor({ positional: [first = UNDEFINED], isOpen }: Arguments) {
    if (isOpen) this.entries = null;
    else if (first.kind === 'dict') this.entries = first.entries.value;
    else this.entries = first.kind === 'none' ? new Map() : null;
  }

  /** Whether nothing stands for an option; not where the options are not known. */
  lacks(name: string): boolean {
    return this.entries !== null && !this.entries.has(keyOf(string(name)) ?? '');
  }

  /** `UNDEFINED` for one that is not given. */
  get(name: string): Value {
    if (this.entries === null) return UNKNOWN;
    return this.entries.get(keyOf(string(name)) ?? '')?.value ?? UNDEFINED;
  }
}

/** Options whose `null` is not the same as none. */
const NULLABLE = new Set(['merge_mode']);
/** Options that are arguments though TensorFlow.js gives them no default. */
const MORE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  SeparableConv2D: { depth_multiplier: 1 },
};
/** Options without which a layer can be made but has no shape. */
const NEEDED = new Set(['n', 'height', 'width', 'num_tokens', 'axes']);

export const snakeOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelOf = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** The options of a layer as the arguments of Keras, `HOLE` where they are not known. */
export function configOf(factory: Factory, options: Options): ReadonlyMap<string, unknown> {
  const config = new Map<string, unknown>();
  const defaults = { ...factory.defaults, ...MORE[factory.class] };
  const names = [...(factory.needs ?? []).map(snakeOf), ...Object.keys(defaults)];
  for (const name of names) {
    const value = options.get(camelOf(name));
    const isGiven = value.kind !== 'none' || (NULLABLE.has(name) && value.isUndefined !== true);
    const missing = defaults[name] === undefined || (defaults[name] === null && NEEDED.has(name));
    const json = isGiven ? argument(name, value) : missing ? HOLE : spelled(defaults[name]);
    config.set(name, json);
  }
  const shape = startOf(factory.class, options);
  if (shape !== null) config.set('batch_input_shape', shape);
  return config;
}

function argument(name: string, value: Value): unknown {
  if (name === 'target_shape') return sizesOf(value)?.map((size) => size ?? -1) ?? HOLE;
  if (name === 'layer' || name === 'cell') return layerArgument(value);
  const json = jsonOf(value);
  // TensorFlow.js needs a size for each axis.
  if (name === 'size' && !Array.isArray(json)) return HOLE;
  // An activation that is not known does not change the shape.
  if (/activation$/.test(name)) return typeof json === 'string' ? spelled(json) : null;
  return name === 'mask_value' || name === 'scale' || name === 'offset'
    ? json === HOLE
      ? 1
      : json
    : spelled(json);
}

/** `channelsLast` as Keras writes it. */
const spelled = (value: unknown): unknown => (typeof value === 'string' ? snakeOf(value) : value);

function layerArgument(value: Value): unknown {
  const cells = itemsOf(value)?.map(layerArgument);
  if (cells !== undefined) return cells.includes(HOLE) ? HOLE : serialized('StackedRNNCells', { cells });
  const layer = layerIn(value);
  return layer?.kind === 'layer' ? serialized(layer.className, layer.config) : HOLE;
}

/** The sizes of a shape; `null` where they are not known. */
export function sizesOf(value: Value): Shape | null {
  const sizes = itemsOf(value)?.map((item): number | null | undefined => {
    if (item.kind === 'none') return item.isUndefined ? undefined : null;
    return item.kind === 'number' && !item.isFloat ? item.value : undefined;
  });
  return sizes?.every((size) => size !== undefined) ? sizes : null;
}

/** The shape of the input that a layer at the start of a model states; `HOLE` where it is not known, `null` where it states none. */
export function startOf(className: string, options: Options): Shape | typeof HOLE | null {
  const whole = options.get('batchInputShape');
  if (whole.kind !== 'none') return sizesOf(whole) ?? HOLE;
  const batch = options.get('batchSize');
  const size =
    batch.kind === 'none' ? null : batch.kind === 'number' && !batch.isFloat ? batch.value : undefined;
  const rest = restOf(className, options);
  if (rest === null) return null;
  return rest === HOLE || size === undefined ? HOLE : [size, ...rest];
}

function restOf(className: string, options: Options): Shape | typeof HOLE | null {
  const shape = options.get('inputShape');
  if (shape.kind !== 'none') return sizesOf(shape) ?? HOLE;
  if (className === 'Embedding') {
    const length = options.get('inputLength');
    if (length.kind === 'none') return [null];
    return length.kind === 'number' && !length.isFloat ? [length.value] : (sizesOf(length) ?? HOLE);
  }
  const dimension = options.get('inputDim');
  if (className !== 'Dense' || dimension.kind === 'none') return null;
  return dimension.kind === 'number' && !dimension.isFloat ? [dimension.value] : HOLE;
}
