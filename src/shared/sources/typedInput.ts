import * as l10n from '@vscode/l10n';
import type { LayerRow, NamedTensor } from '../model';

/** Characters of a text that is typed as an input: it is stored with the page and the settings. A longer text is a file. */
export const MAX_TYPED_CHARACTERS = 20_000;

/** What is typed for an input: a text, the letters of a sequence, the words of a vocabulary, or token ids. */
export type TypedKind = 'text' | 'letters' | 'words' | 'numbers';

/** Of the settings beside a model. */
interface TypedSettings {
  readonly alphabet?: string | undefined;
  readonly vocabulary?: readonly string[] | undefined;
}

/**
 * What can be typed for an input; `null` where typing is not a natural way to give it.
 *
 * @param settings those beside the model: the letters of its sequences, or the words of its ids
 */
export function typedKind(
  input: NamedTensor,
  layers: readonly LayerRow[],
  { alphabet, vocabulary }: TypedSettings,
): TypedKind | null {
  if (input.dtype === 'string') return 'text';
  const sizes = input.shape?.slice(1) ?? [];
  const letters = [...(alphabet ?? '')].length;
  if (letters > 0 && sizes.length === 2 && sizes.includes(letters)) return 'letters';
  if (sizes.length !== 1 || !takesIds(input, layers)) return null;
  if (letters > 0) return 'letters';
  return vocabulary === undefined ? 'numbers' : 'words';
}

/** Whether the values are indices: whole numbers, or floats that an embedding looks up. */
const takesIds = ({ name, dtype }: NamedTensor, layers: readonly LayerRow[]): boolean =>
  /^u?int/.test(dtype) ||
  layers.some(({ className, inbound }) => className === 'Embedding' && inbound.includes(name));

/** Why a text is refused; `null` where it is short enough. */
export const tooLongText = (text: string): string | null =>
  text.length > MAX_TYPED_CHARACTERS
    ? l10n.t('The text has {0} characters; at most {1} can be typed.', text.length, MAX_TYPED_CHARACTERS)
    : null;

export const SAVE_TEXT = l10n.t('Save it as a .txt file and choose that.');
