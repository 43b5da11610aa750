import { describe, expect, test } from 'vitest';
import { call3, dense, functional, graphOf, inputLayer, kerasTensor, merge, row } from './configs';

/** The ways in which Keras generations write the same model. */
describe('a chain', () => {
  const expected = { total: 4 * 3 + 3 + 3 * 2 + 2, trainable: 23, nonTrainable: 0 };

  test('early Keras 2: a Sequential whose config is the list of layers; no InputLayer, no version', () => {
    const graph = graphOf(
      {
        class_name: 'Sequential',
        config: [
          { class_name: 'Dense', config: { name: 'a', units: 3, batch_input_shape: [null, 4] } },
          { class_name: 'Dense', config: { name: 'b', units: 2 } },
        ],
      },
      null,
    );
    expect(graph.params).toEqual(expected);
    expect(graph.summary.layers.map((layer) => layer.path)).toEqual(['a', 'b']);
    expect(graph.summary.inputs).toEqual([{ name: 'a_input', shape: [null, 4], dtype: 'float32' }]);
    expect(row(graph, 'b').inbound).toEqual(['a']);
    expect(graph.summary.outputs).toEqual([{ name: 'b', shape: [null, 2], dtype: 'float32' }]);
  });

  test('Keras 2: Sequential with and without InputLayer', () => {
    const layers = [
      { class_name: 'Dense', config: { name: 'a', units: 3, batch_input_shape: [null, 4] } },
      { class_name: 'Dense', config: { name: 'b', units: 2 } },
    ];
    const input = { class_name: 'InputLayer', config: { name: 'given', batch_input_shape: [null, 4] } };
    for (const list of [layers, [input, ...layers]]) {
      const graph = graphOf({ class_name: 'Sequential', config: { name: 's', layers: list } });
      expect(graph.params).toEqual(expected);
      // Keras lists the layers of a Sequential without its input.
      expect(graph.summary.layers.map((layer) => layer.path)).toEqual(['a', 'b']);
      expect(graph.summary.name).toBe('s');
    }
  });

  test('Keras 3: a Sequential that was built when it was first called', () => {
    const layers = [
      { class_name: 'Dense', config: { name: 'a', units: 3 } },
      { class_name: 'Dense', config: { name: 'b', units: 2 } },
    ];
    const config = { name: 's', layers, build_input_shape: [null, 4] };
    expect(graphOf({ class_name: 'Sequential', config }, '3.0.0').params).toEqual(expected);
    const built = { class_name: 'Sequential', config: { name: 's', layers }, build_config: {} };
    expect(graphOf({ ...built, build_config: { input_shape: [null, 4] } }, '3.0.0').params).toEqual(expected);
  });

  test('a Sequential without an input shape opens with unknown shapes', () => {
    const layers = [{ class_name: 'Dense', config: { name: 'a', units: 3 } }];
    const graph = graphOf({ class_name: 'Sequential', config: { name: 's', layers } }, '3.0.0');
    expect(row(graph, 'a').outputShapes).toEqual([null]);
    expect(row(graph, 'a').unknownBecause).toBe('a_input');
  });

  test.each([
    ['Keras 1', [[['x', 0, 0]]], [[['a', 0, 0]]]],
    ['Keras 2', [[['x', 0, 0, {}]]], [[['a', 0, 0, {}]]]],
    ['Keras 2, one reference without its list', [['x', 0, 0, {}]], [['a', 0, 0, {}]]],
    ['Keras 3', [call3('x')], [call3('a')]],
  ])('Functional in the words of %s', (_, first, second) => {
    const layers = [inputLayer('x', [null, 4]), dense('a', 3, first), dense('b', 2, second)];
    const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['b', 0, 0]]));
    expect(graph.params).toEqual(expected);
    expect(row(graph, 'b').inbound).toEqual(['a']);
    expect(row(graph, 'b').outputShapes).toEqual([[null, 2]]);
  });

  test('one input and one output without a list around them', () => {
    const layers = [inputLayer('x', [null, 4]), dense('a', 3, [call3('x')])];
    const graph = graphOf(functional('m', layers, ['x', 0, 0], ['a', 0, 0]), '3.15.1');
    expect(graph.summary.outputs.map((output) => output.shape)).toEqual([[null, 3]]);
  });

  test('layers listed before their inputs are computed after them', () => {
    const layers = [dense('b', 2, [call3('a')]), dense('a', 3, [call3('x')]), inputLayer('x', [null, 4])];
    const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['b', 0, 0]]), '3.15.1');
    expect([...graph.nodes.keys()]).toEqual(['x', 'a', 'b']);
    expect(graph.summary.layers.map((layer) => layer.path)).toEqual(['b', 'a', 'x']);
  });
});

