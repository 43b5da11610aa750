import { expect, test } from 'vitest';
import { configText } from '../../../src/shared/compare/comparisonText';

test.each([
  ['[null,6,6,8]', '(None, 6, 6, 8)'],
  ['[3]', '(3,)'],
  ['[[null,4],[null,5,null]]', '[(None, 4), (None, 5, None)]'],
  ['4', '4'],
])('the output shape %s is written as Keras writes it', (json, text) => {
  expect(configText({ key: 'output_shape', a: json, b: null })).toBe(`output_shape: ${text} → ∅`);
});

test('other arguments are shown as they are', () => {
  expect(configText({ key: 'axis', a: '[1,2]', b: '"last"' })).toBe('axis: [1,2] → "last"');
});
