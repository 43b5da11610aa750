import type { TF } from '../layers/kind';

/**
 * `tf.tidy` for any container of tensors, `null` and `undefined` included. TF.js walks whatever it is given;
 * only its type, `TensorContainer`, does not say so.
 */
export function tidy<T>(tf: TF, work: () => T): T {
  return tf.tidy(work as () => undefined) as T;
}
