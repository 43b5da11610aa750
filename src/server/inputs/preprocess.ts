import { fail } from '../../shared/errors';
import type { Preprocessing } from '../../shared/inputs';

/** Where the channels of an array lie: `stride` values lie between one channel and the next of a position. */
export interface ChannelLayout {
  readonly channels: number;
  /** 1 for channels last; height * width for channels first. */
  readonly stride: number;
}

// Keras's imagenet_utils.preprocess_input, in the order the channels have after each mode's own reordering.
const CAFFE_MEAN = [103.939, 116.779, 123.68] as const;
const TORCH_MEAN = [0.485, 0.456, 0.406] as const;
const TORCH_STD = [0.229, 0.224, 0.225] as const;

const { fround } = Math;

/**
 * Prepares pixels the way the model was trained, as `keras.applications.imagenet_utils.preprocess_input` does and
 * with its float32 roundings: `0..1` x / 255; `-1..1` ("tf") x / 127.5 - 1; `caffe` RGB to BGR, then minus the ImageNet
 * mean; `torch` x / 255, minus mean, over standard deviation; `custom` (x - mean) / scale, per channel.
 *
 * @param values pixels, 0..255 in red, green, blue order for the named ones; not changed.
 * @returns an array of the same length.
 * @throws `bad-input` when the mode does not fit the number of channels, or a custom scale is 0.
 */
export function preprocess(
  values: Float32Array,
  { channels, stride }: ChannelLayout,
  preprocessing: Preprocessing,
): Float32Array {
  switch (preprocessing.name) {
    case 'none':
      return values;
    case '0..1':
      return values.map((x) => x / 255);
    case '-1..1':
      return values.map((x) => fround(x / 127.5) - 1);
    case 'caffe':
      requireColour('caffe', channels);
      return values.map((_, i) => {
        const channel = Math.floor(i / stride) % 3;
        return (values[i + (2 - 2 * channel) * stride] ?? 0) - fround(CAFFE_MEAN[channel] ?? 0);
      });
    case 'torch':
      requireColour('torch', channels);
      return values.map((x, i) => {
        const channel = Math.floor(i / stride) % 3;
        const centred = fround(fround(x / 255) - fround(TORCH_MEAN[channel] ?? 0));
        return centred / fround(TORCH_STD[channel] ?? 1);
      });
    case 'custom': {
      const mean = perChannel('mean', preprocessing.mean ?? [0], channels);
      const scale = perChannel('scale', preprocessing.scale ?? [1], channels);
      if (scale.includes(0)) {
        fail('bad-input', 'The custom preprocessing has a scale of 0, by which nothing can be divided.', {
          remedy: 'Set the scale to the standard deviation that was used in training, or to 1.',
        });
      }
      return values.map((x, i) => {
        const channel = Math.floor(i / stride) % channels;
        return (x - (mean[channel] ?? 0)) / (scale[channel] ?? 1);
      });
    }
  }
}

function requireColour(mode: string, channels: number): void {
  if (channels === 3) return;
  fail('bad-input', `'${mode}' preprocessing is for 3 colour channels, but this input has ${channels}.`, {
    remedy: "Choose '0..1', '-1..1' or a custom mean and scale.",
  });
}

/** One finite number a channel; a single one holds for all. */
function perChannel(what: string, numbers: readonly number[], channels: number): readonly number[] {
  const [first] = numbers;
  if ((numbers.length !== 1 && numbers.length !== channels) || !numbers.every(Number.isFinite)) {
    const given = `[${numbers.join(', ')}]`;
    fail('bad-input', `The custom ${what} ${given} does not fit an input with ${channels} channels.`, {
      remedy: `Give one number, or one for each of the ${channels} channels.`,
    });
  }
  return numbers.length === 1 ? new Array<number>(channels).fill(first ?? 0) : numbers;
}
