import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { LayerConfig } from '../../../../src/server/graph/layerConfig';
import type { Tensor } from '../../../../src/server/layers/kind';
import { gruCell } from '../../../../src/server/layers/recurrent/gruCell';
import { lstmCell } from '../../../../src/server/layers/recurrent/lstmCell';
import { run } from '../../../../src/server/layers/recurrent/recurrence';
import type { CellRule } from '../../../../src/server/layers/recurrent/recurrentCell';
import { simpleRnnCell } from '../../../../src/server/layers/recurrent/simpleRnnCell';
import { GraphWriter } from '../../../../src/server/run/backends/onnx/graphWriter';
import { startLazy } from './lazyTests';

const { tf, sessions, lazy, plansOf, weight } = await startLazy();
afterAll(() => tf.setBackend('wasm'));
afterEach(() => vi.restoreAllMocks());

const [TIME, BATCH, FEATURES, UNITS] = [5, 2, 3, 4];

interface Loop {
  readonly name: string;
  readonly rule: CellRule;
  readonly gates: number;
  readonly states: number;
  readonly bias: readonly number[] | null;
  readonly values: Readonly<Record<string, unknown>>;
  /** The nodes that compute it. */
  readonly nodes: readonly string[];
}

const gated = { units: UNITS, activation: 'tanh', recurrent_activation: 'sigmoid' };
const gru = { rule: gruCell, gates: 3, states: 1 };
const lstm = { rule: lstmCell, gates: 4, states: 2 };

const LOOPS: readonly Loop[] = [
  { name: 'LSTM', ...lstm, bias: [16], values: gated, nodes: ['LSTM'] },
  { name: 'LSTM without bias', ...lstm, bias: null, values: { ...gated, use_bias: false }, nodes: ['LSTM'] },
  { name: 'GRU', ...gru, bias: [2, 12], values: { ...gated, reset_after: true }, nodes: ['GRU'] },
  { name: 'GRU of before Keras 2.1', ...gru, bias: [12], values: gated, nodes: ['GRU'] },
  {
    name: 'SimpleRNN',
    rule: simpleRnnCell,
    gates: 1,
    states: 1,
    bias: [UNITS],
    values: { units: UNITS, activation: 'tanh' },
    nodes: ['RNN'],
  },
  {
    name: 'GRU with another activation',
    ...gru,
    bias: [2, 12],
    values: { ...gated, activation: 'relu', reset_after: true },
    nodes: ['MatMul', 'Scan'],
  },
];

/** All results of a loop, recorded as a layer is. */
function results({ rule, gates, states, bias, values }: Loop, x: Tensor): readonly (Tensor | null)[] {
  const weights = [weight([FEATURES, gates * UNITS], 1), weight([UNITS, gates * UNITS], 2)];
  if (bias) weights.push(weight([...bias], 3));
  const initial = Array.from({ length: states }, (_, i) =>
    tf.randomUniform([BATCH, UNITS], -1, 1, 'float32', 4 + i),
  );
  const config = new LayerConfig(values, 'loop', 3);
  return lazy.repeat({}, 'loop', [x, ...initial, ...weights], (given) => {
    const [sequence, ...rest] = given.filter((tensor) => tensor !== null);
    if (!sequence) return [];
    const cell = rule.bind({ tf, backend: 'onnx' }, config, rest.slice(states));
    const projected = cell.project(tf.reshape(sequence, [TIME * BATCH, FEATURES]));
    const {
      outputs,
      last,
      states: after,
    } = run(
      { tf, scan: (...loop) => lazy.scan(...loop) },
      {
        cell,
        projected: tf.reshape(projected, [TIME, BATCH, gates * UNITS]),
        input: () => sequence,
        mask: null,
        initial: rest.slice(0, states),
        zeroOutputForMask: false,
      },
    );
    return [outputs, last, ...after];
  });
}

test.each(LOOPS)('$name: the operator of ONNX gives what the steps give', async (loop) => {
  const x = tf.randomUniform([TIME, BATCH, FEATURES], -2, 2, 'float32', 9);
  const read = async (): Promise<number[]> => {
    const found = results(loop, x);
    // One of them computes the others along.
    const [all] = found;
    await lazy.computeAlong(async () => found.filter((tensor) => tensor !== null));
    await all?.data();
    const values = await Promise.all(found.map(async (tensor) => [...((await tensor?.data()) ?? [])]));
    return values.flat();
  };
  const finish = vi.spyOn(GraphWriter.prototype, 'finish');
  sessions.refuses = true;
  const expected = await read().finally(() => {
    sessions.refuses = false;
  });
  expect(finish).not.toHaveBeenCalled();
  const plans = await plansOf(async () => {
    const found = await read();
    expect(found).toHaveLength(expected.length);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
  });
  expect(plans).toHaveLength(1);
  const [whole] = finish.mock.results.slice(-1);
  const names: string[] = whole?.value.nodes.map(({ op }: { op: string }) => op);
  for (const op of loop.nodes) expect(names).toContain(op);
  // What only the steps need is not part of the graph.
  if (!loop.nodes.includes('Scan')) expect(names).not.toContain('MatMul');
});
