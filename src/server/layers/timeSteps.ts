import type { Tensor, TF } from './kind';

/**
 * [batch, time, features] -> one [batch, features] a step, float32. Cut from a single copy: on wasm each slice copies all
 * of its input, so that slicing step by step would cost the square of the length.
 */
export function timeSteps(tf: TF, sequence: Tensor): Tensor[] {
  const [batch = 1, time = 1, features = 1] = sequence.shape;
  const values = tf.tidy(() => tf.transpose(tf.cast(sequence, 'float32'), [1, 0, 2]).dataSync<'float32'>());
  const size = batch * features;
  return Array.from({ length: time }, (_, t) =>
    tf.tensor2d(values.slice(t * size, (t + 1) * size), [batch, features]),
  );
}