test('inputs and outputs given as dicts follow their sorted keys, as Keras flattens them', () => {
  const layers = [
    inputLayer('one', [null, 1]),
    inputLayer('two', [null, 2]),
    dense('a', 3, [call3('one')]),
    dense('b', 5, [call3('two')]),
  ];
  const graph = graphOf(
    functional('m', layers, { z: ['one', 0, 0], c: ['two', 0, 0] }, { q: ['a', 0, 0], p: ['b', 0, 0] }),
    '3.15.1',
  );
  expect(graph.inputs).toEqual(['two', 'one']);
  expect(graph.outputs.map((ref) => ref.node)).toEqual(['b', 'a']);
});

describe('a shared layer', () => {
  test('has one row per call, counts its parameters once, and both calls know their inputs', () => {
    const layers = [
      inputLayer('x', [null, 4]),
      inputLayer('y', [null, 4]),
      dense('shared', 3, [[['x', 0, 0, {}]], [['y', 0, 0, {}]]]),
      {
        class_name: 'Concatenate',
        name: 'both',
        config: { name: 'both', axis: -1 },
        inbound_nodes: [
          [
            ['shared', 1, 0, {}],
            ['shared', 0, 0, {}],
          ],
        ],
      },
    ];
    const graph = graphOf(
      functional(
        'm',
        layers,
        [
          ['x', 0, 0],
          ['y', 0, 0],
        ],
        [['both', 0, 0]],
      ),
    );
    expect(row(graph, 'shared').inbound).toEqual(['x']);
    expect(row(graph, 'shared@2').inbound).toEqual(['y']);
    expect(row(graph, 'shared@2').params).toBe(15);
    expect(row(graph, 'shared').calls).toBe(2);
    expect(graph.params.total).toBe(15);
    expect(row(graph, 'both').inbound).toEqual(['shared@2', 'shared']);
  });

  test('may take its own earlier output', () => {
    const layers = [
      inputLayer('x', [null, 4]),
      dense('again', 4, [[['x', 0, 0, {}]], [['again', 0, 0, {}]], [['again', 1, 0, {}]]]),
    ];
    const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['again', 2, 0]]));
    expect([...graph.nodes.keys()]).toEqual(['x', 'again', 'again@2', 'again@3']);
    expect(graph.outputs).toEqual([{ node: 'again@3', output: 0 }]);
  });
});

test('in HDF5, without a module, an operation with a dtype is not taken for a layer', () => {
  const call = {
    args: [{ class_name: '__keras_tensor__', config: { keras_history: ['x', 0, 0] } }],
    kwargs: {},
  };
  const node = (class_name: string, config: Record<string, unknown>) => ({
    class_name,
    name: 'node',
    config: { name: 'node', ...config },
    inbound_nodes: [call],
  });
  const classOf = (class_name: string, config: Record<string, unknown>): string | undefined =>
    graphOf(
      functional(
        'm',
        [inputLayer('x', [null, 4, 2]), node(class_name, config)],
        [['x', 0, 0]],
        [['node', 0, 0]],
      ),
    ).nodes.get('node')?.className;
  expect(classOf('Cumsum', { axis: 1, dtype: null })).toBe('ops.Cumsum');
  expect(classOf('Add', { trainable: true })).toBe('Add');
  // Keras writes these without `trainable`.
  expect(classOf('SpatialDropout1D', { rate: 0.5, dtype: 'float32' })).toBe('SpatialDropout1D');
});

