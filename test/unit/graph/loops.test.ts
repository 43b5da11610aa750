import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/server/graph/graph';
import { buildOpGraph } from '../../../src/server/graph/tensorflow/buildOpGraph';
import type { Constant } from '../../../src/server/graph/tensorflow/opGraphSource';
import { findOp } from '../../../src/server/operations/tensorflow/ops';

type RawNode = Record<string, unknown>;

const node = (op: string, name: string, ...input: string[]): RawNode => ({ name, op, input });
const constant = (name: string): RawNode => node('Const', name);
const scalar = (value: number): Constant => ({ shape: [], dtype: 'int32', values: [value] });
const x: RawNode = {
  name: 'x',
  op: 'Placeholder',
  attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '4' }] } } },
};

function definition(name: string, inputs: string[], nodeDef: RawNode[], ...results: string[]): RawNode {
  return {
    signature: {
      name,
      inputArg: inputs.map((input) => ({ name: input })),
      outputArg: results.map((_, i) => ({ name: `r${i}` })),
    },
    nodeDef,
    ret: Object.fromEntries(results.map((ref, i) => [`r${i}`, ref])),
  };
}

const loop = (name: string, ...input: string[]): RawNode => ({
  ...node('StatelessWhile', name, ...input),
  attr: { cond: { func: { name: 'cond' } }, body: { func: { name: 'body' } } },
});

/** `for (i = 0; i < limit; i++) y = body(y)` */
function looping(limit: number, body: RawNode[], result: string, functions: RawNode[] = []): Graph {
  const cond = definition(
    'cond',
    ['i', 'y'],
    [constant('limit'), node('Less', 'go', 'i', 'limit:output:0')],
    'go:z:0',
  );
  const round = definition(
    'body',
    ['i', 'y'],
    [constant('one'), node('AddV2', 'net/next', 'i', 'one:output:0'), ...body],
    'net/next:z:0',
    result,
  );
  return buildOpGraph(
    {
      format: 'tfjs-graph',
      path: 'model.json',
      signature: undefined,
      topology: {
        node: [x, constant('zero'), loop('loop', 'zero', 'x'), node('Neg', 'out', 'loop:1')],
        library: { function: [cond, round, ...functions] },
      },
      constants: new Map([
        ['zero', scalar(0)],
        ['one', scalar(1)],
        ['limit', scalar(limit)],
      ]),
    },
    findOp,
  );
}

describe('a loop whose iterations can be counted', () => {
  test('becomes one scope per iteration, without operations for its counter', () => {
    const graph = looping(
      3,
      [node('Tanh', 'net/Tanh', 'y'), node('Abs', 'net/Abs', 'net/Tanh:y:0')],
      'net/Abs:y:0',
    );
    expect([...graph.nodes.keys()]).toEqual([
      'x',
      ...[1, 2, 3].flatMap((round) => [`loop@${round}/Tanh`, `loop@${round}/Abs`]),
      'out',
    ]);
    expect(graph.nodes.get('out')?.inputs).toEqual([{ node: 'loop@3/Abs', output: 0 }]);
    expect(graph.nodes.get('out')?.outputShapes).toEqual([[null, 4]]);
    expect(graph.models.get('loop@2')?.inputs).toEqual([{ node: 'loop@1/Abs', output: 0 }]);
  });

  test('that never runs passes its values through', () => {
    const graph = looping(0, [node('Tanh', 'net/Tanh', 'y')], 'net/Tanh:y:0');
    expect(graph.nodes.get('out')?.inputs).toEqual([{ node: 'x', output: 0 }]);
  });

  test('is unknown beyond a limit, even if it only counts', () => {
    const long = looping(50_000, [node('Tanh', 'net/Tanh', 'y')], 'net/Tanh:y:0');
    expect(long.nodes.get('loop')?.notice).toMatch(
      /runs so often that it would become more than 20000 operations/,
    );
    expect([...long.nodes.keys()]).toEqual(['x', 'loop', 'out']);
    const counting = looping(2_000_000_000, [], 'y');
    expect(counting.nodes.get('out')?.unknownBecause).toBe('loop');
  });

  test('that contains itself is unknown', () => {
    const graph = looping(3, [loop('inner', 'i', 'y')], 'inner:output:1');
    expect(graph.nodes.get('out')?.unknownBecause).toBeDefined();
  });

  test('with an unknown operation is unknown from there on', () => {
    const graph = looping(2, [node('Mystery', 'net/Mystery', 'y')], 'net/Mystery:y:0');
    expect(graph.nodes.get('out')?.unknownBecause).toMatch(/^loop@\d\/Mystery$/);
  });
});

test('a loop whose end is computed is one operation, with a notice', () => {
  const graph = buildOpGraph(
    {
      format: 'tfjs-graph',
      path: 'model.json',
      signature: undefined,
      topology: {
        node: [x, loop('loop', 'x'), node('Neg', 'out', 'loop')],
        library: {
          function: [
            definition(
              'cond',
              ['y'],
              [constant('axes'), node('Any', 'go', 'y', 'axes:output:0')],
              'go:output:0',
            ),
            definition('body', ['y'], [node('Tanh', 'Tanh', 'y')], 'Tanh:y:0'),
          ],
        },
      },
      constants: new Map([['axes', { shape: [2], dtype: 'int32', values: [0, 1] }]]),
    },
    findOp,
  );
  expect([...graph.nodes.keys()]).toEqual(['x', 'loop', 'out']);
  expect(graph.nodes.get('loop')?.notice).toBe(
    'How often the loop "loop" runs is decided by values that the model computes. What comes before it works; what follows it is unknown.',
  );
});

describe('a loop that would never end', () => {
  const handsOn = (cond: RawNode, body: RawNode, input: string): Graph =>
    buildOpGraph(
      {
        format: 'tfjs-graph',
        path: 'model.json',
        signature: undefined,
        topology: {
          node: [x, constant('yes'), loop('loop', 'yes', input), node('Neg', 'out', 'loop:1')],
          library: { function: [cond, body] },
        },
        constants: new Map([['yes', { shape: [], dtype: 'bool', values: [1] }]]),
      },
      findOp,
    );

  test('because its condition and body pass their inputs through', () => {
    const cond = definition('cond', ['go', 'y'], [], 'go');
    const graph = handsOn(cond, definition('body', ['go', 'y'], [], 'go', 'y'), 'x');
    expect(graph.nodes.get('loop')?.notice).toMatch(/runs so often that it would become more than/);
    expect(graph.nodes.get('out')?.unknownBecause).toBe('loop');
  });

  test('and takes thousands of values in each iteration is given up early', () => {
    const cond = definition('cond', ['go', 'y'], [], 'go');
    const sum = node('AddN', 'sum', ...new Array<string>(50_000).fill('y'));
    const graph = handsOn(cond, definition('body', ['go', 'y'], [sum], 'go', 'sum:sum:0'), 'x');
    expect(graph.nodes.get('loop')?.notice).toMatch(/runs so often/);
  });
});
