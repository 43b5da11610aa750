import * as l10n from '@vscode/l10n';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import { above } from '../activations/comparisons';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { isChannelsFirst } from '../support/dataFormat';
import { mapSize, onlyShape, tensorAt } from '../support/layerInputs';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { windowCount } from '../support/windows';
import { type Frames, samples, transform, transformGradient } from './shortTimeFourier';

const MODES = ['log', 'magnitude', 'psd', 'real', 'imag', 'angle', 'stft'] as const;
type Mode = (typeof MODES)[number];

/** Keras's `backend.epsilon()`, the lower bound of power. */
const EPSILON = 1e-7;

const modeOf = (config: LayerConfig): Mode => config.choice('mode', MODES, 'log');

function framesOf(config: LayerConfig): Frames {
  const length = samples(config, 'frame_length', 256);
  const step = config.has('frame_step') ? samples(config, 'frame_step') : Math.floor(length / 2);
  if (step < 1) return config.bad('frame_step', l10n.t('a positive integer'), step);
  return { length, step, padding: config.choice('padding', ['valid', 'same'], 'valid') };
}

function frequencies(config: LayerConfig): number {
  const length = samples(config, 'frame_length', 256);
  const given = config.has('fft_length') ? samples(config, 'fft_length') : 2 ** Math.ceil(Math.log2(length));
  return Math.floor(given / 2) + 1;
}

/**
 * `STFTSpectrogram`: [batch, time, channels] -> [batch, frames, channels * frequencies], or an image with
 * `expand_dims`. The windowed sine and cosine kernels are weights, as Keras saves them.
 */
const stftSpectrogram: LayerKind = {
  outputShapes(config, inputs) {
    const [batch = null, ...rest] = onlyShape(config, inputs, 3);
    const first = isChannelsFirst(config);
    const [channels = null, time = null] = first ? rest : [...rest].reverse();
    const { length, step, padding } = framesOf(config);
    const count = windowCount({ window: length, stride: step, dilation: 1 }, time, padding, config);
    const bins = frequencies(config) * (modeOf(config) === 'stft' ? 2 : 1);
    if (config.bool('expand_dims', false)) {
      return [first ? [batch, channels, count, bins] : [batch, count, bins, channels]];
    }
    const whole = mapSize(channels, (n) => n * bins);
    return [first ? [batch, whole, count] : [batch, count, whole]];
  },
  weights(config) {
    const shape = [samples(config, 'frame_length', 256), 1, frequencies(config)];
    return partNames(modeOf(config)).map((part) => ({ name: `${part}_kernel`, shape, trainable: true }));
  },
  multiplyAdds(config, _, [output = []]) {
    const mode = modeOf(config);
    // `stft` returns both parts; other modes that need both combine them.
    const sums = mode === 'stft' ? 1 : partNames(mode).length;
    return times(...output, samples(config, 'frame_length', 256) * sums);
  },
  forward(ctx, inputs) {
    const input = onlyTensor(inputs, ctx);
    const signals = toSignals(ctx, input);
    return [toOutputLayout(ctx, spectrogram(ctx, spectra(ctx, signals)), input)];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const input = onlyTensor(inputs, ctx);
    const signals = toSignals(ctx, input);
    const parts = spectra(ctx, signals);
    const toParts = gradientOf(ctx, parts, fromOutputLayout(ctx, gradient, input));
    const frames = framesOf(ctx.config);
    const back = toParts.map((part, i) =>
      transformGradient(ctx, part, tensorAt(ctx.config, ctx.weights, i), signals, frames),
    );
    return fromSignals(ctx, tf.addN(back), input);
  }),
  mask: noMask,
};

const partNames = (mode: Mode): readonly string[] =>
  mode === 'real' ? ['real'] : mode === 'imag' ? ['imag'] : ['real', 'imag'];

/** The real or imaginary part, or both: [batch * channels, frames, frequencies]. */
const spectra = (ctx: LayerContext, signals: Tensor): Tensor[] =>
  ctx.weights.map((kernel) => transform(ctx, signals, kernel, framesOf(ctx.config)));

/** [batch * channels, time]: each channel of each sample as a separate signal. */
function toSignals({ tf, config }: LayerContext, input: Tensor): Tensor {
  const first = isChannelsFirst(config) ? input : tf.transpose(input, [0, 2, 1]);
  const [batch = 1, channels = 1, time = 0] = first.shape;
  return tf.reshape(first, [batch * channels, time]);
}

