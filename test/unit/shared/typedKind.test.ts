import { expect, test } from 'vitest';
import type { LayerRow, MaybeShape, NamedTensor } from '../../../src/shared/model';
import { MAX_TYPED_CHARACTERS, tooLongText, typedKind } from '../../../src/shared/sources/typedInput';

const input = (shape: MaybeShape, dtype = 'float32'): NamedTensor => ({ name: 'x', shape, dtype });
const EMBEDDING = [{ className: 'Embedding', inbound: ['x'] }] as unknown as readonly LayerRow[];

test.each<[string, NamedTensor, readonly LayerRow[], string | undefined, string | null]>([
  ['strings', input([null, 1], 'string'), [], undefined, 'text'],
  ['strings of any rank', input(null, 'string'), [], 'ACGT', 'text'],
  ['one-hot letters of a known alphabet', input([null, 9, 4]), [], 'ACGT', 'letters'],
  ['one-hot letters, channels first', input([null, 4, 9]), [], 'ACGT', 'letters'],
  ['letters as ids', input([null, 9], 'int32'), [], 'ACGT', 'letters'],
  ['ids without an alphabet', input([null, null], 'int64'), [], undefined, 'numbers'],
  ['floats that an embedding looks up', input([null, 9]), EMBEDDING, undefined, 'numbers'],
  ['a table beside sequences', input([null, 9]), [], 'ACGT', null],
  ['a signal', input([null, 9, 2]), [], 'ACGT', null],
  ['sequences of an unknown alphabet', input([null, 9, 4]), [], undefined, null],
  ['an image', input([null, 8, 8, 3], 'uint8'), [], undefined, null],
])('what is typed for %s', (_, tensor, layers, alphabet, expected) => {
  expect(typedKind(tensor, layers, alphabet === undefined ? {} : { alphabet })).toBe(expected);
});

test('a text is refused beyond the limit, with both lengths', () => {
  expect(tooLongText('x'.repeat(MAX_TYPED_CHARACTERS))).toBeNull();
  expect(tooLongText('x'.repeat(20_001))).toBe('The text has 20001 characters; at most 20000 can be typed.');
});

test('words are typed for ids whose vocabulary is known', () => {
  const settings = { vocabulary: ['[PAD]', '[UNK]', 'good'] };
  expect(typedKind(input([null, 9], 'int32'), [], settings)).toBe('words');
  expect(typedKind(input([null, 9]), EMBEDDING, settings)).toBe('words');
  expect(typedKind(input([null, 9]), [], settings)).toBeNull();
  expect(typedKind(input([null, 1], 'string'), [], settings)).toBe('text');
});
