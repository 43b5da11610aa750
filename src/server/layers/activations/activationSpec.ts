import * as l10n from '@vscode/l10n';
import type { LayerConfig } from '../../graph/layerConfig';
import { isRecord, withValues } from '../support/records';

/** An activation as read from a config: its name in Keras and its arguments. */
export interface ActivationSpec {
  readonly name: string;
  /** The displayed name, if it differs: `relu6`, `relu(max_value=20)`. */
  readonly label?: string;
  /** The arguments, read like a layer's; `path` remains the layer's, for messages. */
  readonly args: LayerConfig;
}

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['swish', 'silu'],
  ['hard_swish', 'hard_silu'],
  // Keras 2 saved the name of TensorFlow's function.
  ['softmax_v2', 'softmax'],
  ['log_softmax_v2', 'log_softmax'],
]);

/**
 * Reads an activation argument in any form that Keras has used: a name, a serialized function
 * (`{class_name: 'function', config: 'relu'}`) or a layer (`{class_name: 'LeakyReLU', config: {...}}`).
 * @returns `null` for none or linear.
 * @throws Failure `bad-config` that names the layer for any other value.
 */
export function activationSpec(config: LayerConfig, key = 'activation'): ActivationSpec | null {
  return specFrom(config.raw(key), config, key);
}

/** The name of the activation, whether or not Layerglass knows it; `null` for none or linear. */
export function activationNameOf(config: LayerConfig): string | null {
  return labelOf(activationSpec(config));
}

export const labelOf = (spec: ActivationSpec | null): string | null => spec?.label ?? spec?.name ?? null;

/** The name of a relu: `relu6`, or `relu` with the arguments that differ from the defaults. */
export function reluLabel(args: LayerConfig): string {
  const [maximum, threshold] = [args.raw('max_value') ?? null, args.raw('threshold') ?? 0];
  if (maximum === 6 && threshold === 0) return 'relu6';
  const given = [
    ...(maximum === null ? [] : [`max_value=${maximum}`]),
    ...(threshold === 0 ? [] : [`threshold=${threshold}`]),
  ];
  return given.length === 0 ? 'relu' : `relu(${given.join(', ')})`;
}

/** The activation of a ReLU, LeakyReLU, ThresholdedReLU, ELU or Softmax layer; `null` for any other class. */
export function layerAsActivation(className: string, layer: LayerConfig): ActivationSpec | null {
  const { values } = layer;
  switch (className) {
    case 'ReLU':
      return { name: 'relu', label: reluLabel(layer), args: layer };
    case 'LeakyReLU':
      // The layer's default slope differs from the function's (0.2); Keras 2 calls it alpha.
      return {
        name: 'leaky_relu',
        args: withValues(layer, { negative_slope: values.negative_slope ?? values.alpha ?? 0.3 }),
      };
    case 'ThresholdedReLU':
      // A layer of Keras 2; in Keras 3 it is an argument of ReLU.
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

function specFrom(value: unknown, config: LayerConfig, key: string): ActivationSpec | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return named(value, withValues(config, {}));
  if (!isRecord(value)) return config.bad(key, l10n.t('an activation'), value);
  const className = value.class_name;
  // A lambda is saved without a class. It is code: it gets a name and never runs.
  if (typeof className !== 'string') return { name: 'lambda', args: withValues(config, {}) };
  // A custom registered function may share its name with one of Keras.
  const registered = value.registered_name;
  if (typeof registered === 'string' && registered.includes('>'))
    return named(registered, withValues(config, {}));
  if (className === 'function') return specFrom(value.config, config, key);
  const values = isRecord(value.config) ? value.config : {};
  if (className === 'Activation') return specFrom(values.activation, config, key);
  const args = withValues(config, values);
  return layerAsActivation(className, args) ?? named(className, args);
}

function named(name: string, args: LayerConfig): ActivationSpec | null {
  // TensorFlow.js's name for Keras's gelu(approximate=True).
  if (name === 'gelu_new') return { name: 'gelu', args: withValues(args, { approximate: true }) };
  return name === 'linear' ? null : { name: ALIASES.get(name) ?? name, args };
}
