import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CallArguments } from '../../../src/server/graph/callArguments';
import { einsum, parseEinsum } from '../../../src/server/layers/support/einsum';
import type { Shape } from '../../../src/shared/model';
import { configOf, contextOf, kindOf, randomTensor, useBackend, valuesOf } from './backends';

const slots = (count: number): { input: number }[] =>
  Array.from({ length: count }, (_, input) => ({ input }));
const called = (count: number, kwargs: Record<string, unknown> = {}): CallArguments => ({
  args: slots(count),
  kwargs,
});
const shapes = (
  className: string,
  values: Record<string, unknown>,
  inputs: Shape[],
  kwargs: Record<string, unknown> = {},
) => kindOf(className).outputShapes(configOf(values), inputs, called(inputs.length, kwargs));

const heads = { num_heads: 2, key_dim: 3 };
const scores = { return_attention_scores: true };

describe('static shapes are those of the computed values, even where Keras states others', () => {
  test('MultiHeadAttention with more keys than queries', () => {
    expect(
      shapes(
        'MultiHeadAttention',
        heads,
        [
          [null, 4, 6],
          [null, 5, 6],
        ],
        scores,
      ),
    ).toEqual([
      [null, 4, 6],
      [null, 2, 4, 5],
    ]);
  });
  test('MultiHeadAttention over one of two axes', () => {
    const inputs: Shape[] = [
      [null, 2, 3, 6],
      [null, 2, null, 6],
    ];
    expect(shapes('MultiHeadAttention', { ...heads, attention_axes: [2] }, inputs, scores)[1]).toEqual([
      null,
      2,
      2,
      3,
      null,
    ]);
  });
  test('EinsumDense with axes covered by an ellipsis', () => {
    const values = { equation: '...x,xy->...y', output_shape: 4, bias_axes: null };
    expect(shapes('EinsumDense', values, [[null, 2, 3, 5]])).toEqual([[null, 2, 3, 4]]);
  });
});

test('calls as Keras 2 and as Keras 3 write them', () => {
  const shape = (call: CallArguments) =>
    kindOf('MultiHeadAttention').outputShapes(
      configOf(heads),
      [
        [null, 4, 6],
        [null, 5, 6],
        [4, 5],
      ],
      call,
    );
  const [query, value, mask] = slots(3);
  const expected: Shape[] = [[null, 4, 6]];
  expect(shape({ args: [query, value], kwargs: { attention_mask: mask } })).toEqual(expected);
  expect(shape({ args: [query], kwargs: { value, attention_mask: mask } })).toEqual(expected);
  expect(
    shapes('MultiHeadAttention', { ...heads, output_shape: [] }, [expected[0] ?? [], [null, 5, 6]]),
  ).toEqual(expected);
  expect(shape({ args: [], kwargs: { query, value, attention_mask: mask } })).toEqual(expected);
  const listed = (args: unknown[], kwargs: Record<string, unknown>) =>
    kindOf('Attention').outputShapes(
      configOf({}),
      [
        [null, 4, 6],
        [null, 5, 6],
        [null, 4],
      ],
      { args, kwargs },
    );
  expect(listed([[query, value]], { mask: [mask, null] })).toEqual(expected);
  expect(listed([query, value], { mask: [mask, null] })).toEqual(expected);
  expect(() => listed([query, value], { mask: [null, mask] })).toThrow('a mask [None, 4] for a sequence');
});

