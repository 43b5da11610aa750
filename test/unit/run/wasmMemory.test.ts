import { expect, test } from 'vitest';
import type { GraphNode } from '../../../src/server/graph/graph';
import { startWasm } from '../../../src/server/run/backends/wasm';
import { checkAllocations } from '../../../src/server/run/backends/wasmMemory';
import { withLayerErrors } from '../../../src/server/run/layerErrors';
import { Failure } from '../../../src/shared/errors';
import { wasmOptions } from '../../wasmThreads';
import { dense, functional, graphOf, inputLayer } from '../graph/configs';

type Wasm = Parameters<typeof checkAllocations>[0]['wasm'];

test('a block that WebAssembly cannot give ends the run and marks the backend as broken', () => {
  let isFull = false;
  const wasm = { _malloc: (bytes: number) => (isFull ? 0 : bytes) } as Partial<Wasm> as Wasm;
  checkAllocations({ wasm }, Number.POSITIVE_INFINITY);
  expect(wasm._malloc(16)).toBe(16);
  expect(wasm._malloc(0)).toBe(0);
  expect(() => wasm._malloc(2 ** 32 + 16)).toThrow(/needs 4\.\d+ GB more memory/);
  isFull = true;
  expect(wasm._malloc(0)).toBe(0);
  expect(() => wasm._malloc(16)).toThrow(/out of memory/);

  const node = withLayer('d');
  const failed = (work: () => never): unknown => {
    try {
      return withLayerErrors(node, work);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) return thrown;
      // The log shows where the backend broke, not where it was noticed.
      expect(thrown.error.stack).toMatch(/wasmMemory\.test/);
      expect(thrown.error.stack).not.toMatch(/Failure/);
      return thrown.error.kind;
    }
  };
  expect(failed(() => wasm._malloc(16) as never)).toBe('compute-ended');
  // A trap inside a kernel leaves the heap as it was in the middle of it.
  const trap = Object.assign(new Error('memory access out of bounds'), { name: 'RuntimeError' });
  expect(
    failed(() => {
      throw trap;
    }),
  ).toBe('compute-ended');
  // A view that reaches beyond the heap of WebAssembly.
  expect(failed(() => new Float32Array(new ArrayBuffer(8), 0, 100) as never)).toBe('compute-ended');
  expect(
    failed(() => {
      throw new Error('shapes do not fit');
    }),
  ).toBe('backend');
});

test('a block over the limit is refused before anything is allocated, also by the real module', async () => {
  const limit = 1.5e9;
  const { tf } = await startWasm({ ...(await wasmOptions()), maxBytes: limit });
  const x = tf.ones([1, 6, 5, 3]);
  const layer = withLayer('pads');
  const padded = (columns: number): unknown => {
    try {
      return withLayerErrors(layer, () =>
        tf.pad(x, [
          [0, 0],
          [0, 0],
          [columns, columns],
          [0, 0],
        ]),
      );
    } catch (thrown) {
      return thrown instanceof Failure ? thrown.error : thrown;
    }
  };
  // Over 4 GB, whose lower 32 bits are a small number; over the limit; and over what is left of it.
  for (const columns of [1e9, 2e7, 1e7]) {
    const { rss } = process.memoryUsage();
    expect(padded(columns)).toMatchObject({ kind: 'too-large', subject: 'pads' });
    expect(process.memoryUsage.rss() - rss).toBeLessThan(2 ** 28);
  }
  // The backend is sound.
  expect((await tf.sum(x).data())[0]).toBe(90);
  expect((padded(100) as typeof x).shape).toEqual([1, 6, 205, 3]);
});

function withLayer(name: string): GraphNode {
  const layers = [inputLayer('x', [null, 2]), dense(name, 3, [[['x', 0, 0, {}]]])];
  const node = graphOf(functional('m', layers, [['x', 0, 0]], [[name, 0, 0]])).nodes.get(name);
  if (!node) throw new Error(`the model has no layer ${name}`);
  return node;
}
