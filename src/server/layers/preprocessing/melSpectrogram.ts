import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { arrayOf } from '../support/configArray';
import { mapSize, onlyShape } from '../support/layerInputs';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { type Frames, samples, transform, transformGradient } from './shortTimeFourier';

/** The mel scale of HTK, in natural logarithms. */
const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);
const DECIBEL = 10 / Math.LN10;

/** `MelSpectrogram`: [batch, time] -> [batch, bands, frames]. */
const melSpectrogram: LayerKind = {
  outputShapes(config, inputs) {
    const [batch = null, time = null] = onlyShape(config, inputs, 2, 'bad-config');
    const { step } = framesOf(config);
    // Keras's static shape; if one sample is missing to a multiple of the stride, the result has one frame less.
    return [[batch, bandsOf(config), mapSize(time, (n) => Math.floor((n + step + 1) / step))]];
  },
  forward(ctx, inputs) {
    const { tf } = ctx;
    const { bands } = spectrum(ctx, onlyTensor(inputs, ctx));
    return [tf.transpose(ctx.config.bool('power_to_db', true) ? decibels(ctx, bands) : bands, [0, 2, 1])];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf, config } = ctx;
    const input = onlyTensor(inputs, ctx);
    const { kernels, padded, parts, power, bands, matrix } = spectrum(ctx, input);
    const transposed = tf.transpose(gradient, [0, 2, 1]);
    const toBands = config.bool('power_to_db', true) ? decibelsGradient(ctx, bands, transposed) : transposed;
    const half = config.number('mag_exp', 2) / 2;
    const toMagnitude = product(tf, toBands, matrix, true);
    const slope = half === 1 ? tf.onesLike(power) : tf.mul(tf.pow(power, half - 1), half);
    const twice = tf.mul(tf.mul(toMagnitude, slope), 2);
    const back = parts.map((part, i) =>
      transformGradient(ctx, tf.mul(twice, part), kernels[i] ?? part, padded, framesOf(config)),
    );
    return padReflectGradient(tf, tf.addN(back), input.shape[1] ?? 0);
  }),
  mask: noMask,
};

const bandsOf = (config: LayerConfig): number => samples(config, 'num_mel_bins', 128);

/** Frames have the length of the transform; a shorter window is centred in them. */
const framesOf = (config: LayerConfig): Frames => ({
  length: samples(config, 'fft_length', 2048),
  step: samples(config, 'sequence_stride', 512),
  padding: 'valid',
});

/** The intermediate results from a signal to its power in each band. */
interface Spectrum {
  /** Real and imaginary waves, [length, 1, frequencies]. */
  readonly kernels: readonly Tensor[];
  readonly padded: Tensor;
  readonly parts: readonly Tensor[];
  /** [batch, frames, frequencies]. */
  readonly power: Tensor;
  /** [batch, frames, bands]. */
  readonly bands: Tensor;
  /** [frequencies, bands]. */
  readonly matrix: Tensor;
}

function spectrum(ctx: LayerContext, input: Tensor): Spectrum {
  const { tf, config } = ctx;
  const frames = framesOf(config);
  const padded = padReflect(tf, config, tf.cast(input, 'float32'), Math.floor(frames.length / 2));
  const kernels = waves(tf, frames.length, windowOf(config, frames.length));
  const parts = kernels.map((kernel) => transform(ctx, padded, kernel, frames));
  const power = tf.addN(parts.map((part) => tf.square(part)));
  const half = config.number('mag_exp', 2) / 2;
  const matrix = melMatrix(tf, config, Math.floor(frames.length / 2) + 1);
  const bands = product(tf, half === 1 ? power : tf.pow(power, half), matrix, false);
  return { kernels, padded, parts, power, bands, matrix };
}

/** [batch, frames, a] times [a, b], or with the transposed matrix. */
function product(tf: TF, x: Tensor, matrix: Tensor, transposed: boolean): Tensor {
  const [batch = 1, frames = 1, size = 1] = x.shape;
  const flat = tf.matMul(tf.reshape(x, [batch * frames, size]), matrix, false, transposed);
  return tf.reshape(flat, [batch, frames, flat.shape[1] ?? 1]);
}

/** Pads the signal by reflection at both ends, so that frames are centred on their samples. */
function padReflect(tf: TF, config: LayerConfig, x: Tensor, by: number): Tensor {
  const [, time = 0] = x.shape;
  if (by >= time) {
    fail(
      'bad-input',
      l10n.t('Layer "{0}" needs more than {1} samples but its input has {2}.', config.path, by, time),
      {
        subject: config.path,
        remedy: l10n.t('Choose a longer signal; Keras rejects this one, too.'),
      },
    );
  }
  const at = Array.from({ length: time + 2 * by }, (_, i) => {
    const from = Math.abs(i - by);
    return from < time ? from : 2 * (time - 1) - from;
  });
  return tf.gather(x, tf.tensor1d(at, 'int32'), 1);
}

