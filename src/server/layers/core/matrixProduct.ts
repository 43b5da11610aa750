import type { Tensor, TF } from '../kind';

/**
 * rows [n, k] times the transpose of `matrix` [m, k]: [n, m]. The matrix, mostly a weight, stands on the left, where wasm
 * neither takes its slow way round transposed operands nor keeps anything of it (see `einsum`).
 */
export function timesTransposed(tf: TF, rows: Tensor, matrix: Tensor): Tensor {
  return tf.transpose(tf.matMul(matrix, tf.mul(tf.transpose(rows), 1)));
}
