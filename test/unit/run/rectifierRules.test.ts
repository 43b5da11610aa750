import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Runtime } from '../../../src/server/run/backends/backend';
import { startBackend } from '../../../src/server/run/backends/backend';
import { BackwardWalk } from '../../../src/server/run/backward';
import { NO_CONTROL } from '../../../src/server/run/control';
import { GRADIENT, GUIDED, type RectifierRule } from '../../../src/server/run/rectifierRules';
import type { Trace } from '../../../src/server/run/trace';
import { chain, traceOf } from './memoryModel';

/** Springenberg et al. 2015, figure 1: what the deconvnet of Zeiler and Fergus passes, whatever went forward. */
const DECONVNET: RectifierRule = { name: 'deconvnet', atRectifier: (tf, { gradient }) => tf.relu(gradient) };

let runtime: Runtime;
let trace: Trace;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  const model = chain(
    [4],
    [
      { className: 'ReLU', config: { name: 'relu' } },
      { className: 'Activation', config: { name: 'tanh', activation: 'tanh' } },
    ],
  );
  trace = await traceOf(runtime, model, { shape: [4], values: [2, 2, -2, -2] });
});
afterAll(() => trace.dispose());

test.each([
  [GRADIENT, [1, -1, 0, 0]],
  [GUIDED, [1, 0, 0, 0]],
  [DECONVNET, [1, 0, 1, 0]],
])('$name', async (rule, wanted) => {
  const gradient = runtime.tf.tensor([1, -1, 1, -1], [1, 4]);
  const walk = new BackwardWalk(trace, { node: 'relu', output: 0, stage: 'post', gradient }, rule);
  expect([...((await walk.at('x', 0, NO_CONTROL))?.dataSync() ?? [])].map((v) => v + 0)).toEqual(wanted);
  walk.dispose();
});

test('rules touch no other activation', async () => {
  const gradient = runtime.tf.tensor([1, -1, 1, -1], [1, 4]);
  const walk = new BackwardWalk(trace, { node: 'tanh', output: 0, stage: 'post', gradient }, GUIDED);
  const before = await walk.at('relu', 0, NO_CONTROL);
  const slope = 1 - Math.tanh(2) ** 2;
  const wanted = [slope, -slope, 1, -1];
  for (const [i, value] of [...(before?.dataSync() ?? [])].entries())
    expect(value).toBeCloseTo(wanted[i] ?? 0, 6);
  walk.dispose();
});
