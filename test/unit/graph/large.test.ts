import { describe, expect, test } from 'vitest';
import { flattenGraph } from '../../../src/server/formats/savedModel/savedModelGraph';
import type { Graph } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { MAX_NAME_LENGTH } from '../../../src/server/graph/names';
import { buildOpGraph } from '../../../src/server/graph/tensorflow/buildOpGraph';
import type { Constant } from '../../../src/server/graph/tensorflow/opGraphSource';
import { findKind } from '../../../src/server/kinds/registry';
import { findOp } from '../../../src/server/operations/tensorflow/ops';
import { guessPreprocessing } from '../../../src/server/session/guessPreprocessing';
import { Failure } from '../../../src/shared/errors';

/** Inputs that took minutes or overflowed the stack take seconds at most on any machine. */
const BOUND_MS = 50_000;

function inTime<T>(work: () => T): T {
  const start = performance.now();
  const answer = work();
  expect(performance.now() - start).toBeLessThan(BOUND_MS);
  return answer;
}

interface Op {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Record<string, unknown>;
}

const opGraph = (node: readonly Op[], constants = new Map<string, Constant>()): Graph =>
  buildOpGraph(
    { topology: { node }, signature: undefined, constants, format: 'tfjs-graph', path: 'model.json' },
    findOp,
  );

const image: Op = {
  name: 'image',
  op: 'Placeholder',
  attr: {
    dtype: { type: 'DT_UINT8' },
    shape: { shape: { dim: [{ size: '-1' }, { size: '2' }, { size: '2' }, { size: '3' }] } },
  },
};
const chain = (length: number, op: string, first = 'image', prefix = 'node'): Op[] =>
  Array.from({ length }, (_, i) => ({
    name: `${prefix}_${i}`,
    op,
    input: [i === 0 ? first : `${prefix}_${i - 1}`],
    attr: op === 'Cast' ? { DstT: { type: 'DT_FLOAT' }, SrcT: { type: 'DT_FLOAT' } } : {},
  }));

describe('a graph of operations', () => {
  test('with 20,000 casts in a row is followed to what divides the bytes behind them', () => {
    const last = 'node_19999';
    const scale: Op[] = [
      { name: 'scale', op: 'Const' },
      { name: 'scaled', op: 'Mul', input: [last, 'scale'] },
    ];
    const scalar = (value: number): Map<string, Constant> =>
      new Map([['scale', { shape: [], dtype: 'float32', values: [value] }]]);
    const nameOf = (value: number): string =>
      guessPreprocessing(opGraph([image, ...chain(20_000, 'Cast'), ...scale], scalar(value))).name;
    expect(inTime(() => [nameOf(1 / 255), nameOf(2)])).toEqual(['none', '0..1']);
  });

  test('whose 20,000 operations all take one value', () => {
    const node = Array.from({ length: 20_000 }, (_, i) => ({
      name: `a/b_${i}`,
      op: 'Relu',
      input: ['image'],
    }));
    expect(inTime(() => opGraph([image, ...node]).nodes.size)).toBe(20_001);
  });

  test('where thousands take an operation with thousands of inputs', () => {
    const many = Array.from({ length: 20_000 }, () => 'image');
    const node = [
      image,
      { name: 'sum', op: 'AddN', input: many },
      ...Array.from({ length: 20_000 }, (_, i) => ({ name: `of_${i}`, op: 'AddN', input: ['sum', 'image'] })),
      { name: 'all', op: 'AddN', input: Array.from({ length: 20_000 }, (_, i) => `of_${i}`) },
      // Waits for the same wide operation once per input.
      { name: 'same', op: 'AddN', input: Array.from({ length: 250_000 }, () => 'sum') },
    ];
    expect(inTime(() => opGraph(node.reverse()).nodes.size)).toBe(20_004);
  });
});

