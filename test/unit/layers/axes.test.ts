import { expect, test } from 'vitest';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import { findKind } from '../../../src/server/kinds/registry';

const weightShapes = (kerasMajor: number, axis: number[]) =>
  findKind('LayerNormalization')
    ?.weights?.(new LayerConfig({ axis }, 'norm', kerasMajor), [[null, 2, 3, 4]])
    .map((weight) => weight.shape);

test('Keras 3 sorts the axes of a LayerNormalization as written, Keras 2 keeps their order', () => {
  expect(weightShapes(3, [3, 1])).toEqual([
    [2, 4],
    [2, 4],
  ]);
  expect(weightShapes(3, [1, -1])).toEqual([
    [4, 2],
    [4, 2],
  ]);
  expect(weightShapes(2, [3, 1])).toEqual([
    [4, 2],
    [4, 2],
  ]);
  expect(() => weightShapes(3, [1, -3])).toThrow('argument "axis" should be different axes');
});
