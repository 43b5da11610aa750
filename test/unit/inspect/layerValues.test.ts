import { beforeAll, expect, test } from 'vitest';
import { layerValues } from '../../../src/server/inspect/layerValues';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { chain, traceOf } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});

const rectified = async (config: Record<string, unknown>, shape: number[], values: number[]) => {
  const model = chain(shape, [{ className: 'Activation', config: { name: 'a', ...config } }]);
  const trace = await traceOf(runtime, model, { shape, values });
  const { shares } = await layerValues(trace, 'a');
  trace.dispose();
  return shares;
};

test('a channel is dead when all its values are 0, NaN not being one', async () => {
  // Channels: -1 and -2, 3 and -4, -5 and NaN.
  expect(await rectified({ activation: 'relu' }, [2, 1, 3], [-1, 3, -5, -2, -4, Number.NaN])).toEqual({
    negative: 4 / 6,
    deadChannels: 1,
    channels: 3,
    saturated: null,
  });
});

test('values are saturated where the slope of their activation is almost 0', async () => {
  expect(await rectified({ activation: 'tanh' }, [4], [-9, 0, 9, 1])).toMatchObject({
    negative: 0.25,
    deadChannels: null,
    saturated: 0.5,
  });
});
