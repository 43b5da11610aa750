import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Preprocessing } from '../../shared/inputs';

/** ImageNet means of keras.applications.imagenet_utils, mode "caffe": blue, green, red. */
const CAFFE_MEAN = [103.939, 116.779, 123.68];
/** ImageNet mean and standard deviation, mode "torch": red, green, blue, of values 0..1. */
const TORCH_MEAN = [0.485, 0.456, 0.406];
const TORCH_STD = [0.229, 0.224, 0.225];

function needsThreeChannels(name: string, channels: number): void {
  if (channels === 3) return;
  fail(
    'not-applicable',
    l10n.t('Preprocessing "{0}" is for three channels (RGB), and this input has {1}.', name, channels),
    { remedy: l10n.t('Choose "0..1", "-1..1", or "custom" with a mean and a scale for each channel.') },
  );
}

/** One number per channel; a single one applies to every channel. */
function perChannel(
  given: readonly number[] | undefined,
  fallback: number,
  channels: number,
  what: 'mean' | 'scale',
): readonly number[] {
  const numbers = given ?? [fallback];
  const usable = numbers.every((n) => Number.isFinite(n) && (what === 'mean' || n !== 0));
  if (!usable || (numbers.length !== 1 && numbers.length !== channels)) {
    fail(
      'bad-input',
      what === 'mean'
        ? l10n.t(
            'Custom preprocessing has mean [{0}], and the input has {1} channels.',
            numbers.join(', '),
            channels,
          )
        : l10n.t(
            'Custom preprocessing has scale [{0}], and the input has {1} channels.',
            numbers.join(', '),
            channels,
          ),
      {
        remedy:
          what === 'mean'
            ? l10n.t('Give one finite number, or one for each channel.')
            : l10n.t('Give one finite, non-zero number, or one for each channel.'),
      },
    );
  }
  return Array.from({ length: channels }, (_, c) => numbers[numbers.length === 1 ? 0 : c] ?? fallback);
}

function mapChannels(
  values: Float32Array,
  channels: number,
  change: (value: number, c: number) => number,
): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += channels)
    for (let c = 0; c < channels; c++) out[i + c] = change(values[i + c] ?? 0, c);
  return out;
}

/** x / divisor - offset, in one loop without calls: it is what most images take. */
function scaled(values: Float32Array, divisor: number, offset: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = (values[i] ?? 0) / divisor - offset;
  return out;
}

function caffe(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 3) {
    for (let c = 0; c < 3; c++) out[i + c] = (values[i + 2 - c] ?? 0) - (CAFFE_MEAN[c] ?? 0);
  }
  return out;
}

/**
 * Prepares values as in the training of a model, like `preprocess_input` of keras.applications: none; 0..1 is x / 255;
 * -1..1 is x / 127.5 - 1; caffe is RGB to BGR minus the ImageNet mean; torch is (x / 255 - mean) / standard deviation;
 * custom is (x - mean) / scale for each channel.
 *
 * @param values [..., channels], channels last, images 0..255 as RGB.
 * @returns a new array of the same shape (`values` itself for none).
 * @throws Failure `not-applicable` for caffe and torch unless there are three channels, `bad-input` for custom numbers
 *   that do not fit.
 */
export function preprocess(
  values: Float32Array,
  channels: number,
  preprocessing: Preprocessing,
): Float32Array {
  switch (preprocessing.name) {
    case 'none':
      return values;
    case '0..1':
      return scaled(values, 255, 0);
    case '-1..1':
      return scaled(values, 127.5, 1);
    case 'caffe':
      needsThreeChannels('caffe', channels);
      return caffe(values);
    case 'torch':
      needsThreeChannels('torch', channels);
      return mapChannels(values, channels, (v, c) => (v / 255 - (TORCH_MEAN[c] ?? 0)) / (TORCH_STD[c] ?? 1));
    case 'custom': {
      const mean = perChannel(preprocessing.mean, 0, channels, 'mean');
      const scale = perChannel(preprocessing.scale, 1, channels, 'scale');
      return mapChannels(values, channels, (v, c) => (v - (mean[c] ?? 0)) / (scale[c] ?? 1));
    }
  }
}
