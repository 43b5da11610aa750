import { describe, expect, test } from 'vitest';
import { findScoreSource } from '../../../src/server/explain/scoreSource';
import type { Graph } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { buildOpGraph } from '../../../src/server/graph/tensorflow/buildOpGraph';
import type { Constant } from '../../../src/server/graph/tensorflow/opGraphSource';
import { findKind } from '../../../src/server/kinds/registry';
import { findOp } from '../../../src/server/operations/tensorflow/ops';

interface RawNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Record<string, unknown>;
}

const shape = (...sizes: number[]) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } });
const placeholder = (name = 'x', ...sizes: number[]): RawNode => ({
  name,
  op: 'Placeholder',
  attr: { dtype: { type: 'DT_FLOAT' }, shape: shape(...sizes) },
});
const node = (op: string, name: string, ...input: string[]): RawNode => ({ name, op, input });
const constant = (name: string): RawNode => ({ name, op: 'Const' });

function graphOf(
  nodes: readonly RawNode[],
  constants: Readonly<Record<string, Constant>> = {},
  signature?: unknown,
): Graph {
  const source = { format: 'tfjs-graph', path: 'model.json', signature } as const;
  return buildOpGraph(
    { ...source, topology: { node: nodes }, constants: new Map(Object.entries(constants)) },
    findOp,
  );
}

const ints = (...values: number[]): Constant => ({ shape: [values.length], dtype: 'int32', values });
const rows = (graph: Graph) =>
  graph.summary.layers.map(({ path, name, parent, className }) => ({ path, name, parent, className }));

describe('name scopes', () => {
  test('contain the operations whose names start with theirs; one with a single child is replaced by it', () => {
    const graph = graphOf([
      placeholder('x', -1, 4),
      node('Relu', 'Top/net/a/Relu', 'x'),
      node('Neg', 'Top/net/b/Neg', 'Top/net/a/Relu'),
      node('Abs', 'Top/net/b/Abs', 'Top/net/b/Neg'),
      node('Identity', 'out', 'Top/net/b/Abs'),
    ]);
    expect(rows(graph)).toEqual([
      { path: 'x', name: 'x', parent: null, className: 'InputLayer' },
      { path: 'Top/net', name: 'Top/net', parent: null, className: 'scope' },
      { path: 'Top/net/a/Relu', name: 'a/Relu', parent: 'Top/net', className: 'tf.Relu' },
      { path: 'Top/net/b', name: 'b', parent: 'Top/net', className: 'scope' },
      { path: 'Top/net/b/Neg', name: 'Neg', parent: 'Top/net/b', className: 'tf.Neg' },
      { path: 'Top/net/b/Abs', name: 'Abs', parent: 'Top/net/b', className: 'tf.Abs' },
      { path: 'out', name: 'out', parent: null, className: 'tf.Identity' },
    ]);
    expect(graph.models.get('Top/net')?.outputs).toEqual([{ node: 'Top/net/b/Abs', output: 0 }]);
  });

  test('an operation whose name is also a scope is beside the operations in it', () => {
    const graph = graphOf([
      placeholder('x', 1, 2),
      node('Neg', 'dense', 'x'),
      node('Abs', 'dense/a', 'dense'),
      node('Abs', 'dense/b', 'dense/a'),
    ]);
    expect(rows(graph).map(({ name, parent }) => [name, parent])).toEqual([
      ['x', null],
      ['dense', null],
      ['dense/a', null],
      ['dense/b', null],
    ]);
  });
});

