import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord, withValues } from '../support/records';

/** An activation as a file names it: Keras's own name and the arguments it was given. */
export interface ActivationSpec {
  readonly name: string;
  /** What it is called where people read it, if not by its name: `relu6`, `relu(max_value=20)`. */
  readonly label?: string;
  /** The arguments, read like a layer's; `path` stays the layer's, for messages. */
  readonly args: LayerConfig;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['swish', 'silu'],
  ['hard_swish', 'hard_silu'],
  // Keras 2 wrote the name of TensorFlow's function.
  ['softmax_v2', 'softmax'],
  ['log_softmax_v2', 'log_softmax'],
]);

/**
 * Reads an activation argument in every spelling that Keras has used: a name, a serialized function
 * (`{class_name: 'function', config: 'relu'}`) or a layer in its place (`{class_name: 'LeakyReLU', config: {...}}`).
 * `null` where there is none, or it is linear.
 */
export function activationSpec(config: LayerConfig, key = 'activation'): ActivationSpec | null {
  return spelled(config.raw(key), config, key);
}

/** Keras's name of the activation, also of one that Layerglass does not know; `null` for none or linear. */
export function activationNameOf(config: LayerConfig): string | null {
  return labelOf(activationSpec(config));
}

export const labelOf = (spelling: ActivationSpec | null): string | null =>
  spelling?.label ?? spelling?.name ?? null;

/** Keras's name of a relu where it has one; else with the arguments that change what it does. */
export function reluLabel(args: LayerConfig): string {
  const [maximum, threshold] = [args.raw('max_value') ?? null, args.raw('threshold') ?? 0];
  if (maximum === 6 && threshold === 0) return 'relu6';
  const given = [
    ...(maximum === null ? [] : [`max_value=${maximum}`]),
    ...(threshold === 0 ? [] : [`threshold=${threshold}`]),
  ];
  return given.length === 0 ? 'relu' : `relu(${given.join(', ')})`;
}

/** A ReLU, LeakyReLU, ThresholdedReLU, ELU or Softmax layer as the activation that it is; `null` for any other class. */
export function layerAsActivation(className: string, layer: LayerConfig): ActivationSpec | null {
  const { values } = layer;
  switch (className) {
    case 'ReLU':
      return { name: 'relu', label: reluLabel(layer), args: layer };
    case 'LeakyReLU':
      // The layer's slope differs from the function's (0.2); Keras 2 called it alpha.
      return {
        name: 'leaky_relu',
        args: withValues(layer, { negative_slope: values.negative_slope ?? values.alpha ?? 0.3 }),
      };
    case 'ThresholdedReLU':
      // Keras 2's layer; in Keras 3 it is an argument of ReLU.
      return thresholded(withValues(layer, { threshold: values.theta ?? 1 }));
    case 'ELU':
      return { name: 'elu', args: layer };
    case 'Softmax':
      return { name: 'softmax', args: layer };
    default:
      return null;
  }
}

const thresholded = (args: LayerConfig): ActivationSpec => ({
  name: 'relu',
  label: reluLabel(args),
  args,
});

function spelled(value: unknown, config: LayerConfig, key: string): ActivationSpec | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return named(value, withValues(config, {}));
  if (!isRecord(value)) return config.bad(key, 'an activation', value);
  const className = value.class_name;
  // A Lambda is written without a class; it is code, so it is named and never run.
  if (typeof className !== 'string') return { name: 'lambda', args: withValues(config, {}) };
  // A registered function of somebody's own may be called like one of Keras's.
  const registered = value.registered_name;
  if (typeof registered === 'string' && registered.includes('>'))
    return named(registered, withValues(config, {}));
  if (className === 'function') return spelled(value.config, config, key);
  const values = isRecord(value.config) ? value.config : {};
  if (className === 'Activation') return spelled(values.activation, config, key);
  const args = withValues(config, values);
  return layerAsActivation(className, args) ?? named(className, args);
}

function named(name: string, args: LayerConfig): ActivationSpec | null {
  // TensorFlow.js has a name of its own for what Keras writes as an argument.
  if (name === 'gelu_new') return { name: 'gelu', args: withValues(args, { approximate: true }) };
  return name === 'linear' ? null : { name: ALIASES.get(name) ?? name, args };
}
