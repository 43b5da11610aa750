import { afterEach, expect, test, vi } from 'vitest';
import { findKind } from '../../../src/server/kinds/registry';
import { startBackend } from '../../../src/server/run/backends/backend';
import { chain, traceOf } from './memoryModel';

const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
afterEach(() => vi.restoreAllMocks());

/** Of an open length: halves need an even one. */
const halves = chain([null], [{ className: 'Reshape', config: { name: 'halves', target_shape: [2, -1] } }]);
const run = async (length: number): Promise<readonly number[] | undefined> => {
  const trace = await traceOf(runtime, halves, { shape: [length], values: Array(length).fill(1) });
  const { shape } = trace.at('halves').outputs[0] ?? {};
  trace.dispose();
  return shape;
};

test('the shapes of a layer are worked out again for an input of another size only', async () => {
  const kind = findKind('Reshape');
  if (!kind) throw new Error('Reshape is not known');
  const shapes = vi.spyOn(kind, 'outputShapes');
  expect(await run(4)).toEqual([1, 2, 2]);
  const first = shapes.mock.calls.length;
  expect(first).toBeGreaterThan(0);
  expect(await run(4)).toEqual([1, 2, 2]);
  expect(shapes.mock.calls.length).toBe(first);
  await expect(run(5)).rejects.toMatchObject({ error: { kind: 'wrong-shape' } });
  expect(await run(6)).toEqual([1, 2, 3]);
  expect(shapes.mock.calls.length).toBe(first + 2);
});
