import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Runtime, startBackend } from '../../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../../src/server/run/control';
import type { Trace } from '../../../src/server/run/trace';
import { type TraceOptions, traceUnits } from '../../../src/server/tracing/traceUnits';
import type { LayerTrace } from '../../../src/shared/results/tracing';
import { functional, graphOf, inputLayer, merge } from '../graph/configs';
import { type ChainLayer, chain, storeOf, traceOf, type Values } from '../run/memoryModel';

let runtime: Runtime;
const traces: Trace[] = [];
beforeAll(async () => {
  runtime = await startBackend({ backend: 'cpu', nativePath: '', strict: true });
});
afterAll(() => {
  for (const trace of traces) trace.dispose();
});

const of = (shape: readonly number[], ...values: number[]): Values => ({ shape, values });
const plain = (className: string, config: Record<string, unknown> = {}): ChainLayer => ({
  className,
  config: { name: className.toLowerCase(), ...config },
});
/** One filter that takes the first of two neighbours: its values are those of the input. */
const first = (more: Record<string, unknown> = {}): ChainLayer => ({
  ...plain('Conv1D', { filters: 1, kernel_size: 2, ...more }),
  weights: [of([2, 1, 1], 1, 0), of([1], 0)],
});
const dense = (
  units: number,
  kernel: number[],
  bias: number[],
  more: Record<string, unknown> = {},
): ChainLayer => ({
  ...plain('Dense', { units, ...more }),
  weights: [of([kernel.length / units, units], ...kernel), of([units], ...bias)],
});

async function traced(
  layers: readonly ChainLayer[],
  input: Values,
  layer: string,
  options: TraceOptions = {},
): Promise<LayerTrace> {
  const trace = await traceOf(runtime, chain(input.shape, layers), input);
  traces.push(trace);
  return traceUnits(trace, layer, options, NO_CONTROL);
}

const signal = of([8, 1], 0, 3, 1, 5, 5, 2, 5, 0);

