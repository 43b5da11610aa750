import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { arithmeticOf } from '../../../src/server/tracing/arithmetic';
import { checkNumber } from '../../../src/server/tracing/checkNumber';
import { traceUnits } from '../../../src/server/tracing/traceUnits';
import { type MemoryModel, traceOf, type Values } from '../run/memoryModel';
import { deeper, earlier, FILTERS, LENGTH, LETTERS, oneHot, question } from './sequences';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

const input = oneHot(7);
async function run(model: MemoryModel, sequence = input): Promise<Trace> {
  const trace = await traceOf(runtime, model, sequence);
  traces.push(trace);
  return trace;
}

async function weightsOf(
  trace: Trace,
  layer: string,
): Promise<{ kernel: ArrayLike<number>; bias: ArrayLike<number> }> {
  const node = trace.graph.nodes.get(layer);
  const [kernel, bias] = node ? await trace.weights.of(node) : [];
  return { kernel: (await kernel?.data()) ?? [], bias: (await bias?.data()) ?? [] };
}

/** The sums of a convolution of width 2 at every position by hand, with the bias counted some times, in double precision. */
function sumsByHand(
  x: ArrayLike<number>,
  channels: number,
  { kernel, bias }: { kernel: ArrayLike<number>; bias: ArrayLike<number> },
  unit: number,
  times: number,
): number[] {
  return Array.from({ length: x.length / channels - 1 }, (_, at) => {
    let sum = times * (bias[unit] ?? 0);
    for (let i = 0; i < 2 * channels; i++)
      sum += (x[at * channels + i] ?? 0) * (kernel[i * FILTERS + unit] ?? 0);
    return sum;
  });
}

const units = Array.from({ length: FILTERS }, (_, unit) => unit);

describe('which input position made this pooled value?', () => {
  test('the pooled value is window x kernel + bias at every position that is listed, ties included', async () => {
    const trace = await run(question(3));
    const weights = await weightsOf(trace, 'conv');
    const traced = await traceUnits(trace, 'pooled', {}, NO_CONTROL);
    expect(traced).toMatchObject({
      layer: 'pooled',
      read: 'conv',
      pooling: 'max',
      input: 'x',
      inputSize: [LENGTH],
    });
    expect(traced.units.map(({ unit }) => unit).sort((a, b) => a - b)).toEqual(units);
    for (const { unit, value, positions, windows, omitted } of traced.units) {
      const sums = sumsByHand(input.values, LETTERS, weights, unit, 1);
      const best = Math.max(...sums);
      const where = sums.flatMap((sum, at) => (best - sum < 1e-9 ? [at] : []));
      expect(where.length).toBeGreaterThan(50);
      expect(omitted).toBe(0);
      expect(positions).toEqual(where.map((at) => [at]));
      expect(windows).toEqual(where.map((at) => [[at, at + 2]]));
      expect(Math.abs(value - Math.max(best, 0))).toBeLessThan(1e-6);
    }
  });

  test('the contributions and the bias add up to the logit, the strongest positive first', async () => {
    const { units: list, logit, bias } = await traceUnits(await run(question(3)), 'pooled', {}, NO_CONTROL);
    const contributions = list.map(({ contribution }) => contribution?.[0] ?? Number.NaN);
    expect(contributions).toEqual([...contributions].sort((a, b) => b - a));
    const sum = contributions.reduce((a, b) => a + b, bias?.[0] ?? Number.NaN);
    expect(Math.abs(sum - (logit?.[0] ?? Number.NaN))).toBeLessThan(1e-5);
  });

  test('a bias that is counted eight times is named first, for all 20 units', async () => {
    const trace = await run(question(3));
    const weights = await weightsOf(trace, 'conv');
    for (const unit of units) {
      const number = Math.max(0, ...sumsByHand(input.values, LETTERS, weights, unit, 8));
      const [first, second] = await checkNumber(trace, 'pooled', unit, number, new Map(), NO_CONTROL);
      expect(first?.mistake).toBe(
        'The bias is counted 8 times, once for each of the 2 x 4 products of kernel and channels, instead of once.',
      );
      expect(first?.error).toBe(0);
      expect(second?.error).toBeGreaterThan(1e-4);
    }
  });

  test('so it is behind two more convolutions and a pooling', async () => {
    const trace = await run(deeper(5));
    const weights = await weightsOf(trace, 'conv');
    const x = await trace.at('pool').outputs[0]?.data();
    for (const unit of units) {
      const number = Math.max(0, ...sumsByHand(x ?? [], LETTERS, weights, unit, 8));
      const [first] = await checkNumber(trace, 'pooled', unit, number, new Map(), NO_CONTROL);
      expect(first).toMatchObject({
        mistake: expect.stringMatching(/^The bias is counted 8 times/),
        error: 0,
      });
    }
  });

  test('and in the first of three convolutions', async () => {
    const short = oneHot(9, 200);
    const model = earlier(11, 200);
    const trace = await run(model, short);
    const right = await trace.at('pooled').outputs[0]?.data();
    const wrong = await wrongBias(model, 'conv', 8, short);
    for (const unit of units) {
      const number = wrong[unit] ?? Number.NaN;
      expect(Math.abs(number - (right?.[unit] ?? 0))).toBeGreaterThan(1e-4);
      const [first] = await checkNumber(trace, 'pooled', unit, number, new Map(), NO_CONTROL);
      expect(first).toMatchObject({
        mistake: 'The bias of conv is counted 8 times instead of once.',
        error: 0,
      });
    }
  });

  /** The pooled values of a model whose file has a bias that is so many times as large. */
  async function wrongBias({ graph, store }: MemoryModel, layer: string, times: number, sequence: Values) {
    const read: MemoryModel['store']['read'] = async (key, ...more) => {
      const values = await store.read(key, ...more);
      return key === `${layer}/bias` ? Float32Array.from(values, (value) => value * times) : values;
    };
    const trace = await run({ graph, store: { ...store, read } }, sequence);
    return (await trace.at('pooled').outputs[0]?.data()) ?? [];
  }

  test('the arithmetic has every product in place', async () => {
    const trace = await run(question(3));
    const traced = await traceUnits(trace, 'pooled', { units: [4] }, NO_CONTROL);
    const [position = []] = traced.units[0]?.positions ?? [];
    const shown = await arithmeticOf(trace, 'pooled', 4);
    expect(shown).toMatchObject({
      convolution: 'conv',
      filter: 4,
      position,
      reads: 'x',
      others: 0,
      activation: 'relu',
    });
    expect(shown.products).toHaveLength(8);
    const [at = 0] = position;
    expect(shown.window).toEqual([[at, at + 2]]);
    const { kernel, bias } = await weightsOf(trace, 'conv');
    for (const { offset, channel, value, weight } of shown.products) {
      const [step = 0] = offset;
      expect(value).toBe(input.values[(at + step) * LETTERS + channel]);
      expect(weight).toBe(kernel[(step * LETTERS + channel) * FILTERS + 4]);
    }
    expect(shown.bias).toBe(bias[4]);
    const sum = shown.products.reduce((all, { product }) => all + product, bias[4] ?? 0);
    expect(shown.sum).toBeCloseTo(sum, 12);
    expect(shown.before).toBeCloseTo(sum, 6);
    expect(shown.steps.map(({ layer }) => layer)).toEqual(['conv', 'pooled']);
    expect(shown.steps.at(-1)?.value).toBe(traced.units[0]?.value);
  });
});
