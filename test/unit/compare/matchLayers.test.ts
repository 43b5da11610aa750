import { expect, test } from 'vitest';
import { type Matchable, matchLayers } from '../../../src/server/compare/matchLayers';

const layer = (path: string, className = 'Dense', units = 4): Matchable => ({
  path,
  className,
  shapes: [[null, units]],
  weightShapes: [[4, units]],
});
const matched = (a: readonly Matchable[], b: readonly Matchable[]) =>
  matchLayers(a, b).map((pair) => [pair.a?.path ?? null, pair.b?.path ?? null, pair.by]);

test('layers of the same names belong together, also in another order', () => {
  const [one, two] = [layer('one'), layer('two')];
  expect(matched([one, two], [two, one])).toEqual([
    ['one', 'one', 'name'],
    ['two', 'two', 'name'],
  ]);
});

test('layers with other names are matched by class and shapes, in order', () => {
  const a = [layer('input', 'InputLayer'), layer('first'), layer('second', 'Dense', 7)];
  const b = [layer('in', 'InputLayer'), layer('x'), layer('y', 'Dense', 7)];
  expect(matched(a, b)).toEqual([
    ['input', 'in', 'structure'],
    ['first', 'x', 'structure'],
    ['second', 'y', 'structure'],
  ]);
});

test('names that Keras made up do not mislead: a layer before them shifts their numbers', () => {
  const a = [layer('dense', 'Dense', 3), layer('dense_1', 'Dense', 5), layer('out')];
  const b = [
    layer('dense', 'Dense', 9),
    layer('dense_1', 'Dense', 3),
    layer('dense_2', 'Dense', 5),
    layer('out'),
  ];
  expect(matched(a, b)).toEqual([
    [null, 'dense', null],
    ['dense', 'dense_1', 'structure'],
    ['dense_1', 'dense_2', 'structure'],
    ['out', 'out', 'name'],
  ]);
});

test('added and removed layers have no partner and stay in their place', () => {
  const a = [layer('a'), layer('gone', 'Dropout'), layer('b')];
  const b = [layer('new', 'Flatten'), layer('a'), layer('b'), layer('last', 'ReLU')];
  expect(matched(a, b)).toEqual([
    [null, 'new', null],
    ['a', 'a', 'name'],
    ['gone', null, null],
    ['b', 'b', 'name'],
    [null, 'last', null],
  ]);
});

test('a layer of the same name and another class is the same layer, changed', () => {
  expect(matched([layer('pool', 'MaxPooling2D')], [layer('pool', 'AveragePooling2D')])).toEqual([
    ['pool', 'pool', 'name'],
  ]);
});

test('thousands of layers are matched in reasonable time', () => {
  const many = (prefix: string) =>
    Array.from({ length: 3000 }, (_, i) => layer(`${prefix}${i}`, `Class${i % 7}`));
  const pairs = matched(many('a'), many('a').slice(0, -1));
  expect(pairs).toHaveLength(3000);
  expect(pairs.at(-1)).toEqual(['a2999', null, null]);
});
