import { expect, test } from 'vitest';
import { failOnNullMalloc } from '../../../src/server/run/backends/wasmMemory';
import { withLayerErrors } from '../../../src/server/run/trace';
import { Failure } from '../../../src/shared/errors';
import { dense, functional, graphOf, inputLayer } from '../graph/configs';

type Wasm = Parameters<typeof failOnNullMalloc>[0]['wasm'];

test('a block that WebAssembly cannot give ends the run and marks the backend as broken', () => {
  let isFull = false;
  const wasm = { _malloc: (bytes: number) => (isFull ? 0 : bytes) } as Partial<Wasm> as Wasm;
  failOnNullMalloc({ wasm });
  expect(wasm._malloc(16)).toBe(16);
  expect(wasm._malloc(0)).toBe(0);
  expect(() => wasm._malloc(2 ** 32 + 16)).toThrow(/out of memory/);
  isFull = true;
  expect(wasm._malloc(0)).toBe(0);
  expect(() => wasm._malloc(16)).toThrow(/out of memory/);

  const layers = [inputLayer('x', [null, 2]), dense('d', 3, [[['x', 0, 0, {}]]])];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['d', 0, 0]]));
  const node = graph.nodes.get('d');
  if (!node) throw new Error('the model has no layer d');
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
