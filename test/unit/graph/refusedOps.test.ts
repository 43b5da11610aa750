import { describe, expect, test } from 'vitest';
import { buildOpGraph } from '../../../src/server/graph/tensorflow/buildOpGraph';
import { findOp } from '../../../src/server/operations/tensorflow/ops';
import type { Shape } from '../../../src/shared/model';

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const size = (value: number) => ({ i: String(value) });

/** The row of an operation in a graph of its own, whose operands are inputs of the given shapes. */
function ofGraph(op: string, attr: Record<string, unknown>, shapes: readonly Shape[]) {
  const placeholders = shapes.map((sizes, i) => ({
    name: `x${i}`,
    op: 'Placeholder',
    attr: {
      dtype: { type: 'DT_FLOAT' },
      shape: { shape: { dim: sizes.map((length) => ({ size: String(length ?? -1) })) } },
    },
  }));
  const node = { name: 'y', op, input: placeholders.map(({ name }) => name), attr };
  const after = { name: 'after', op: 'Abs', input: ['x0'] };
  const topology = { node: [...placeholders, node, after] };
  const graph = buildOpGraph(
    { format: 'tfjs-graph', path: 'model.json', signature: undefined, topology, constants: new Map() },
    findOp,
  );
  expect(graph.nodes.get('after')).toMatchObject({ outputShapes: [shapes[0]] });
  const { outputShapes, unknownBecause, notice } = graph.nodes.get('y') ?? {};
  return { outputShapes, unknownBecause, notice };
}

const known = (shape: Shape) => ({ outputShapes: [shape], unknownBecause: undefined });
const refused = (why: string) => ({
  unknownBecause: 'y',
  notice: expect.stringContaining(`Operation "y" cannot be computed: ${why}`),
});

describe('an operation on shapes that do not fit is unknown, with the reason', () => {
  const ROWS: readonly [string, Record<string, unknown>, readonly Shape[], object][] = [
    [
      'AddN',
      {},
      [
        [null, 4],
        [2, 4],
        [2, null],
      ],
      known([null, 4]),
    ],
    [
      'AddN',
      {},
      [
        [2, 4],
        [2, 4],
        [2, 5],
      ],
      refused('shapes [2, 4] and [2, 5] differ.'),
    ],
    [
      'AddN',
      {},
      [
        [2, 4],
        [2, 4, 1],
      ],
      refused('shapes [2, 4] and [2, 4, 1] differ.'),
    ],
    [
      'Einsum',
      { equation: text('ab,bc->ac') },
      [
        [null, 4],
        [4, 5],
      ],
      known([null, 5]),
    ],
    [
      'Einsum',
      { equation: text('ab,bc->ac') },
      [
        [2, 4],
        [3, 5],
      ],
      refused('"ab,bc->ac" does not fit the shapes [2, 4] and [3, 5].'),
    ],
    [
      'Einsum',
      { equation: text('ab,bc->ac') },
      [
        [2, 4],
        [4, 5, 6],
      ],
      refused('"ab,bc->ac" does not fit 3 axes.'),
    ],
    [
      'Einsum',
      { equation: text('ab,bc->ac') },
      [
        [2, 4, 3],
        [4, 5],
      ],
      refused('its equation "ab,bc->ac" is not supported.'),
    ],
    [
      'Einsum',
      { equation: text('ab,bc->ad') },
      [
        [2, 4],
        [4, 5],
      ],
      refused('its equation "ab,bc->ad" is not supported.'),
    ],
    [
      'Einsum',
      { equation: text('aa,ac->c') },
      [
        [4, 4],
        [4, 5],
      ],
      refused('its equation "aa,ac->c" is not supported.'),
    ],
    [
      'Einsum',
      { equation: text('...') },
      [
        [2, 4],
        [4, 5],
      ],
      refused('its equation "..." is not supported.'),
    ],
    ['DepthToSpace', { block_size: size(2) }, [[null, 3, null, 8]], known([null, 6, null, 2])],
    ['DepthToSpace', { block_size: size(2) }, [[1, 3, 3, 6]], refused('blocks of 2 do not divide 6.')],
    ['DepthToSpace', { block_size: size(0) }, [[1, 3, 3, 8]], refused('blocks of 0 do not divide 8.')],
    ['DepthToSpace', { block_size: size(-2) }, [[1, 3, 3, 8]], refused('blocks of -2 do not divide 8.')],
    ['DepthToSpace', { block_size: size(2) }, [[3, 3, 8]], refused('[3, 3, 8] is not a shape of images.')],
    [
      'DepthToSpace',
      { block_size: size(2) },
      [[1, 1, 3, 3, 8]],
      refused('[1, 1, 3, 3, 8] is not a shape of images.'),
    ],
    ['SpaceToDepth', { block_size: size(2) }, [[null, 4, 6, 2]], known([null, 2, 3, 8])],
    ['SpaceToDepth', { block_size: size(4) }, [[1, 6, 8, 2]], refused('blocks of 4 do not divide 6.')],
    ['SpaceToDepth', { block_size: size(2) }, [[6, 8]], refused('[6, 8] is not a shape of images.')],
  ];
  test.each(ROWS)('%s %j of %j', (op, attr, shapes, expected) => {
    expect(ofGraph(op, attr, shapes)).toMatchObject(expected);
  });
});
