import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layerValues } from '../../../src/server/inspect/layerValues';
import { statsOf } from '../../../src/server/inspect/statistics';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { nonFiniteOrigin } from '../../../src/server/run/nonFinite';
import type { Trace } from '../../../src/server/run/trace';
import { openUnit } from '../../../src/server/tracing/unit/openUnit';
import { displayMap, range } from '../../../src/shared/maps/displayMap';
import type { BackendName } from '../../../src/shared/model';
import { wasmOptions } from '../../wasmThreads';
import { ask, type ChainLayer, chain, traceOf, type Values } from '../run/memoryModel';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const runtimes = new Map<BackendName, Runtime>();
beforeAll(async () => {
  for (const backend of ['cpu', 'wasm'] as const) {
    runtimes.set(
      backend,
      await startBackend({ backend, nativePath: '', strict: true, ...(await wasmOptions()) }),
    );
  }
}, 60_000);
const traces: Trace[] = [];
afterEach(() => {
  for (const trace of traces.splice(0)) trace.dispose();
});

const filled = (value: number, ...shape: number[]): Values => ({
  shape,
  values: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(value),
});
const of = (shape: readonly number[], ...values: number[]): Values => ({ shape, values });
const conv = (name: string, weight: number, more: Record<string, unknown> = {}): ChainLayer => ({
  className: 'Conv2D',
  config: { name, filters: 1, kernel_size: 3, padding: 'same', activation: 'relu', ...more },
  weights: [filled(weight, 3, 3, 1, 1), filled(0, 1)],
});
const plain = (className: string, name: string, config: Record<string, unknown> = {}): ChainLayer => ({
  className,
  config: { name, ...config },
});
const head = (units: number, bias: readonly number[], activation = 'softmax'): ChainLayer[] => [
  plain('GlobalAveragePooling2D', 'gap'),
  {
    className: 'Dense',
    config: { name: 'out', units, activation },
    weights: [filled(1, 1, units), of([units], ...bias)],
  },
];

async function traceOn(layers: readonly ChainLayer[], input: Values, backend: BackendName = 'cpu') {
  const runtime = runtimes.get(backend);
  if (!runtime) throw new Error(`${backend} is not there`);
  runtime.tf.setBackend(runtime.status.name);
  const trace = await traceOf(runtime, chain(input.shape, layers), input);
  traces.push(trace);
  return trace;
}

describe.each(['cpu', 'wasm'] as const)('NaN in the weights, on %s', (backend) => {
  test('is said, with the first layer that gives it, in place of "no positive evidence"', async () => {
    const layers = [conv('a', 1), conv('b', nan), conv('c', 1), ...head(2, [0, 1])];
    const trace = await traceOn(layers, filled(1, 4, 4, 1), backend);
    const { header, map } = await ask(trace, { layer: 'c' });
    expect(header.notices).toEqual([
      'All 2 scores are NaN: nothing is predicted.',
      'Layer "b" is the first to give NaN: its weights hold NaN.',
    ]);
    expect([...map.values].every(Number.isNaN)).toBe(true);
    expect(header.map).toMatchObject({ min: nan, max: nan, top: 0 });
    expect(header.target.value).toBeNaN();
    expect(header.sentence).toContain('p = NaN');
    const saliency = await ask(trace, { method: 'saliency' });
    expect(saliency.header.notices).not.toContain(expect.stringContaining('does not change'));
  });

  test('stays NaN behind a ReLU6', async () => {
    const layers = [conv('a', nan, { activation: 'relu6' }), ...head(2, [0, 1])];
    const trace = await traceOn(layers, filled(1, 4, 4, 1), backend);
    expect((await layerValues(trace, 'a')).post).toMatchObject({ nan: 16, zero: 0 });
  });
});

test('a NaN in the input is said to be there', async () => {
  const trace = await traceOn([conv('a', 1), ...head(2, [0, 1])], of([2, 2, 1], 1, nan, 1, 1));
  const { header } = await ask(trace, {});
  expect(header.notices).toContain('The input "x" holds NaN.');
});

test('a layer that turns finite numbers into an infinity is named', async () => {
  const layers = [conv('a', 3e38), conv('b', 1), ...head(2, [0, 1], 'linear')];
  const trace = await traceOn(layers, filled(100, 4, 4, 1));
  const { header } = await ask(trace, { method: 'saliency' });
  expect(header.notices.at(-1)).toBe('Layer "a" is the first to give +∞; its inputs and weights are finite.');
  expect(header.predictions.map(({ logit }) => logit)).toEqual([inf, inf]);
  expect(header.sentence).toContain('score +∞');
});

