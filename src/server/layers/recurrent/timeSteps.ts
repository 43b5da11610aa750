import type { Tensor, TF } from '../kind';

/**
 * Splits [time, ...] into one float32 tensor per step, from a single copy: on wasm each slice copies its whole input, so that slicing
 * step by step would take quadratic time.
 */
export function timeSteps(tf: TF, sequence: Tensor): Tensor[] {
  const [time = 1, ...shape] = sequence.shape;
  const values = sequence.dataSync<'float32'>();
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: time }, (_, t) =>
    tf.tensor(values.slice(t * size, (t + 1) * size), shape, 'float32'),
  );
}
