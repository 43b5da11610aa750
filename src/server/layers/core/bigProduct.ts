import type { LayerContext, Tensor } from '../kind';

/** Kernels of so many values are not handed to wasm's fast multiplication. */
const BIG = 2 ** 25;

/**
 * rows . kernel, [rows, n] times [n, units]. TF.js's fast wasm kernel packs a second copy of the whole right side and keeps
 * it as long as the tensor lives: the first Dense of VGG16 would cost 411 MB more. On the left it is taken as it lies.
 */
export function product({ tf, backend }: LayerContext, rows: Tensor, kernel: Tensor): Tensor {
  if (backend !== 'wasm' || kernel.size < BIG) return tf.matMul(rows, kernel);
  return tf.transpose(tf.matMul(kernel, rows, true, true));
}
