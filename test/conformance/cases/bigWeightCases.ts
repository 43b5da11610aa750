import { expect, test } from 'vitest';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import { kernelMatMul } from '../../../src/server/layers/core/matMul';
import { preallocateTensor } from '../../../src/server/run/weights/preallocatedTensor';
import type { BackendName } from '../../../src/shared/model';
import { onBackend } from '../backends';

const KEEPS_ARRAYS: readonly BackendName[] = ['cpu', 'onnx'];

/** Weights that are read directly into the backend's memory, and operations on the largest ones. */
export const testBigWeights = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'big weights', (runtime) => {
    const { tf } = runtime;

    // Some backends keep arrays as they are, so that weights are read whole; the others fill them in place.
    test.each(KEEPS_ARRAYS.includes(backend) ? [] : [[[7]], [[6, 5]], [[4, 2, 3, 5]]])(
      'a tensor of shape %s is filled in parts, in any order',
      (shape) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const width = size / (shape[0] ?? 1);
        const wanted = Float32Array.from({ length: size }, (_, i) => i * 0.5 - 3);
        const before = tf.memory().numTensors;
        const filled = preallocateTensor(runtime, shape);
        if (filled === null) throw new Error(`${backend} has no way to fill a tensor`);
        // A part is used again for the next one, as the reader of a file does.
        const scratch = new Float32Array(2 * width);
        const put = (row: number, rows: number): void => {
          const part = scratch.subarray(0, rows * width);
          part.set(wanted.subarray(row * width, (row + rows) * width));
          filled.put(part, row * width);
        };
        const rows = shape[0] ?? 0;
        put(rows - 1, 1);
        for (let row = 0; row + 1 < rows; row += 2) put(row, Math.min(2, rows - 1 - row));
        const tensor = filled.tensor();
        expect(tensor.shape).toEqual(shape);
        expect(tensor.dtype).toBe('float32');
        expect([...tensor.dataSync()]).toEqual([...wanted]);
        expect([...tf.add(tensor, 1).dataSync()]).toEqual([...wanted].map((value) => value + 1));
        tensor.dispose();
        expect(tf.memory().numTensors - before).toBeLessThanOrEqual(1);
      },
    );

    test('a kernelMatMul with a kernel of 2^25 values', () => {
      const [n, units] = [8192, 4096];
      const result = tf.tidy(() => {
        const kernel = tf.tensor2d(
          Float32Array.from({ length: n * units }, (_, i) => (i % units) % 5),
          [n, units],
        );
        const rows = tf.tensor2d(
          Float32Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : 0.5)),
          [2, n],
        );
        const config = new LayerConfig({}, 'd', 3);
        const call = { args: [], kwargs: {} };
        return kernelMatMul(
          { tf, backend, config, call, weights: [], masks: [], assets: new Map() },
          rows,
          kernel,
        );
      });
      expect(result.shape).toEqual([2, units]);
      const values = result.dataSync();
      for (let i = 0; i < units; i++) {
        expect(values[i]).toBeCloseTo(n * (i % 5), 2);
        expect(values[units + i]).toBeCloseTo((n / 2) * (i % 5), 2);
      }
    });
  });