describe('the way of a value back to the input', () => {
  test('from a global maximum, ties included', async () => {
    const { units, field } = await traced(
      [first(), plain('GlobalMaxPooling1D')],
      signal,
      'globalmaxpooling1d',
    );
    expect(units).toEqual([
      {
        unit: 0,
        value: 5,
        positions: [[3], [4], [6]],
        windows: [[[3, 5]], [[4, 6]], [[6, 8]]],
        omitted: 0,
        contribution: null,
      },
    ]);
    expect(field).toEqual({ kind: 'window', axes: [{ size: 2, stride: 1, padding: 0 }], gate: null });
  });

  test('ties beyond a limit are counted', async () => {
    const [unit] = (
      await traced([first(), plain('GlobalMaxPooling1D')], signal, 'globalmaxpooling1d', { ties: 2 })
    ).units;
    expect(unit).toMatchObject({ positions: [[3], [4]], omitted: 1 });
  });

  test('from a convolution, the largest value of a channel, in the layer itself', async () => {
    const answer = await traced([first()], signal, 'conv1d');
    expect(answer).toMatchObject({ read: 'conv1d', pooling: null });
    expect(answer.units[0]).toMatchObject({ value: 5, positions: [[3], [4], [6]] });
  });

  test('through two poolings, to the maximum in each: the first of equal ones, the others beside it', async () => {
    const layers = [
      first({ padding: 'same' }),
      plain('MaxPooling1D', { pool_size: 4 }),
      plain('GlobalMaxPooling1D'),
    ];
    const answer = await traced(layers, signal, 'globalmaxpooling1d');
    expect(answer).toMatchObject({ read: 'maxpooling1d', pooling: 'max' });
    // 0 3 1 5 | 5 2 5 0: both halves have a 5, the second has two.
    expect(answer.units[0]).toMatchObject({
      value: 5,
      positions: [[0], [1]],
      windows: [[[3, 5]], [[4, 6]]],
      tied: [[], [[[6, 8]]]],
    });
  });

  test('from a pooling with positions, into the layer that it reads', async () => {
    const answer = await traced([first(), plain('MaxPooling1D', { pool_size: 3 })], signal, 'maxpooling1d');
    expect(answer).toMatchObject({ read: 'conv1d', pooling: 'max' });
    expect(answer.units[0]).toMatchObject({ value: 5, positions: [[3], [4]] });
  });

  test('past activation, normalisation, dropout, padding, cropping and flattening', async () => {
    const layers = [
      plain('ZeroPadding1D', { padding: [2, 1] }),
      first({ use_bias: true }),
      {
        ...plain('BatchNormalization', { epsilon: 0 }),
        weights: [of([1], 2), of([1], 1), of([1], 0), of([1], 1)],
      },
      plain('Activation', { activation: 'relu' }),
      plain('Dropout', { rate: 0.5 }),
      plain('Cropping1D', { cropping: [1, 0] }),
      plain('GlobalMaxPooling1D', { keepdims: true }),
      plain('Flatten'),
    ];
    const answer = await traced(layers, signal, 'flatten');
    expect(answer).toMatchObject({ read: 'cropping1d', pooling: 'max' });
    // Two zeros before, one position cut off: position p is input p - 1.
    expect(answer.units[0]).toMatchObject({
      value: 11,
      positions: [[4], [5], [7]],
      windows: [[[3, 5]], [[4, 6]], [[6, 8]]],
    });
  });

  test('into a nested model, whose input is a layer of its own', async () => {
    const inner: ChainLayer = {
      className: 'Sequential',
      config: {
        name: 'inner',
        layers: [
          { class_name: 'InputLayer', config: { name: 'inside', batch_shape: [null, 7, 1] } },
          { class_name: 'MaxPooling1D', config: { name: 'pool', pool_size: 3 } },
        ],
      },
    };
    const answer = await traced([first(), inner, plain('GlobalMaxPooling1D')], signal, 'inner');
    expect(answer).toMatchObject({ layer: 'inner/pool', read: 'inner/inside', field: { kind: 'window' } });
    expect(answer.units[0]).toMatchObject({ value: 5, positions: [[3], [4]], windows: [[[3, 5]], [[4, 6]]] });
  });

  test('a maximum in the padding comes from nothing', async () => {
    const layers = [
      plain('ZeroPadding1D', { padding: [1, 0] }),
      plain('MaxPooling1D', { pool_size: 2 }),
      plain('GlobalMaxPooling1D'),
    ];
    const answer = await traced(layers, of([3, 1], -1, -2, -3), 'globalmaxpooling1d');
    expect(answer.units[0]).toMatchObject({ value: 0, positions: [[0]], windows: [[[0, 0]]] });
  });

  test('an average says so, and shows its largest term', async () => {
    const answer = await traced([first(), plain('GlobalAveragePooling1D')], signal, 'globalaveragepooling1d');
    expect(answer).toMatchObject({ read: 'conv1d', pooling: 'average' });
    expect(answer.units[0]).toMatchObject({ value: 3, positions: [[3], [4], [6]] });
    expect(answer.notices).toHaveLength(1);
  });

  test('each axis of an image, channels first too', async () => {
    const image = of([1, 3, 4], 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0);
    const layers = [
      plain('MaxPooling2D', { pool_size: [1, 2], data_format: 'channels_first' }),
      plain('GlobalMaxPooling2D', { data_format: 'channels_first' }),
    ];
    const answer = await traced(layers, image, 'globalmaxpooling2d');
    expect(answer.units[0]).toMatchObject({
      value: 9,
      positions: [[1, 1]],
      windows: [
        [
          [1, 2],
          [2, 3],
        ],
      ],
    });
  });

  test('a layer without positions is refused by name', async () => {
    const layers = [plain('Flatten'), dense(1, [1, 1, 1, 1, 1, 1, 1, 1], [0])];
    const failing = traced(layers, signal, 'dense');
    await expect(failing).rejects.toMatchObject({ error: { kind: 'not-applicable', subject: 'dense' } });
  });

  test('a unit that does not exist is refused', async () => {
    const failing = traced([first()], signal, 'conv1d', { units: [1] });
    await expect(failing).rejects.toMatchObject({ error: { kind: 'no-such-target', subject: 'conv1d' } });
  });
});