describe('a nested model called twice', () => {
  const inner = (inbound: readonly unknown[]) =>
    functional(
      'inner',
      [inputLayer('in', [null, 4]), dense('d', 4, [[['in', 0, 0, {}]]])],
      [['in', 0, 0]],
      [['d', 0, 0]],
      inbound,
    );
  const merged = (refs: readonly unknown[]) => ({
    class_name: 'Add',
    name: 'add',
    config: { name: 'add' },
    inbound_nodes: [refs],
  });
  const inputs = [inputLayer('x', [null, 4]), inputLayer('y', [null, 4])];
  const xy = [
    ['x', 0, 0],
    ['y', 0, 0],
  ];

  test('Keras 2 counts the node that the nested model was created with', () => {
    const nested = inner([[['x', 0, 0, {}]], [['y', 0, 0, {}]]]);
    const add = merged([
      ['inner', 1, 0, {}],
      ['inner', 2, 0, {}],
    ]);
    const graph = graphOf(
      functional('m', [...inputs, nested, add], xy, [
        ['add', 0, 0],
        ['inner', 2, 0],
      ]),
    );
    expect(row(graph, 'add').inbound).toEqual(['inner', 'inner@2']);
    expect(graph.outputs).toEqual([
      { node: 'add', output: 0 },
      { node: 'inner@2/d', output: 0 },
    ]);
    expect(row(graph, 'inner@2/d').inbound).toEqual(['inner@2/in']);
    expect(graph.nodes.get('inner@2/d')?.layerPath).toBe('inner/d');
    expect(graph.params.total).toBe(20);
  });

  test('Keras 3 counts calls from 0 between layers, and from 1 in the outputs', () => {
    const nested = inner([call3('x'), call3('y')]);
    const add = {
      ...merged([]),
      inbound_nodes: [{ args: [[kerasTensor('inner', 0), kerasTensor('inner', 1)]], kwargs: {} }],
    };
    const graph = graphOf(
      functional('m', [...inputs, nested, add], xy, [
        ['add', 0, 0],
        ['inner', 2, 0],
      ]),
      '3.15.1',
    );
    expect(row(graph, 'add').inbound).toEqual(['inner', 'inner@2']);
    expect(graph.outputs.map((ref) => ref.node)).toEqual(['add', 'inner@2/d']);
  });

  test('freezing it freezes its layers', () => {
    const nested = inner([[['x', 0, 0, {}]]]);
    const frozen = { ...nested, config: { ...nested.config, trainable: false } };
    const graph = graphOf(functional('m', [inputs[0] ?? nested, frozen], [['x', 0, 0]], [['inner', 1, 0]]));
    expect(graph.params).toEqual({ total: 20, trainable: 0, nonTrainable: 20 });
    expect(row(graph, 'inner').trainableParams).toBe(0);
  });
});

test('a nested model names where each of its outputs comes from', () => {
  const inner = functional(
    'inner',
    [inputLayer('in', [null, 4]), dense('a', 2, [[['in', 0, 0, {}]]]), dense('b', 3, [[['a', 0, 0, {}]]])],
    [['in', 0, 0]],
    [
      ['b', 0, 0],
      ['in', 0, 0],
      ['a', 0, 0],
    ],
    [[['x', 0, 0, {}]]],
  );
  const takes = dense('takes', 1, [[['inner', 1, 2, {}]]]);
  const graph = graphOf(
    functional('m', [inputLayer('x', [null, 4]), inner, takes], [['x', 0, 0]], [['takes', 0, 0]]),
  );
  const nested = row(graph, 'inner');
  expect(nested.isModel).toBe(true);
  expect(nested.outputShapes).toEqual([
    [null, 3],
    [null, 4],
    [null, 2],
  ]);
  expect(nested.outputOrigins).toEqual([
    { path: 'inner/b', index: 0 },
    { path: 'inner/in', index: 0 },
    { path: 'inner/a', index: 0 },
  ]);
  expect(row(graph, 'takes').inbound).toEqual(['inner']);
  expect(row(graph, 'takes').inboundOutputs).toEqual([2]);
  expect(graph.nodes.get('takes')?.inputs).toEqual([{ node: 'inner/a', output: 0 }]);
  expect(row(graph, 'inner/a').parent).toBe('inner');
});

test('a merge that takes one layer twice keeps both', () => {
  const layers = [inputLayer('x', [null, 4]), merge('Add', 'double', ['x', 'x'])];
  const graph = graphOf(functional('m', layers, [['x', 0, 0]], [['double', 0, 0]]));
  expect(row(graph, 'double').inbound).toEqual(['x', 'x']);
});
