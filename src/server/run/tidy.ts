import type { TF } from '../layers/kind';

/**
 * `tf.tidy` for any container of tensors, `null` and `undefined` included. TF.js accepts all of them; only its type
 * `TensorContainer` is narrower.
 */
export function tidy<T>(tf: TF, work: () => T): T {
  return tf.tidy(work as () => undefined) as T;
}