function fromSignals({ tf, config }: LayerContext, signals: Tensor, input: Tensor): Tensor {
  const [batch = 1, a = 1, b = 1] = input.shape;
  if (isChannelsFirst(config)) return tf.reshape(signals, [batch, a, b]);
  return tf.transpose(tf.reshape(signals, [batch, b, a]), [0, 2, 1]);
}

/** From [batch * channels, frames, bins] to the layer's output. */
function toOutputLayout({ tf, config }: LayerContext, value: Tensor, input: Tensor): Tensor {
  const first = isChannelsFirst(config);
  const channels = input.shape[first ? 1 : 2] ?? 1;
  const [all = 1, frames = 1, bins = 1] = value.shape;
  const batch = all / channels;
  const whole = tf.reshape(value, [batch, channels, frames, bins]);
  if (config.bool('expand_dims', false)) return first ? whole : tf.transpose(whole, [0, 2, 3, 1]);
  if (first) return tf.reshape(tf.transpose(whole, [0, 1, 3, 2]), [batch, channels * bins, frames]);
  return tf.reshape(tf.transpose(whole, [0, 2, 1, 3]), [batch, frames, channels * bins]);
}

/** The inverse of `toOutputLayout`, for gradients. */
function fromOutputLayout({ tf, config }: LayerContext, gradient: Tensor, input: Tensor): Tensor {
  const first = isChannelsFirst(config);
  const channels = input.shape[first ? 1 : 2] ?? 1;
  const [batch = 1, a = 1, b = 1, c = 1] = gradient.shape;
  if (config.bool('expand_dims', false)) {
    const whole = first ? gradient : tf.transpose(gradient, [0, 3, 1, 2]);
    return tf.reshape(whole, first ? [batch * channels, b, c] : [batch * channels, a, b]);
  }
  const bins = (first ? a : b) / channels;
  const frames = first ? b : a;
  const whole = first
    ? tf.transpose(tf.reshape(gradient, [batch, channels, bins, frames]), [0, 1, 3, 2])
    : tf.transpose(tf.reshape(gradient, [batch, frames, channels, bins]), [0, 2, 1, 3]);
  return tf.reshape(whole, [batch * channels, frames, bins]);
}

function spectrogram({ tf, config }: LayerContext, parts: readonly Tensor[]): Tensor {
  const mode = modeOf(config);
  const real = tensorAt(config, parts, 0);
  if (mode === 'real' || mode === 'imag') return tf.clone(real);
  const imaginary = tensorAt(config, parts, 1);
  if (mode === 'stft') return tf.concat([real, imaginary], 2);
  if (mode === 'angle') return tf.atan2(imaginary, real);
  const power = tf.add(tf.square(real), tf.square(imaginary));
  if (mode === 'psd') return tf.mul(power, oneSidedFactors(tf, power));
  const magnitude = tf.sqrt(tf.maximum(power, EPSILON));
  return mode === 'magnitude' ? magnitude : tf.log(tf.maximum(magnitude, EPSILON));
}

function gradientOf({ tf, config }: LayerContext, parts: readonly Tensor[], gradient: Tensor): Tensor[] {
  const mode = modeOf(config);
  if (mode === 'real' || mode === 'imag') return [gradient];
  if (mode === 'stft') return tf.split(gradient, 2, 2);
  const real = tensorAt(config, parts, 0);
  const imaginary = tensorAt(config, parts, 1);
  const power = tf.add(tf.square(real), tf.square(imaginary));
  if (mode === 'angle') {
    const turn = tf.divNoNan(gradient, power);
    return [tf.neg(tf.mul(turn, imaginary)), tf.mul(turn, real)];
  }
  // 2 dScore/dPower: the derivative of a square is twice its base.
  const toPower = (): Tensor => {
    if (mode === 'psd') return tf.mul(tf.mul(gradient, oneSidedFactors(tf, power)), 2);
    const bounded = tf.maximum(power, EPSILON);
    const toBounded = tf.mul(gradient, above(tf, power, EPSILON));
    return tf.div(toBounded, mode === 'log' ? bounded : tf.sqrt(bounded));
  };
  const twice = toPower();
  return [tf.mul(twice, real), tf.mul(twice, imaginary)];
}

/** The factors of a one-sided spectrum: 2 for all frequencies but the first and the last. */
function oneSidedFactors(tf: LayerContext['tf'], power: Tensor): Tensor {
  const bins = power.shape.at(-1) ?? 1;
  return tf.tensor1d(Array.from({ length: bins }, (_, i) => (i === 0 || i === bins - 1 ? 1 : 2)));
}

export const stftSpectrogramLayers: KindTable = { STFTSpectrogram: stftSpectrogram };
