import { expect, test } from 'vitest';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { typedInput } from '../../../src/server/inputs/text/typedInput';

const VOCABULARY = ['[PAD]', '[UNK]', 'good', 'film', 'a'];
const spec = (vocabulary: readonly string[] = VOCABULARY, length: number | null = 5): InputSpec => ({
  ...{ name: 'ids', shape: [null, length], dtype: 'int32', vocabulary },
});
const typed = (text: string, of: InputSpec = spec()) => typedInput(text, of, { name: 'none' });

test('words become their ids, as they are written or in lower case, and the rest is padding', () => {
  const found = typed(' A good\nfilm');
  expect([...found.values]).toEqual([4, 2, 3, 0, 0]);
  expect(found.shape).toEqual([1, 5]);
  expect(found.names).toEqual({ kind: 'tokens', values: ['A', 'good', 'film', '', ''] });
  expect(found.notices).toEqual([]);
});

test('a word that is not in the vocabulary is the unknown one, with a notice', () => {
  const found = typed('a bad film', spec(VOCABULARY, null));
  expect([...found.values]).toEqual([4, 1, 3]);
  expect(found.notices).toEqual(['Not in the vocabulary, and read as an unknown word: bad.']);
});

test('without an unknown token the word is named', () => {
  const without = spec(['', 'good', 'film']);
  expect(() => typed('good bad', without)).toThrow('The word "bad" is not in the vocabulary of input "ids".');
});

test('too many words are refused, and too few where nothing fills up', () => {
  expect(() => typed('a a a a a a')).toThrow('6 words were typed, and input "ids" takes (None, 5).');
  expect(() => typed('good', spec(['[UNK]', 'good']))).toThrow('One word was typed');
  expect(() => typed('   ')).toThrow();
});

test('an id that is edited has the word of the vocabulary', () => {
  const edited = { ...spec(), edits: [{ kind: 'values', at: [1], to: [3] }] } as const;
  const found = typed('a good film', edited);
  expect([...found.values]).toEqual([4, 3, 3, 0, 0]);
  expect(found.names?.values).toEqual(['a', 'film', 'film', '', '']);
});

test('ids can still be typed', () => {
  expect([...typed('4, 2, 3, 0, 0').values]).toEqual([4, 2, 3, 0, 0]);
});