describe('static shapes', () => {
  test('follow from sizes that the graph computes from shapes', () => {
    const graph = graphOf(
      [
        placeholder('x', -1, 4, 3),
        node('Shape', 'shape', 'x'),
        constant('zero'),
        constant('one'),
        {
          ...node('StridedSlice', 'batch', 'shape', 'zero', 'one', 'one'),
          attr: { shrink_axis_mask: { i: '1' } },
        },
        constant('twelve'),
        node('Pack', 'target', 'batch', 'twelve'),
        node('Reshape', 'flat', 'x', 'target'),
      ],
      { zero: ints(0), one: ints(1), twelve: { shape: [], dtype: 'int32', values: [12] } },
    );
    expect(graph.nodes.get('flat')?.outputShapes).toEqual([[null, 12]]);
  });

  test('are unknown from an argument on that was not read, with a notice', () => {
    const graph = graphOf([placeholder('x', 2, 6), constant('order'), node('Transpose', 'y', 'x', 'order')], {
      order: { shape: [2], dtype: 'int32', values: null },
    });
    expect(graph.nodes.get('y')).toMatchObject({ unknownBecause: 'y', outputShapes: [null] });
    expect(graph.nodes.get('y')?.notice).toContain('its argument 1');
  });
});

test('the rank is known where sizes are only known while the model runs', () => {
  const graph = graphOf(
    [
      placeholder('x', -1, 6),
      { ...placeholder('n', 2), attr: { ...placeholder('n', 2).attr, dtype: { type: 'DT_INT32' } } },
      node('Reshape', 'y', 'x', 'n'),
      node('Slice', 'part', 'x', 'n', 'n'),
      constant('zero'),
      constant('one'),
      node('Max', 'largest', 'n', 'zero'),
      node('Range', 'count', 'zero', 'largest', 'one'),
    ],
    {
      zero: { shape: [], dtype: 'int32', values: [0] },
      one: { shape: [], dtype: 'int32', values: [1] },
    },
  );
  expect(graph.nodes.get('y')?.outputShapes).toEqual([[null, null]]);
  expect(graph.nodes.get('part')?.outputShapes).toEqual([[null, null]]);
  expect(graph.nodes.get('count')?.outputShapes).toEqual([[null]]);
});

describe('what is not computed', () => {
  test('an unknown operation is named, and what follows is unknown because of it', () => {
    const graph = graphOf([
      placeholder('x', 1, 4),
      node('Relu', 'before', 'x'),
      node('StatelessWhile', 'loop', 'before'),
      node('Abs', 'after', 'loop'),
    ]);
    const [, before, loop, after] = graph.summary.layers;
    expect(before).toMatchObject({ status: 'known', outputShapes: [[1, 4]] });
    expect(loop).toMatchObject({ status: 'unknown', unknownBecause: 'loop' });
    expect(loop?.notice).toBe(
      'StatelessWhile calls the function "", which the file does not contain. What comes before it works; what follows it is unknown.',
    );
    expect(after).toMatchObject({ status: 'known', unknownBecause: 'loop' });
  });

  test('a loop of TensorFlow 1 is listed', () => {
    const graph = graphOf([
      placeholder('x', 1, 4),
      node('Enter', 'enter', 'x'),
      node('Merge', 'merge', 'enter', 'next'),
      node('Abs', 'body', 'merge'),
      node('NextIteration', 'next', 'body'),
      node('Exit', 'exit', 'merge'),
    ]);
    expect(graph.nodes.get('exit')?.unknownBecause).toBe('exit');
    expect(graph.nodes.size).toBe(6);
  });

  test('a placeholder that the signature does not name is not an input', () => {
    const signature = { inputs: { a: { name: 'x:0' } }, outputs: { b: { name: 'y:0' } } };
    const graph = graphOf(
      [placeholder('x', 1), placeholder('z', 1), node('Add', 'y', 'x', 'z')],
      {},
      signature,
    );
    expect(graph.inputs).toEqual(['x']);
    expect(graph.nodes.get('y')?.unknownBecause).toBe('z');
  });
});

