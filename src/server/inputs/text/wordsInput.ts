import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { arrayInput } from '../arrays/arrayInput';
import { boundedCount } from '../inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from '../loadedInput';

/** How vocabularies name what stands for any unknown word, and what fills a sequence up. */
const UNKNOWN: readonly string[] = ['[UNK]', '<UNK>', '<unk>', '<OOV>', '<oov>', 'UNK'];
const PADDING: readonly string[] = ['', '[PAD]', '<PAD>', '<pad>'];

/**
 * Words, separated by white space, as the ids that a model takes: the place of each word in its vocabulary, as it is written or in lower
 * case, else that of the token for unknown words. A sequence that is too short is filled up behind, where the vocabulary has a token for that.
 *
 * @param name stands for the name of a file in messages
 * @throws Failure `bad-input` for a word that has no id, `wrong-shape` for another number of words than the input takes, `too-large`
 */
export function wordsInput(
  text: string,
  name: string,
  vocabulary: readonly string[],
  spec: InputSpec,
): Omit<LoadedInput, 'source'> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const length = spec.shape?.[1] ?? null;
  boundedCount([Math.max(words.length, length ?? 0)], spec.name);
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  const unknown = firstOf(UNKNOWN, ids);
  const found = words.map(
    (word) => ids.get(word) ?? ids.get(word.toLowerCase()) ?? unknown ?? noWord(word, spec),
  );
  const padding = firstOf(PADDING, ids);
  const missing = length === null ? 0 : length - words.length;
  if (words.length === 0 || missing < 0 || (missing > 0 && padding === undefined))
    return wrongCount(words.length, spec);
  const values = [...found, ...Array<number>(missing).fill(padding ?? 0)];
  const notices = words.flatMap((word, i) =>
    found[i] === unknown && ids.get(word) !== unknown ? [word] : [],
  );
  const array = {
    dtype: 'float32',
    shape: [1, values.length],
    values: Float32Array.from(values),
    rounded: false,
  };
  const loaded = arrayInput(array, name, spec, { name: 'none' });
  // Of an id that was edited, the word is that of the vocabulary.
  const names = [...loaded.values].map((id, i) =>
    id === values[i] ? (words[i] ?? '') : (vocabulary[id] ?? ''),
  );
  return {
    ...loaded,
    names: { kind: 'tokens', values: names },
    notices: [
      ...loaded.notices,
      ...(notices.length === 0
        ? []
        : [l10n.t('Not in the vocabulary, and read as an unknown word: {0}.', notices.join(', '))]),
    ],
  };
}

const firstOf = (words: readonly string[], ids: ReadonlyMap<string, number>): number | undefined =>
  words.map((word) => ids.get(word)).find((id) => id !== undefined);

const noWord = (word: string, { name }: InputSpec): never =>
  fail('bad-input', l10n.t('The word "{0}" is not in the vocabulary of input "{1}".', word, name), {
    remedy: l10n.t(
      'Type other words, or their ids. A vocabulary with "[UNK]" has an id for all other words.',
    ),
    subject: name,
  });

const wrongCount = (count: number, { name, shape }: InputSpec): never =>
  fail(
    'wrong-shape',
    count === 1
      ? l10n.t('One word was typed, and input "{0}" takes {1}.', name, shapeText(shape))
      : l10n.t('{0} words were typed, and input "{1}" takes {2}.', count, name, shapeText(shape)),
    {
      remedy: l10n.t(
        'Type as many words as the model takes. A vocabulary with "" or "[PAD]" fills up what is missing.',
      ),
      subject: name,
    },
  );
