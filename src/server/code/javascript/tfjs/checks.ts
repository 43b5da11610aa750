import * as l10n from '@vscode/l10n';
import { itemsOf, type Value } from '../../values';
import type { Options } from './options';
import { ACTIVATIONS, type Factory } from './table';

/** Options that count something. */
const COUNTS = ['units', 'filters', 'inputDim', 'outputDim'];
/** Options with one size for each spatial axis. */
const SIZES = ['kernelSize', 'strides', 'dilationRate'];
const CONVOLUTION = /^(?:Separable|Depthwise)?Conv\dD(?:Transpose)?$/;
const PADDINGS = ['valid', 'same', 'causal'];
const FORMATS = ['channelsFirst', 'channelsLast'];

/** Why TensorFlow.js refuses the options of a layer when it is made, in one sentence; `null` where nothing is known against them. */
export function refusedOptions(factory: Factory, options: Options): string | null {
  const { class: className } = factory;
  const missing = factory.needs?.find((name) => options.lacks(name));
  if (missing !== undefined) return l10n.t('{0} needs the option "{1}".', className, missing);
  for (const name of factory.needs ?? []) {
    const value = options.get(name);
    if (!COUNTS.includes(name) || value.kind !== 'number') continue;
    if (value.isFloat || value.value <= 0)
      return l10n.t('{0} needs a positive integer as {1} but gets {2}.', className, name, value.value);
  }
  return (
    refusedActivation(options.get('activation')) ??
    (CONVOLUTION.test(className) ? refusedSizes(className, options) : null) ??
    refusedChoice(className, 'padding', options, 'padding' in factory.defaults ? PADDINGS : null) ??
    refusedChoice(className, 'dataFormat', options, 'data_format' in factory.defaults ? FORMATS : null)
  );
}

function refusedActivation(activation: Value): string | null {
  const isKnown = activation.kind !== 'string' || ACTIVATIONS.has(activation.value);
  return isKnown ? null : l10n.t('TensorFlow.js has no activation "{0}".', activation.value);
}

function refusedSizes(className: string, options: Options): string | null {
  const axes = Number(/(\d)D/.exec(className)?.[1]);
  for (const name of SIZES) {
    const sizes = itemsOf(options.get(name));
    if (sizes !== null && sizes.length !== axes)
      return l10n.t('{0} needs {1} sizes in {2} but gets {3}.', className, axes, name, sizes.length);
  }
  return null;
}

function refusedChoice(
  className: string,
  name: string,
  options: Options,
  allowed: readonly string[] | null,
): string | null {
  const value = options.get(name);
  if (allowed === null || value.kind !== 'string' || allowed.includes(value.value)) return null;
  return l10n.t('{0} has no {1} "{2}"; it takes {3}.', className, name, value.value, allowed.join(', '));
}