describe('damaged graphs', () => {
  const cases: readonly [string, readonly unknown[], RegExp][] = [
    [
      'an operation that takes its own value',
      [node('Abs', 'a', 'b'), node('Abs', 'b', 'a')],
      /takes its own value/,
    ],
    ['two operations of one name', [node('Abs', 'a'), node('Abs', 'a')], /two operations named "a"/],
    ['an input that does not exist', [node('Abs', 'a', 'nowhere')], /takes "nowhere", which does not exist/],
    ['a graph without operations', [], /without operations/],
    ['an operation without a type', [{ name: 'a' }], /operation 0 of its graph has no name or type/],
  ];
  test.each(cases)('%s', (_, nodes, message) => {
    expect(() => graphOf(nodes as readonly RawNode[])).toThrow(message);
  });

  test('an operation without its operands is unknown, the rest works', () => {
    const graph = graphOf([placeholder('x', 1, 4), node('Conv2D', 'conv', 'x'), node('Abs', 'abs', 'x')]);
    expect(graph.nodes.get('conv')?.unknownBecause).toBe('conv');
    expect(graph.nodes.get('abs')?.outputShapes).toEqual([[1, 4]]);
  });

  test('a Keras config cannot name an operation as its class', () => {
    const layer = (className: string, name: string, config: object) => ({
      class_name: className,
      config: { name, ...config },
    });
    const topology = layer('Sequential', 'm', {
      layers: [layer('InputLayer', 'x', { batch_shape: [null, 4] }), layer('tf.Relu', 'r', {})],
    });
    const graph = buildGraph({ topology, format: 'keras', kerasVersion: '3.0', path: 'm.keras' }, findKind);
    expect(graph.nodes.get('r')?.notice).toContain('names an operation of a TensorFlow graph as its class');
  });
});

test('the softmax is found behind operations that pass scores through', () => {
  const graph = graphOf(
    [
      placeholder('x', -1, 5),
      node('Softmax', 'softmax', 'x'),
      constant('target'),
      node('Reshape', 'reshape', 'softmax', 'target'),
      node('Identity', 'out', 'reshape'),
    ],
    { target: ints(-1, 5) },
  );
  const { ref, passThrough: passed } = findScoreSource(graph, 0);
  expect(ref).toEqual({ node: 'softmax', output: 0 });
  expect(passed.map((layer) => layer.node.path)).toEqual(['reshape', 'out']);
});

test('converters before 1.0 wrote one list per type', () => {
  const none = { s: [], f: [], b: [], type: [], shape: [], tensor: [] };
  const attr = {
    strides: { list: { ...none, i: ['1', '2', '2', '1'] } },
    dilations: { list: { ...none, i: ['1', '1', '1', '1'] } },
    padding: { s: 'U0FNRQ==' },
  };
  const graph = graphOf(
    [placeholder('x', -1, 8, 6, 3), constant('filter'), { ...node('Conv2D', 'conv', 'x', 'filter'), attr }],
    { filter: { shape: [3, 3, 3, 5], dtype: 'float32', values: null } },
  );
  expect(graph.nodes.get('conv')?.outputShapes).toEqual([[null, 4, 3, 5]]);
});

test('products count as multiply-adds, and a scope costs what is in it', () => {
  const strides = { strides: { list: { i: ['1', '2', '2', '1'] } }, padding: { s: 'U0FNRQ==' } };
  const graph = graphOf(
    [
      placeholder('x', -1, 8, 6, 3),
      constant('filter'),
      { ...node('Conv2D', 'net/conv', 'x', 'filter'), attr: strides },
      node('Relu', 'net/relu', 'net/conv'),
    ],
    { filter: { shape: [3, 3, 3, 5], dtype: 'float32', values: null } },
  );
  // 4 x 3 positions of 5 filters, each a sum of 27 products.
  const cost = graph.summary.layers.map(({ path, multiplyAdds }) => [path, multiplyAdds]);
  expect(cost).toEqual([
    ['x', 0],
    ['net', 1620],
    ['net/conv', 1620],
    ['net/relu', 0],
  ]);
  expect(graph.summary.multiplyAdds).toBe(1620);
});

test('a constant that several operations take counts once', () => {
  const graph = graphOf(
    [placeholder('x', 1, 4), constant('w'), node('Mul', 'a', 'x', 'w'), node('Add', 'b', 'a', 'w')],
    { w: { shape: [4], dtype: 'float32', values: null } },
  );
  expect(graph.params).toEqual({ total: 4, trainable: 0, nonTrainable: 4 });
  expect(graph.layers.map(({ weights }) => weights.map(({ at }) => at))).toEqual([[], ['w'], ['w']]);
});
