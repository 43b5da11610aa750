import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { isFloat } from '../support/layerInputs';
import { noMask, oneToOne, onlyTensor } from '../support/singleInput';
import { imageShape } from './augmentation';
import { BYTES, sameRange, type ValueRange, valueRange } from './valueRange';

/** The image stretched to 0..255 by its minimum and maximum along axes 1 and 2. */
interface Stretched {
  /** [batch, 1, 1, last]. */
  readonly low: Tensor;
  readonly scale: Tensor;
  readonly pixels: Tensor;
  /** Before clipping. */
  readonly stretched: Tensor;
  /** 1 where all values are equal, which Keras leaves unchanged. */
  readonly flat: Tensor;
}

/**
 * `AutoContrast`, active in inference too. As in Keras it always uses axes 1 and 2, which for `channels_first` are not
 * height and width.
 */
const autoContrast: LayerKind = {
  outputShapes: (config, inputs) => [imageShape(config, inputs)],
  forward(ctx, inputs) {
    const { tf } = ctx;
    const input = onlyTensor(inputs, ctx);
    const { stretched, flat } = stretch(ctx, input);
    const results = toRange(tf, tf.clipByValue(stretched, 0, 255), BYTES, rangeOf(ctx));
    return [tf.where(tf.cast(tf.broadcastTo(flat, input.shape), 'bool'), tf.cast(input, 'float32'), results)];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const input = onlyTensor(inputs, ctx);
    if (!isFloat(input)) return tf.zerosLike(gradient);
    const { low, scale, pixels, stretched, flat } = stretch(ctx, input);
    const unclipped = tf.cast(
      tf.logicalAnd(tf.greaterEqual(stretched, 0), tf.lessEqual(stretched, 255)),
      'float32',
    );
    // The two changes of range cancel out.
    const reaching = tf.mul(tf.mul(gradient, unclipped), tf.sub(1, flat));
    const share = tf.div(tf.mul(tf.sub(pixels, low), scale), 255);
    const sum = (x: Tensor): Tensor => tf.sum(x, [1, 2], true);
    const toHigh = tf.neg(tf.mul(scale, sum(tf.mul(reaching, share))));
    const toLow = tf.neg(tf.mul(scale, sum(tf.mul(reaching, tf.sub(1, share)))));
    const high = tf.max(pixels, [1, 2], true);
    return tf.addN([
      tf.mul(reaching, scale),
      tf.mul(toHigh, ties(tf, pixels, high)),
      tf.mul(toLow, ties(tf, pixels, low)),
    ]);
  }),
  mask: noMask,
};

/** Argument `value_range`, which this layer sorts. */
function rangeOf({ config }: LayerContext): ValueRange {
  const [a, b] = valueRange(config);
  return [Math.min(a, b), Math.max(a, b)];
}

function stretch(ctx: LayerContext, input: Tensor): Stretched {
  const { tf } = ctx;
  const pixels = toRange(tf, tf.cast(input, 'float32'), rangeOf(ctx), BYTES);
  const low = tf.min(pixels, [1, 2], true);
  const extent = tf.sub(tf.max(pixels, [1, 2], true), low);
  const flat = tf.cast(tf.equal(extent, 0), 'float32');
  const scale = tf.div(255, tf.add(extent, flat));
  const offset = tf.mul(tf.neg(low), scale);
  return { low, scale, pixels, flat, stretched: tf.add(tf.mul(pixels, scale), offset) };
}

/** `_transform_value_range`, in its order of operations. */
function toRange(tf: TF, x: Tensor, from: ValueRange, to: ValueRange): Tensor {
  if (sameRange(from, to)) return x;
  const unit = tf.div(tf.sub(x, from[0]), from[1] - from[0]);
  return tf.add(tf.mul(unit, to[1] - to[0]), to[0]);
}

/** The share of an extremum's gradient that each value gets: ties share it equally, as in TensorFlow. */
function ties(tf: TF, pixels: Tensor, extremum: Tensor): Tensor {
  const equal = tf.cast(tf.equal(pixels, extremum), 'float32');
  return tf.div(equal, tf.sum(equal, [1, 2], true));
}

export const autoContrastLayers: KindTable = { AutoContrast: autoContrast };
