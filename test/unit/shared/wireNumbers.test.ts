import { describe, expect, it } from 'vitest';
import { nonFiniteName, packNumbers, unpackNumbers } from '../../../src/shared/wireNumbers';

const carried = (value: unknown): unknown => unpackNumbers(JSON.parse(JSON.stringify(packNumbers(value))));

describe('numbers through JSON', () => {
  it('keeps NaN and both infinities at any depth', () => {
    const answer = {
      ok: true,
      value: {
        max: Number.POSITIVE_INFINITY,
        list: [1, Number.NaN, [Number.NEGATIVE_INFINITY]],
        label: 'NaN',
      },
    };
    expect(carried(answer)).toEqual(answer);
    expect(carried(Number.NaN)).toBeNaN();
  });

  it('copies nothing that JSON can write', () => {
    const answer = { a: [1, 2, { b: 'text', c: null }], d: undefined };
    expect(packNumbers(answer)).toBe(answer);
    expect(unpackNumbers(answer)).toBe(answer);
  });

  it('leaves values alone that only look like a packed number', () => {
    for (const value of [{ $number: 'many' }, { $number: 'NaN', more: 1 }, { $number: 3 }]) {
      expect(carried(value)).toEqual(value);
    }
  });

  it('names the numbers that JSON cannot represent', () => {
    expect([Number.NaN, 1 / 0, -1 / 0, 3].map(nonFiniteName)).toEqual(['NaN', 'Infinity', '-Infinity', null]);
  });
});
