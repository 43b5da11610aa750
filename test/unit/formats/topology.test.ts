import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/server/formats/topology';
import { Failure } from '../../../src/shared/errors';

const parsed = (text: string): unknown => parseJson(text, 'model.json', 'its content');

describe('JSON as Python writes it', () => {
  test.each([
    [
      '{"a": NaN, "b": Infinity, "c": -Infinity}',
      { a: null, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY },
    ],
    ['{"NaN": "Infinity", "x": NaN}', { NaN: 'Infinity', x: null }],
    ['["\\"NaN", NaN, "\\\\", Infinity]', ['"NaN', null, '\\', Number.POSITIVE_INFINITY]],
    ['[NaN,NaN]', [null, null]],
    ['NaN', null],
  ])('%s', (text, value) => {
    expect(parsed(text)).toEqual(value);
  });

  test.each(['[NaNs]', '[1NaN]', '[_Infinity]', '[xNaN, NaN]', '{"a": NaN'])('%s is none', (text) => {
    expect(() => parsed(text)).toThrow(Failure);
  });
});

test.each([
  ['a string that is never closed', `{"a": NaN, "${'\\"'.repeat(1_000_000)}`],
  ['quotes without end', `[NaN, ${'"\\'.repeat(1_000_000)}`],
  ['many strings', `[NaN, ${'"a" '.repeat(1_000_000)}`],
])('%s takes no quadratic time', (_, text) => {
  const start = performance.now();
  expect(() => parsed(text)).toThrow(/is not valid JSON/);
  expect(performance.now() - start).toBeLessThan(10_000);
});
