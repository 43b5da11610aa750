import type { Tensor, TF } from '../kind';

/**
 * Splits [batch, time, ...] into one float32 [batch, ...] per step, from a single copy: on wasm each slice copies its
 * whole input, so that slicing step by step would take quadratic time.
 */
export function timeSteps(tf: TF, sequence: Tensor): Tensor[] {
  const [batch = 1, time = 1, ...rest] = sequence.shape;
  const order = [1, 0, ...rest.map((_, i) => i + 2)];
  const values = tf.tidy(() => tf.transpose(tf.cast(sequence, 'float32'), order).dataSync<'float32'>());
  const size = rest.reduce((product, length) => product * length, batch);
  return Array.from({ length: time }, (_, t) =>
    tf.tensor(values.slice(t * size, (t + 1) * size), [batch, ...rest], 'float32'),
  );
}