const layer = (name: string, inbound: readonly string[], className = 'Activation') => ({
  class_name: className,
  name,
  config: { name, activation: 'relu', trainable: true },
  inbound_nodes: [inbound.map((from) => [from, 0, 0, {}])],
});
const input = (name: string) => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: [null, 4], dtype: 'float32' },
  inbound_nodes: [],
});
const functional = (
  layers: unknown,
  inputs: readonly string[],
  outputs: readonly string[],
  name = 'model',
) => ({
  class_name: 'Functional',
  name,
  config: {
    name,
    layers,
    input_layers: inputs.map((one) => [one, 0, 0]),
    output_layers: outputs.map((one) => [one, 0, 0]),
  },
});
const keras = (topology: unknown): Graph =>
  buildGraph({ topology, format: 'hdf5', kerasVersion: '2.15.0', path: 'model.h5' }, findKind);
const row = (length: number, prefix: string, first: string) =>
  Array.from({ length }, (_, i) => layer(`${prefix}_${i}`, [i === 0 ? first : `${prefix}_${i - 1}`]));

describe('a Keras model', () => {
  test('of 30,000 layers in a row, written in the wrong order', () => {
    const layers = [input('x'), ...row(30_000, 'a', 'x')].reverse();
    expect(inTime(() => keras(functional(layers, ['x'], ['a_29999'])).nodes.size)).toBe(30_001);
  });

  test('with a layer of 200,000 inputs', () => {
    const many = Array.from({ length: 200_000 }, () => 'x');
    const layers = [layer('sum', many, 'Add'), input('x')];
    expect(inTime(() => keras(functional(layers, ['x'], ['sum'])).nodes.size)).toBe(2);
  });

  test('with 20,000 inputs', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `in_${i}`);
    const inner = functional([...names.map(input), layer('sum', names, 'Add')], names, ['sum'], 'inner');
    const called = { ...inner, inbound_nodes: [names.map((name) => [name, 0, 0, {}])] };
    const model = functional([...names.map(input), called], names, ['inner']);
    model.config.output_layers = [['inner', 1, 0]];
    expect(inTime(() => keras(model).inputs.length)).toBe(20_000);
  });

  test('with an output before 10,000 layers that each take another branch', () => {
    const layers = [
      ...['x', 'y'].map(input),
      ...row(10_000, 'b', 'y'),
      layer('early', ['x']),
      ...Array.from({ length: 10_000 }, (_, i) =>
        layer(`join_${i}`, [i === 0 ? 'early' : `join_${i - 1}`, `b_${i}`], 'Add'),
      ),
    ];
    const { notices } = inTime(() => keras(functional(layers, ['x', 'y'], ['early', 'join_9999']))).summary;
    expect(notices).toEqual([]);
  });

  test('of 20,000 layers of half precision', () => {
    const layers = [input('x'), ...row(20_000, 'a', 'x')].map((one) => ({
      ...one,
      config: { ...one.config, dtype: 'float16' },
    }));
    const { notices } = inTime(() => keras(functional(layers, ['x'], ['a_19999']))).summary;
    expect(notices[0]).toContain('20000 layers of float16');
  });
});