describe('contradictory configurations are refused', () => {
  test.each([
    ['MultiHeadAttention', { ...heads, attention_axes: [3] }, 'argument "attention_axes" should be'],
    ['MultiHeadAttention', { ...heads, attention_axes: [1, 1] }, 'argument "attention_axes" should be'],
    ['MultiHeadAttention', { num_heads: 2 }, 'argument "key_dim" should be'],
    ['GroupQueryAttention', { head_dim: 3, num_query_heads: 4, num_key_value_heads: 3 }, 'a multiple of 3'],
    ['GroupQueryAttention', { head_dim: 3, num_query_heads: 4, num_key_value_heads: 0 }, 'a multiple of 0'],
  ])('%s %j', (className, values, sentence) => {
    const inputs: Shape[] = [
      [null, 4, 6],
      [null, 5, 6],
    ];
    expect(() => shapes(className, values, inputs)).toThrow(sentence);
  });
  test.each<[string, Shape[]]>([
    [
      'features',
      [
        [null, 4, 6],
        [null, 5, 3],
      ],
    ],
    [
      'axes',
      [
        [null, 4, 6],
        [null, 2, 5, 6],
      ],
    ],
    [
      'positions',
      [
        [null, 4, 6],
        [null, 5, 6],
        [null, 3, 6],
      ],
    ],
  ])('Attention over a query, keys and values with different %s', (_, inputs) => {
    expect(() => shapes('Attention', {}, inputs)).toThrow('cannot attend with a query [None, 4, 6]');
    expect(() => shapes('AdditiveAttention', {}, inputs)).toThrow('cannot attend with a query [None, 4, 6]');
  });
  test('an attention layer without a value', () => {
    expect(() => shapes('MultiHeadAttention', heads, [[null, 4, 6]])).toThrow('without a value');
    expect(() => shapes('Attention', {}, [[null, 4, 6]])).toThrow('but gets 1 inputs');
  });
  test.each([
    ['abc,cd', 'argument "equation"'],
    ['abc,cd->abdd', 'argument "equation"'],
    ['abc,cd->abz', 'argument "equation"'],
    ['ab,bd->ad', 'argument "equation"'],
    ['aac,cd->ad', 'argument "equation"'],
    ['a.c,cd->ad', 'argument "equation"'],
  ])('EinsumDense with the equation %s', (equation, sentence) => {
    const values = { equation, output_shape: [3, 4], bias_axes: null };
    expect(() => shapes('EinsumDense', values, [[null, 3, 5]])).toThrow(sentence);
  });
  test('EinsumDense with sizes that do not fit its equation', () => {
    const values = { equation: 'abc,cd->abd', bias_axes: 'd' };
    expect(() => shapes('EinsumDense', { ...values, output_shape: [4] }, [[null, 3, 5]])).toThrow(
      'should be 2 sizes',
    );
    expect(() =>
      shapes('EinsumDense', { ...values, output_shape: [3, 4], bias_axes: 'c' }, [[null, 3, 5]]),
    ).toThrow('axes of the output');
    expect(() =>
      kindOf('EinsumDense').weights?.(configOf({ ...values, output_shape: [3, 4] }), [[null, 3, null]]),
    ).toThrow('a known size of axis "c"');
  });
});

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(() => useBackend(backend));

  test('one tensor can be the right-hand side of two equations', () => {
    const shared = randomTensor([2, 3], 1);
    const a = randomTensor([4, 2], 2);
    const b = randomTensor([4, 2, 3], 3);
    for (const [equation, left, expected] of [
      ['ab,bc->ac', a, tf.matMul(a, tf.mul(shared, 1))],
      ['abc,bc->a', b, tf.sum(tf.mul(b, shared), [1, 2])],
    ] as const) {
      const parsed = parseEinsum(equation, left.rank);
      if (parsed === null) throw new Error(equation);
      const actual = valuesOf(einsum(tf, parsed, left, shared));
      for (const [i, value] of valuesOf(expected).entries()) expect(actual[i]).toBeCloseTo(value, 5);
    }
  });

  test('Attention of Keras 2 is causal if its config says so', () => {
    const [query, value] = [randomTensor([1, 2, 3], 1), randomTensor([1, 2, 3], 2)];
    const ctx = { ...contextOf({ causal: true }), call: called(2) };
    const [output] = kindOf('Attention').forward(ctx, [query, value]);
    // The first query attends to the first value only.
    expect(output && valuesOf(output).slice(0, 3)).toEqual(valuesOf(value).slice(0, 3));
  });

  test('the weights of a completely masked row are uniform in Keras 2 and 0 in Keras 3', () => {
    const inputs = [randomTensor([1, 2, 4], 1), randomTensor([1, 2, 4], 2)];
    const kernels = [
      [4, 1, 2],
      [4, 1, 2],
      [4, 1, 2],
      [1, 2, 4],
    ].map((shape, seed) => randomTensor(shape, seed));
    const values = { num_heads: 1, key_dim: 2, use_bias: false };
    const maskAll = tf.tensor([0, 0], [1, 2], 'bool');
    const weightsIn = (kerasMajor: number): number[] => {
      const ctx = {
        ...contextOf(values, kernels, [undefined, maskAll]),
        config: configOf(values, kerasMajor),
        call: called(2, scores),
      };
      const [, weights] = kindOf('MultiHeadAttention').forward(ctx, inputs);
      return weights ? valuesOf(weights) : [];
    };
    expect(weightsIn(3)).toEqual([0, 0, 0, 0]);
    expect(weightsIn(2)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});
