import type { Tensor, TF } from '../kind';

/** Start (inclusive) and end (exclusive) of a window along an axis. */
export type Range = readonly [number, number];

/** Which of several equal maxima of a window gets its gradient: the first in row order, or each the full gradient. */
export type Ties = 'first' | 'each';

/**
 * The gradient of max pooling, in plain loops: TF.js's wasm kernel prefers the last of equal maxima and drops every window
 * whose maximum is not positive.
 * @param dy [batch, rows.length, columns.length, channels]
 * @param input [batch, height, width, channels]
 */
export function maxPoolGradient(
  tf: TF,
  dy: Tensor,
  input: Tensor,
  [rows, columns]: readonly [readonly Range[], readonly Range[]],
  ties: Ties,
): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  const values = input.dataSync<'float32'>();
  const gradients = dy.dataSync<'float32'>();
  const dx = new Float32Array(input.size);

  let out = 0;
  for (let image = 0; image < batch; image++) {
    for (const [top, bottom] of rows) {
      for (const [left, right] of columns) {
        const first = ((image * height + top) * width + left) * channels;
        for (let channel = 0; channel < channels; channel++, out++) {
          const gradient = gradients[out] ?? 0;
          let best = first + channel;
          for (let row = top; row < bottom; row++) {
            let at = ((image * height + row) * width + left) * channels + channel;
            for (let column = left; column < right; column++, at += channels) {
              if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
            }
          }
          dx[best] = (dx[best] ?? 0) + gradient;
          if (ties === 'first') continue;
          // The other maxima come after the first.
          for (let row = top; row < bottom; row++) {
            let at = ((image * height + row) * width + left) * channels + channel;
            for (let column = left; column < right; column++, at += channels) {
              if (at !== best && values[at] === values[best]) dx[at] = (dx[at] ?? 0) + gradient;
            }
          }
        }
      }
    }
  }
  return tf.tensor(dx, input.shape, 'float32');
}
