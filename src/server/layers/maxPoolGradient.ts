import type { Tensor, TF } from './kind';
import { type Axis, padsOf } from './windows';

/**
 * The gradient of max pooling, to the first maximum of each window in row order, as TensorFlow.
 * Plain loops over the values: TF.js's wasm kernel prefers the last of equal maxima and drops every window whose
 * maximum is not positive.
 * @param dy [batch, outHeight, outWidth, channels]
 * @param input [batch, height, width, channels]
 */
export function maxPoolGradient(
  tf: TF,
  dy: Tensor,
  input: Tensor,
  axes: readonly [Axis, Axis],
  padding: 'valid' | 'same',
): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  const [, outHeight = 0, outWidth = 0] = dy.shape;
  const rows = ranges(axes[0], height, outHeight, padding);
  const columns = ranges(axes[1], width, outWidth, padding);
  const values = input.dataSync<'float32'>();
  const gradients = dy.dataSync<'float32'>();
  const dx = new Float32Array(input.size);

  let out = 0;
  for (let picture = 0; picture < batch; picture++) {
    for (const [top, bottom] of rows) {
      for (const [left, right] of columns) {
        const first = ((picture * height + top) * width + left) * channels;
        for (let channel = 0; channel < channels; channel++, out++) {
          let best = first + channel;
          for (let row = top; row < bottom; row++) {
            let at = ((picture * height + row) * width + left) * channels + channel;
            for (let column = left; column < right; column++, at += channels) {
              if ((values[at] ?? 0) > (values[best] ?? 0)) best = at;
            }
          }
          dx[best] = (dx[best] ?? 0) + (gradients[out] ?? 0);
        }
      }
    }
  }
  return tf.tensor(dx, input.shape, 'float32');
}

/** Where each window begins and ends inside the axis. */
function ranges(axis: Axis, size: number, count: number, padding: 'valid' | 'same'): [number, number][] {
  const [before] = padsOf(axis, size, padding);
  return Array.from({ length: count }, (_, i) => {
    const start = i * axis.stride - before;
    return [Math.max(start, 0), Math.min(start + axis.window, size)];
  });
}
