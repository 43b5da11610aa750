import { expect, test } from 'vitest';
import { startBackend } from '../../../src/server/run/backends/backend';
import { withFallback } from '../../../src/server/run/backends/fallback';

test('what wasm has no kernel for is computed on cpu, and wasm goes on', async () => {
  const runtime = await startBackend({ backend: 'wasm', nativePath: '', strict: true });
  const { tf } = runtime;
  const sums = () => tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4]), tf.tensor1d([0, 1, 0], 'int32'), 2);
  expect(sums).toThrow(/UnsortedSegmentSum/);
  expect([...withFallback(runtime, sums).dataSync()]).toEqual([5, 2]);
  expect(tf.getBackend()).toBe('wasm');
  expect([...tf.add(tf.tensor1d([1]), 1).dataSync()]).toEqual([2]);
});

test('any other failure is handed on', async () => {
  const runtime = await startBackend({ backend: 'wasm', nativePath: '', strict: true });
  const broken = () => {
    throw new Error('out of memory');
  };
  expect(() => withFallback(runtime, broken)).toThrow('out of memory');
});