describe('names', () => {
  const long = 'n'.repeat(20_000);
  const refusal = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof Failure && error.error.kind === 'too-large') return error.error.message;
      throw error;
    }
    return 'nothing';
  };

  test('of 20 KB are refused, of a layer, a class, a model around thousands of layers and an operation', () => {
    const one = functional([input('x'), layer(long, ['x'])], ['x'], [long]);
    expect(refusal(() => keras(one))).toMatch(
      /^The file names a layer "n{40}"… with 20000 letters, more than 1000\.$/,
    );
    expect(refusal(() => keras(functional([input('x'), layer('a', ['x'], long)], ['x'], ['a'])))).toMatch(
      /names a class/,
    );
    const inner = functional([input('x'), ...row(2000, 'a', 'x')], ['x'], ['a_1999'], long);
    const around = { ...inner, inbound_nodes: [[['y', 0, 0, {}]]] };
    expect(refusal(() => keras(functional([input('y'), around], ['y'], [long])))).toMatch(
      /names a (layer|model)/,
    );
    expect(refusal(() => opGraph([image, { name: long, op: 'Relu', input: ['image'] }]))).toMatch(
      /names an operation/,
    );
  });

  test(`may have ${MAX_NAME_LENGTH} characters, including the models around them`, () => {
    const just = 'n'.repeat(MAX_NAME_LENGTH);
    expect(keras(functional([input('x'), layer(just, ['x'])], ['x'], [just])).nodes.has(just)).toBe(true);
    const inner = functional([input('x'), layer(just, ['x'])], ['x'], [just], 'inner');
    const around = { ...inner, inbound_nodes: [[['y', 0, 0, {}]]] };
    expect(refusal(() => keras(functional([input('y'), around], ['y'], ['inner'])))).toContain(
      '1006 letters',
    );
  });

  test('that rows repeat for their inputs are bounded in total', () => {
    const name = 'n'.repeat(800);
    const many = Array.from({ length: 400 }, () => 'x');
    const layers = [input('x'), ...Array.from({ length: 200 }, (_, i) => layer(`sum_${i}`, many, 'Add'))];
    const inner = { ...functional(layers, ['x'], ['sum_0'], name), inbound_nodes: [[['y', 0, 0, {}]]] };
    expect(refusal(() => keras(functional([input('y'), inner], ['y'], [name])))).toMatch(/take more than/);
  });
});

describe('functions of a SavedModel', () => {
  const call = (name: string, callee: string, from: string): Op => ({
    name,
    op: 'PartitionedCall',
    input: [from],
    attr: { f: { func: { name: callee } } },
  });
  const definition = (name: string, nodeDef: readonly Op[], result: string) => ({
    signature: { name, inputArg: [{ name: 'x' }], outputArg: [{ name: 'y' }] },
    nodeDef,
    ret: { y: result },
  });
  const ends = (output: string) => ({ inputs: { x: { name: 'x' } }, outputs: { y: { name: output } } });
  const x: Op = { name: 'x', op: 'Placeholder' };
  const flat = (node: readonly Op[], functions: readonly unknown[], output: string) =>
    flattenGraph({ node, library: { function: functions } }, ends(output), (handle) => handle);

  test('that call each other twice at each of 64 levels', () => {
    const functions = Array.from({ length: 64 }, (_, i) =>
      i === 0
        ? definition('f0', [], 'x')
        : definition(
            `f${i}`,
            [call('a', `f${i - 1}`, 'x'), call('b', `f${i - 1}`, 'a:output:0')],
            'b:output:0',
          ),
    );
    expect(() => inTime(() => flat([x, call('out', 'f63', 'x')], functions, 'out'))).toThrow(
      /more than 1000000 values|call each other/,
    );
  });

  test('that pass a value through three thousand calls', () => {
    const calls = Array.from({ length: 3000 }, (_, i) =>
      call(`call_${i}`, 'same', i === 0 ? 'x' : `call_${i - 1}`),
    );
    const functions = [definition('same', [], 'x')];
    expect(flat([x, ...calls], functions, 'call_2999').outputs.y).toEqual({ name: 'x' });
  });

  test('with 90,000 operations behind as many that pass values through', () => {
    const passes = chain(90_000, 'Identity', 'x', 'pass');
    const node: Op[] = [
      x,
      ...passes,
      { name: 'sum', op: 'AddN', input: Array.from({ length: 90_000 }, (_, i) => `pass_${i}`) },
    ];
    expect(inTime(() => flat(node, [], 'sum').nodes.length)).toBe(2);
  });

  test('with 50,000 variables of one name', () => {
    const handles = Array.from(
      { length: 50_000 },
      (_, i): Op => ({ name: `handle_${i}`, op: 'VarHandleOp' }),
    );
    const sum: Op = { name: 'sum', op: 'AddN', input: ['x', ...handles.map(({ name }) => name)] };
    const { nodes } = inTime(() => flattenGraph({ node: [x, ...handles, sum] }, ends('sum'), () => 'kernel'));
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(50_002);
  });
});