/** The gradient of `padReflect`: adds the gradient of the padding to the samples that it repeats. */
function padReflectGradient(tf: TF, gradient: Tensor, time: number): Tensor {
  const [batch = 1, whole = 0] = gradient.shape;
  const by = (whole - time) / 2;
  const own = tf.slice(gradient, [0, by], [batch, time]);
  if (by === 0) return own;
  const image = (start: number): Tensor => tf.reverse(tf.slice(gradient, [0, start], [batch, by]), 1);
  return tf.addN([
    own,
    tf.pad(image(0), [
      [0, 0],
      [1, time - by - 1],
    ]),
    tf.pad(image(by + time), [
      [0, 0],
      [time - by - 1, 1],
    ]),
  ]);
}

/** Cosines and negative sines of each frequency, times the window: [length, 1, frequencies]. */
function waves(tf: TF, length: number, window: Float64Array): Tensor[] {
  const bins = Math.floor(length / 2) + 1;
  const wave = (curve: (angle: number) => number): Tensor => {
    const values = new Float32Array(length * bins);
    for (let n = 0; n < length; n++) {
      for (let k = 0; k < bins; k++) {
        // Reduced modulo one period, to keep the precision of the angle.
        values[n * bins + k] = (window[n] ?? 0) * curve((2 * Math.PI * ((n * k) % length)) / length);
      }
    }
    return tf.tensor3d(values, [length, 1, bins]);
  };
  return [wave(Math.cos), wave((angle) => -Math.sin(angle))];
}

/** The window, centred in a frame of `length`. */
function windowOf(config: LayerConfig, length: number): Float64Array {
  const size = config.has('sequence_length') ? samples(config, 'sequence_length') : length;
  if (size > length) return config.bad('sequence_length', l10n.t('at most {0}', length), size);
  const whole = new Float64Array(length);
  const start = Math.floor((length - size) / 2);
  const given = windowValues(config, size);
  for (let n = 0; n < size; n++) whole[start + n] = given(n);
  return whole;
}

function windowValues(config: LayerConfig, size: number): (n: number) => number {
  const raw = config.raw('window');
  if (raw === null) return () => 1;
  if (typeof raw === 'object') {
    const { values } = arrayOf(config, 'window');
    if (values.length !== size) return config.bad('window', l10n.t('{0} numbers', size), raw);
    return (n) => values[n] ?? 0;
  }
  const share = config.choice('window', ['hann', 'hamming'], 'hann') === 'hann' ? 0.5 : 0.54;
  // TensorFlow's windows of odd length are symmetric even if `periodic` is set.
  const period = size % 2 === 0 ? size : size - 1;
  return (n) => (size === 1 ? 1 : share - (1 - share) * Math.cos((2 * Math.PI * n) / period));
}

/** `linear_to_mel_weight_matrix`: triangles of height 1, evenly spaced in mel; frequency 0 belongs to none. */
function melMatrix(tf: TF, config: LayerConfig, bins: number): Tensor {
  const bands = bandsOf(config);
  const rate = config.number('sampling_rate', 16000);
  const low = mel(config.number('min_freq', 20));
  const high = mel(config.has('max_freq') ? config.number('max_freq') : Math.trunc(rate / 2));
  const step = (high - low) / (bands + 1);
  const matrix = new Float32Array(bins * bands);
  for (let bin = 1; bin < bins; bin++) {
    const at = mel((rate / 2) * (bin / (bins - 1)));
    for (let band = 0; band < bands; band++) {
      const distance = Math.abs(at - (low + (band + 1) * step)) / step;
      matrix[bin * bands + band] = Math.max(0, 1 - distance);
    }
  }
  return tf.tensor2d(matrix, [bins, bands]);
}

const minPower = (config: LayerConfig): number => config.number('min_power', 1e-10);

/** Decibels before clipping at `top_db` below the maximum of the whole batch. */
function logarithm({ tf, config }: LayerContext, bands: Tensor): Tensor {
  const reference = Math.max(Math.abs(config.number('ref_power', 1)), minPower(config));
  const level = tf.mul(tf.log(tf.maximum(bands, minPower(config))), DECIBEL);
  return tf.sub(level, 10 * Math.log10(reference));
}

function decibels(ctx: LayerContext, bands: Tensor): Tensor {
  const { tf } = ctx;
  const log = logarithm(ctx, bands);
  return tf.maximum(log, tf.sub(tf.max(log), ctx.config.number('top_db', 80)));
}

function decibelsGradient(ctx: LayerContext, bands: Tensor, gradient: Tensor): Tensor {
  const { tf, config } = ctx;
  const log = logarithm(ctx, bands);
  const max = tf.max(log);
  const floor = tf.sub(max, config.number('top_db', 80));
  const own = tf.mul(gradient, tf.cast(tf.greaterEqual(log, floor), 'float32'));
  // Values clipped to the floor depend on the maximum, shared among ties.
  const ties = tf.cast(tf.equal(log, max), 'float32');
  const raised = tf.div(tf.sub(tf.sum(gradient), tf.sum(own)), tf.sum(ties));
  const toLog = tf.add(own, tf.mul(ties, raised));
  const aboveMin = tf.cast(tf.greaterEqual(bands, minPower(config)), 'float32');
  return tf.div(tf.mul(tf.mul(toLog, aboveMin), DECIBEL), tf.maximum(bands, minPower(config)));
}

export const melSpectrogramLayers: KindTable = { MelSpectrogram: melSpectrogram };
