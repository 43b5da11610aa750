import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layerGradients } from '../../../src/server/inspect/layerGradients';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import type { TargetChoice } from '../../../src/shared/explanation';
import { dense, functional, graphOf, inputLayer } from '../graph/configs';
import { storeOf, traceOf, type Values, walksOf } from '../run/memoryModel';

const values = (shape: readonly number[], numbers: readonly number[]): Values => ({ shape, values: numbers });

/** hidden = (x0 + x2, x1 + x2), a = (h0 + 2 h1, 3 h1 - h0), b = h0 - h1. */
const store = storeOf(
  new Map([
    ['hidden/kernel', values([3, 2], [1, 0, 0, 1, 1, 1])],
    ['hidden/bias', values([2], [0, 0])],
    ['a/kernel', values([2, 2], [1, -1, 2, 3])],
    ['a/bias', values([2], [0, 0])],
    ['b/kernel', values([2, 1], [1, -1])],
    ['b/bias', values([1], [0])],
  ]),
);
const graph = () =>
  graphOf(
    functional(
      'two',
      [
        inputLayer('x', [null, 3]),
        dense('hidden', 2, [[['x', 0, 0, {}]]]),
        dense('a', 2, [[['hidden', 0, 0, {}]]]),
        dense('b', 1, [[['hidden', 0, 0, {}]]]),
      ],
      [['x', 0, 0]],
      [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
    ),
  );

describe.each(['cpu', 'onnx'] as const)('the size of the gradient at each layer (%s)', (backend) => {
  let trace: Trace;
  beforeAll(async () => {
    const runtime = await startBackend({ backend, nativePath: '', strict: true });
    trace = await traceOf(runtime, { graph: graph(), store }, { shape: [3], values: [1, 2, 3] });
  });
  afterAll(() => trace.dispose());

  const gradients = async (target: TargetChoice) => {
    const found = await layerGradients(trace, walksOf(trace), { target, labels: ['dog', 'cat'] }, NO_CONTROL);
    return {
      target: found.target,
      layers: Object.fromEntries(found.layers.map(({ path, squares, count }) => [path, [squares, count]])),
    };
  };

  test('of the predicted class: 1 and 2 at the hidden values, 1, 2 and 3 at the input', async () => {
    expect(await gradients({ index: 'auto' })).toEqual({
      target: expect.stringContaining('dog'),
      layers: { x: [14, 3], hidden: [5, 2], a: [1, 2] },
    });
  });

  test('of another class, and of another output', async () => {
    expect((await gradients({ index: 1 })).layers).toMatchObject({ hidden: [10, 2], x: [14, 3] });
    const second = await gradients({ index: 0, output: 1 });
    expect(second.layers).toEqual({ x: [2, 3], hidden: [2, 2], b: [1, 1] });
    expect(second.target).toContain('output 1');
  });
});
