import { beforeAll, expect, test } from 'vitest';
import { layerValues } from '../../../src/server/inspect/layerValues';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { chain, traceOf } from '../run/memoryModel';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});

const activated = async (activation: string, shape: number[], values: number[]) => {
  const model = chain(shape, [{ className: 'Activation', config: { name: 'a', activation } }]);
  const trace = await traceOf(runtime, model, { shape, values });
  const found = await layerValues(trace, 'a');
  trace.dispose();
  return found;
};

test('both histograms are on one axis, with the curve over the values before the activation', async () => {
  const { distribution } = await activated('relu', [4], [-3, -1, 1, 5]);
  expect(distribution).toMatchObject({ min: -3, max: 5, curve: { from: -3, to: 5 } });
  const full = (counts: readonly number[] = []) =>
    counts.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []));
  // 64 bins of 1/8: -3 is in bin 0, -1 in 16, 0 in 24, 1 in 32, 5 in the last.
  expect(full(distribution?.before)).toEqual([
    [0, 1],
    [16, 1],
    [32, 1],
    [63, 1],
  ]);
  expect(full(distribution?.after)).toEqual([
    [24, 2],
    [32, 1],
    [63, 1],
  ]);
  const { values = [] } = distribution?.curve ?? {};
  expect([values[0], values.at(-1)]).toEqual([0, 5]);
  expect(values[values.length / 2 + 0.5 - 1]).toBeCloseTo(1, 6);
});

test('the curve ends where the values do, while the axis covers both', async () => {
  const { distribution } = await activated('sigmoid', [2], [2, 3]);
  expect(distribution?.min).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  expect(distribution).toMatchObject({ max: 3, curve: { from: 2, to: 3 } });
  expect(distribution?.curve.values.at(-1)).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
});

test('there is none for an activation of several values, equal values or values that are all infinite', async () => {
  expect((await activated('softmax', [3], [1, 2, 3])).distribution).toBeNull();
  expect((await activated('relu', [3], [0, 0, 0])).distribution).toBeNull();
  const inf = Number.POSITIVE_INFINITY;
  expect((await activated('relu', [2], [inf, Number.NaN])).distribution).toBeNull();
});

test('slopes of each position have no one curve, and one slope for all has', async () => {
  const sloped = async (alpha: number[], shape: number[], sharedAxes: number[] | null) => {
    const config = { name: 'p', shared_axes: sharedAxes };
    const weights = [{ shape, values: alpha }];
    const model = chain([2, 2], [{ className: 'PReLU', config, weights }]);
    const trace = await traceOf(runtime, model, { shape: [2, 2], values: [-3, -1, 1, 5] });
    const found = await layerValues(trace, 'p');
    trace.dispose();
    return found.distribution;
  };
  expect(await sloped([0, 1, 2, 3], [2, 2], null)).toBeNull();
  expect((await sloped([0.5], [1, 1], [1, 2]))?.curve).toMatchObject({ from: -3, to: 5 });
});

test('probabilities of a softmax are exact where float32 has 0 or 1, and ranked by their logits', async () => {
  const { top } = await activated('softmax', [4], [0, 120, -5, 20]);
  expect(top.map(({ index }) => index[0])).toEqual([1, 3, 0, 2]);
  expect(top.map(({ post }) => post)).toEqual([1, expect.closeTo(0, 30), 0, 0]);
  // ln p = logit - 120, as e^-100 is lost beside 1.
  expect(top.map(({ probability }) => probability?.log)).toEqual([expect.closeTo(0, 30), -100, -120, -125]);
  expect(top[0]?.probability?.logOfComplement).toBeCloseTo(-100, 6);
  expect(top[1]?.probability?.logOfComplement).toBeCloseTo(0, 12);
});

test('a softmax over another axis has no probabilities of the last one, and a sigmoid has its own', async () => {
  const model = chain([2, 2], [{ className: 'Softmax', config: { name: 'a', axis: 1 } }]);
  const trace = await traceOf(runtime, model, { shape: [2, 2], values: [1, 0, 3, 9] });
  const { top } = await layerValues(trace, 'a');
  trace.dispose();
  expect(top.map(({ probability }) => probability)).toEqual([null, null, null, null]);
  const { top: ofSigmoid } = await activated('sigmoid', [1], [40]);
  expect(ofSigmoid[0]?.probability?.logOfComplement).toBeCloseTo(-40, 12);
});
