import type { LayerContext, Tensor, TF } from '../kind';

/** From this many values on, a kernel is kept away from wasm's packed multiplication. */
const LARGE_KERNEL_SIZE = 2 ** 25;

/**
 * rows [n, k] times kernel [k, units]. TF.js's fast wasm kernel packs a copy of the whole right-hand side and keeps it as
 * long as the tensor lives: 411 MB more for the first Dense of VGG16. A left-hand side is not packed.
 */
export function kernelMatMul({ tf, backend }: LayerContext, rows: Tensor, kernel: Tensor): Tensor {
  if (backend !== 'wasm' || kernel.size < LARGE_KERNEL_SIZE) return tf.matMul(rows, kernel);
  return tf.transpose(tf.matMul(kernel, rows, true, true));
}

/**
 * rows [n, k] times the transpose of `matrix` [m, k]: [n, m]. The matrix, usually a weight, is the left operand: there
 * wasm avoids its slow path for transposed operands and caches nothing (see `einsum`).
 */
export function matMulTransposed(tf: TF, rows: Tensor, matrix: Tensor): Tensor {
  return tf.transpose(tf.matMul(matrix, tf.mul(tf.transpose(rows), 1)));
}
