import { expect, test } from 'vitest';
import { startBackend } from '../../../src/server/run/backends/backend';
import { chain, traceOf } from './memoryModel';

test('an axis of no length does not hide another of billions', async () => {
  const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  const reshaped = (length: number) =>
    chain([0], [{ className: 'Reshape', config: { name: 'wide', target_shape: [0, length] } }]);
  const input = { shape: [0], values: [] };
  const trace = await traceOf(runtime, reshaped(7), input);
  expect(trace.at('wide').outputs[0]?.shape).toEqual([1, 0, 7]);
  trace.dispose();
  await expect(traceOf(runtime, reshaped(2 ** 33), input)).rejects.toMatchObject({
    error: {
      kind: 'too-large',
      message: expect.stringContaining('Layer "wide" would give 8589934592 values'),
    },
  });
});
