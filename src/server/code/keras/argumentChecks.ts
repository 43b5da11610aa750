import * as l10n from '@vscode/l10n';
import { ACTIVATIONS } from './signatures';

/** Arguments that count something. */
const COUNTS = ['units', 'filters', 'output_dim', 'num_heads', 'key_dim', 'groups', 'depth_multiplier'];
/** Arguments with one size for each spatial axis. */
const SIZES = ['kernel_size', 'strides', 'dilation_rate', 'pool_size', 'size'];
/** Of pooling Keras checks the padding, and strides of zero, only when it is called. */
const POOLING = /Pooling\dD$/;
const WINDOWED = /^(?:Separable|Depthwise)?Conv\d|Pooling\dD$/;

/** Names that Keras takes besides those of `keras.activations`. */
const MORE_ACTIVATIONS = new Set(['swish', 'hard_swish']);

/**
 * Why Keras refuses the arguments of a layer when it is made, in one sentence; `null` where nothing is known against them.
 * @param argumentValue the value of an argument, `undefined` where it is not known.
 */
export function refusedArgument(
  className: string,
  argumentValue: (name: string) => unknown,
  hasCustomObjects: boolean,
): string | null {
  for (const name of COUNTS) {
    const value = argumentValue(name);
    // One group for each channel.
    if (className === 'GroupNormalization' && value === -1) continue;
    // Keras makes one without filters.
    if (className.startsWith('ConvLSTM') && name === 'filters') continue;
    if (typeof value === 'number' && value <= 0)
      return l10n.t('{0} needs a positive {1} but gets {2}.', className, name, value);
  }
  const rate = argumentValue('rate');
  if (/Dropout/.test(className) && typeof rate === 'number' && (rate < 0 || rate > 1))
    return l10n.t('{0} needs a rate between 0 and 1 but gets {1}.', className, rate);
  return (
    refusedActivation(className, argumentValue('activation'), hasCustomObjects) ??
    (WINDOWED.test(className) ? refusedWindow(className, argumentValue) : null)
  );
}

function refusedActivation(className: string, name: unknown, hasCustomObjects: boolean): string | null {
  const isKnown = typeof name !== 'string' || ACTIVATIONS.has(name) || MORE_ACTIVATIONS.has(name);
  if (isKnown || hasCustomObjects || className === 'Activation') return null;
  return l10n.t('Keras has no activation "{0}".', name);
}

function refusedWindow(className: string, argumentValue: (name: string) => unknown): string | null {
  const axes = Number(/(\d)D/.exec(className)?.[1]);
  for (const name of SIZES) {
    const value = argumentValue(name);
    const sizes: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (Array.isArray(value) && value.length !== axes)
      return l10n.t('{0} needs {1} sizes in {2} but gets {3}.', className, axes, name, value.length);
    const least = POOLING.test(className) && name === 'strides' ? 0 : 1;
    const wrong = sizes.find((size) => typeof size === 'number' && size < least);
    if (wrong !== undefined)
      return l10n.t('{0} needs a positive {1} but gets {2}.', className, name, `${wrong}`);
  }
  if (POOLING.test(className)) return null;
  const padding = argumentValue('padding');
  const allowed = className === 'Conv1D' ? ['valid', 'same', 'causal'] : ['valid', 'same'];
  if (typeof padding === 'string' && !allowed.includes(padding.toLowerCase()))
    return l10n.t('{0} has no padding "{1}"; it takes {2}.', className, padding, allowed.join(', '));
  const [filters, groups] = [argumentValue('filters'), argumentValue('groups')];
  if (typeof filters === 'number' && typeof groups === 'number' && filters % groups !== 0)
    return l10n.t('{0} filters cannot be divided into {1} groups.', filters, groups);
  return null;
}
