import { expect, test } from 'vitest';
import { byteText, fullCount, shortCount } from '../../../src/shared/amounts';

test.each([
  [0, '0', '0 B'],
  [841, '841', '841 B'],
  [1_000, '1 k', '1 kB'],
  [131_072, '131 k', '131 kB'],
  [999_499, '999 k', '999 kB'],
  [999_999, '1 M', '1 MB'],
  [15_470_264_320, '15.5 G', '15.5 GB'],
  [null, 'unknown', 'unknown'],
])('%s is %s and %s', (count, text, bytes) => {
  expect(shortCount(count)).toBe(text);
  expect(byteText(count)).toBe(bytes);
});

test('a full count has thousands separators', () => {
  expect(fullCount(15_470_264_320)).toBe('15,470,264,320');
  expect(fullCount(null)).toBe('unknown');
});
