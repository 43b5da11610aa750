import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensor, TF } from '../../../layers/kind';
import type { Runtime } from '../backend';

const WARM_UPS = 2;
const RUNS = 5;
/** Of the image that the work starts with: rows and columns, channels. */
const [SIZE, CHANNELS] = [80, 32];

interface Weights {
  readonly first: Tensor;
  readonly depthwise: Tensor;
  readonly pointwise: Tensor;
  readonly last: Tensor;
  readonly dense: Tensor;
}

/**
 * The time of a small convolutional network, there and back (0.7 billion multiply-adds): some tens of milliseconds on a backend that
 * uses the processor well.
 * @returns milliseconds, the median of a few runs on new inputs after a warm-up
 */
export function timeWork({ tf, lazy }: Pick<Runtime, 'tf' | 'lazy'>): number {
  const weights: Weights = {
    first: tf.randomUniform([3, 3, CHANNELS, 64], -0.1, 0.1),
    depthwise: tf.randomUniform([3, 3, 64, 1], -0.1, 0.1),
    pointwise: tf.randomUniform([1, 1, 64, 128], -0.1, 0.1),
    last: tf.randomUniform([3, 3, 128, 128], -0.1, 0.1),
    dense: tf.randomUniform([128, 1000], -0.1, 0.1),
  };
  for (const weight of Object.values(weights)) lazy?.keepConstant(weight);
  const times: number[] = [];
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const input: Tensor = tf.randomUniform([1, SIZE, SIZE, CHANNELS]);
    input.dataSync();
    const start = performance.now();
    tf.tidy(() => network(tf, weights, input));
    if (run >= 0) times.push(performance.now() - start);
    input.dispose();
  }
  for (const weight of Object.values(weights)) weight.dispose();
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.POSITIVE_INFINITY;
}

/** Reads the prediction and the gradient of one value at the last convolution's input, as an explanation does. */
function network(tf: TF, { first, depthwise, pointwise, last, dense }: Weights, input: Tensor): void {
  const convolve = (image: Tensor, filter: Tensor): Tensor =>
    tf.conv2d(image as Tensor4D, filter as Tensor4D, 1, 'same');
  const wide = tf.relu(convolve(input, first));
  const light = tf.relu(tf.depthwiseConv2d(wide as Tensor4D, depthwise as Tensor4D, 1, 'same'));
  const deep = tf.maxPool(tf.relu(convolve(light, pointwise)) as Tensor4D, 2, 2, 'valid');
  const values = convolve(deep, last);
  const prediction = tf.softmax(tf.matMul(tf.mean(tf.relu(values), [1, 2]), dense));
  prediction.dataSync();
  const gradient = tf.mul(tf.step(values), tf.mean(dense));
  const back = tf.conv2dTranspose(
    gradient as Tensor4D,
    last as Tensor4D,
    [1, SIZE / 2, SIZE / 2, 128],
    1,
    'same',
  );
  tf.sum(back).dataSync();
}