test('an infinity that a later layer turns into a number is not the cause', async () => {
  const layers = [
    conv('huge', 3e38, { activation: 'sigmoid' }),
    conv('bad', nan, { activation: 'linear' }),
    ...head(2, [0, 1]),
  ];
  const trace = await traceOn(layers, filled(100, 4, 4, 1));
  expect(await nonFiniteOrigin(trace, [{ node: 'bad', output: 0 }])).toContain('Layer "bad"');
  const finite = await traceOn(
    [conv('huge', 3e38), plain('Activation', 'flat', { activation: 'sigmoid' })],
    filled(100, 4, 4, 1),
  );
  expect(await nonFiniteOrigin(finite, [{ node: 'flat', output: 0 }])).toContain('Layer "huge"');
});

test('some NaN scores: the largest number is predicted, and NaN is last', async () => {
  const trace = await traceOn([conv('a', 1), ...head(4, [nan, 2, nan, 5], 'linear')], filled(1, 4, 4, 1));
  const { header } = await ask(trace, {});
  expect(header.target.index).toBe(3);
  expect(header.predictions.map(({ index }) => index)).toEqual([3, 1, 0, 2]);
  expect(header.notices[0]).toBe(
    '2 of 4 scores are NaN; the strongest of the others is taken for predicted.',
  );
});

test('a gradient that stops being finite is distinguished from such values', async () => {
  const layers = [
    conv('a', 1, { activation: 'linear' }),
    plain('Rescaling', 'huge', { scale: 3e38 }),
    plain('Rescaling', 'more', { scale: 100 }),
    ...head(2, [0, 1], 'linear'),
  ];
  const trace = await traceOn(layers, filled(0, 4, 4, 1));
  const { header } = await ask(trace, { layer: 'a' });
  expect(header.notices).toEqual(['On the way back from the score, the gradient is +∞ from layer "a" on.']);
});

describe('statistics', () => {
  test('of nothing but NaN are NaN, not 0', () => {
    const stats = statsOf([nan, nan], [2]);
    expect(stats).toMatchObject({ min: nan, max: nan, mean: nan, std: nan, nan: 2, infinite: 0 });
    expect(stats.histogram).toMatchObject({ min: nan, max: nan });
  });

  test('have infinite ends, and the mean of what is finite', () => {
    const stats = statsOf([-inf, 1, 3, nan, inf, inf], [6]);
    expect(stats).toMatchObject({ min: -inf, max: inf, mean: 2, std: 1, nan: 1, infinite: 3, negative: 1 });
    expect(stats.histogram).toMatchObject({ min: 1, max: 3 });
    expect(stats.histogram.counts.reduce((a, b) => a + b, 0)).toBe(2);
    expect(statsOf([inf, nan], [2])).toMatchObject({ min: inf, max: inf, mean: nan });
  });
});

describe('the map that is drawn', () => {
  test('keeps NaN apart, draws +∞ as the largest and -∞ as nothing', () => {
    const map = displayMap({ shape: [5], values: Float32Array.of(nan, 1, 2, inf, -inf) }, [5]);
    expect([...map.values]).toEqual([nan, 0.5, 1, 1, 0]);
    const huge = displayMap({ shape: [2], values: Float32Array.of(0, inf) }, [2]);
    expect([...huge.values]).toEqual([0, 1]);
  });

  test('has a range that says what there is', () => {
    expect(range(Float32Array.of(nan, -1, inf))).toEqual({ min: -1, max: inf, top: 1 });
    expect(range(Float32Array.of(nan))).toEqual({ min: nan, max: nan, top: 0 });
    expect(range(Float32Array.of(-1, 2, nan))).toEqual({ min: -1, max: 2, top: 2 });
  });
});

test('the layer page names the first layer, agrees with itself, and lists NaN last', async () => {
  const trace = await traceOn([conv('a', 1), conv('b', 1)], of([2, 2, 1], 1, nan, 1, 1));
  const values = await layerValues(trace, 'b');
  expect(values.notices[0]).toBe('The input "x" holds NaN.');
  expect(values.check).toEqual({ largestError: 0, agrees: true });
  const dense = await traceOn(
    [
      {
        className: 'Dense',
        config: { name: 'out', units: 3 },
        weights: [of([2, 3], 1, 2, nan, 1, 2, nan), filled(0, 3)],
      },
    ],
    of([2], 1, 1),
  );
  const out = await layerValues(dense, 'out');
  expect(out.top.map(({ index }) => index[0])).toEqual([1, 0, 2]);
  const unit = await openUnit(dense, { layer: 'out' });
  expect(unit).toMatchObject({ unit: 1, sum: 4, agrees: true });
  const broken = await openUnit(dense, { layer: 'out', unit: 2 });
  expect(broken).toMatchObject({ form: 'sum', pre: nan, sum: nan, agrees: true });
});