describe('contributions', () => {
  /** Two channels: the signal and its negative. */
  const both: ChainLayer = {
    ...plain('Conv1D', { filters: 2, kernel_size: 1 }),
    weights: [of([1, 1, 2], 1, -1), of([2], 0, 7)],
  };

  test('value x weight, and with the bias they are the logit; the strongest for the predicted class first', async () => {
    const layers = [
      both,
      plain('GlobalMaxPooling1D'),
      plain('Dropout', { rate: 0.5 }),
      dense(2, [2, -3, 0.5, 4], [0.25, -1], { activation: 'softmax' }),
    ];
    const answer = await traced(layers, signal, 'globalmaxpooling1d');
    // Maxima 5 and 7: logits 10 + 3.5 + .25 and -15 + 28 - 1.
    expect(answer).toMatchObject({ logit: [13.75, 12], bias: [0.25, -1], notices: [] });
    expect(answer.units.map(({ unit, contribution }) => [unit, contribution])).toEqual([
      [0, [10, -15]],
      [1, [3.5, 28]],
    ]);
  });

  test('of a convolution whose maxima are pooled', async () => {
    const layers = [both, plain('MaxPooling1D'), plain('GlobalMaxPooling1D'), dense(1, [2, 3], [1])];
    const answer = await traced(layers, signal, 'conv1d');
    expect(answer.units.map(({ unit, contribution }) => [unit, contribution])).toEqual([
      [1, [21]],
      [0, [10]],
    ]);
  });

  test('none where the values pass a hidden layer', async () => {
    const layers = [
      both,
      plain('GlobalMaxPooling1D'),
      { ...dense(1, [1, 1], [0], { name: 'hidden', activation: 'relu' }) },
      { ...dense(1, [1], [0], { name: 'out' }) },
    ];
    const answer = await traced(layers, signal, 'globalmaxpooling1d');
    expect(answer).toMatchObject({ logit: null, bias: null });
    expect(answer.units.every(({ contribution }) => contribution === null)).toBe(true);
  });

  test('of one of two branches that are joined: the rest is named', async () => {
    const graph = graphOf(
      functional(
        'two',
        [
          inputLayer('x', [null, 3, 1]),
          merge('GlobalMaxPooling1D', 'max', ['x']),
          merge('GlobalAveragePooling1D', 'mean', ['x']),
          merge('Concatenate', 'both', ['mean', 'max']),
          { ...merge('Dense', 'out', ['both']), config: { name: 'out', units: 1 } },
        ],
        [['x', 0, 0]],
        [['out', 0, 0]],
      ),
    );
    const store = storeOf(
      new Map([
        ['out/kernel', of([2, 1], 10, 2)],
        ['out/bias', of([1], 0.5)],
      ]),
    );
    const trace = await traceOf(runtime, { graph, store }, of([3, 1], 0, 6, 3));
    traces.push(trace);
    const answer = await traceUnits(trace, 'max', {}, NO_CONTROL);
    expect(answer).toMatchObject({ logit: [42.5], bias: [0.5] });
    expect(answer.units[0]).toMatchObject({ positions: [[1]], windows: [[[1, 2]]], contribution: [12] });
    expect(answer.notices).toEqual(['Units of other layers contribute to the logit, too.']);
    const joined = await traceUnits(trace, 'both', {}, NO_CONTROL);
    expect(joined.units.map(({ unit, contribution }) => [unit, contribution])).toEqual([
      [0, [30]],
      [1, [12]],
    ]);
    expect(joined.notices).not.toContain('Units of other layers contribute to the logit, too.');
  });
});
