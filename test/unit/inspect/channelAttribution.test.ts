import { afterAll, beforeAll, expect, test } from 'vitest';
import { layerChannels } from '../../../src/server/answers/layer/channels';
import { startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import type { TargetChoice } from '../../../src/shared/explanation';
import { dense, functional, graphOf, inputLayer } from '../graph/configs';
import { storeOf, traceOf, type Values, walksOf } from '../run/memoryModel';

const kernel = (shape: readonly number[], values: readonly number[]): Values => ({ shape, values });
const bias = (units: number): Values => ({ shape: [units], values: new Array(units).fill(0) });

/** x = 1, 2, 3 gives the hidden values 4, 5, the first output 14, 11 and the second one -5, 6.5, 13. */
const store = storeOf(
  new Map([
    ['hidden/kernel', kernel([3, 2], [1, 0, 0, 1, 1, 1])],
    ['hidden/bias', bias(2)],
    ['a/kernel', kernel([2, 2], [1, -1, 2, 3])],
    ['a/bias', bias(2)],
    ['b/kernel', kernel([2, 3], [0, 1, 2, -1, 0.5, 1])],
    ['b/bias', bias(3)],
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
        dense('b', 3, [[['hidden', 0, 0, {}]]]),
      ],
      [['x', 0, 0]],
      [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
    ),
  );

let trace: Trace;
beforeAll(async () => {
  const runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
  trace = await traceOf(runtime, { graph: graph(), store }, { shape: [3], values: [1, 2, 3] });
});
afterAll(() => trace.dispose());

const labels = ['dog', 'cat', 'bird'];
async function attributionOf(layer: string, target?: TargetChoice) {
  const params = { modelId: '', inputs: [], preprocessing: { name: 'none' } } as const;
  const asked = {
    ...params,
    layer,
    stage: 'post',
    attribution: true,
    labels,
    ...(target && { target }),
  } as const;
  const { attribution } = await layerChannels({ trace, walks: walksOf(trace) }, asked, NO_CONTROL);
  if (attribution === null) return null;
  const bytes = Buffer.from(attribution.sums.data, 'base64');
  return [attribution.target, bytes.readFloatLE(0), bytes.readFloatLE(4)];
}

test('without a target it is of the predicted class of the first output', async () => {
  expect(await attributionOf('hidden')).toEqual(['class 0 (dog) of output 0', 4, 10]);
});

test('of another class, of another output and of evidence against a class', async () => {
  expect(await attributionOf('hidden', { index: 1 })).toEqual(['class 1 (cat) of output 0', -4, 15]);
  expect(await attributionOf('hidden', { index: 'auto', output: 1 })).toEqual([
    'class 2 (bird) of output 1',
    8,
    5,
  ]);
  expect(await attributionOf('hidden', { index: 1, output: 1 })).toEqual([
    'class 1 (cat) of output 1',
    4,
    2.5,
  ]);
  expect(await attributionOf('hidden', { index: 1, negative: true })).toEqual([
    'evidence against class 1 (cat) of output 0',
    4,
    -15,
  ]);
});

test('of a unit of a layer', async () => {
  expect(await attributionOf('hidden', { index: 1, unit: 'b' })).toEqual(['unit 1 of b', 4, 2.5]);
});

test('it is zero for a layer that the score does not depend on', async () => {
  expect(await attributionOf('a', { index: 0, output: 1 })).toEqual(['class 0 (dog) of output 1', 0, 0]);
});

test('a class that the output does not have is refused', async () => {
  await expect(attributionOf('hidden', { index: 2 })).rejects.toThrow(
    'The output has 2 units; there is no unit 2.',
  );
});
