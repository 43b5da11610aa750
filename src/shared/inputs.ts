import * as l10n from '@vscode/l10n';
import type { Checked, inputSource, modelSettings, preprocessing } from './schemas';

/** How inputs are chosen and preprocessed; remembered per model and written to the sidecar file. */

export type Preprocessing = Checked<typeof preprocessing>;
export type PreprocessingName = Preprocessing['name'];
export type InputSource = Checked<typeof inputSource>;
export type ModelSettings = Checked<typeof modelSettings>;

/** The same way to resize, with the pixels as they are. */
export const unscaled = ({ resize }: Preprocessing): Preprocessing => ({
  name: 'none',
  ...(resize && { resize }),
});

/** The preprocessing of a model for which nobody has chosen one. */
export interface PreprocessingGuess {
  readonly name: PreprocessingName;
  /** Why it is probably this one, as the end of a sentence. */
  readonly why: string;
}

/** What the values of an input are called, in their order. */
export interface InputNames {
  /** Letters per position of a sequence, columns of a table's row, or the words that a model splits its text into. */
  readonly kind: 'letters' | 'columns' | 'tokens';
  /** Empty for a position without a letter, and for padding behind the words. */
  readonly values: readonly string[];
}

export const PREPROCESSINGS: readonly { name: PreprocessingName; label: string }[] = [
  { name: 'none', label: l10n.t('None: values as they are in the file') },
  { name: '0..1', label: '0..1: x / 255' },
  { name: '-1..1', label: l10n.t('-1..1: x / 127.5 - 1 (Keras "tf")') },
  { name: 'caffe', label: l10n.t('caffe: BGR, mean subtracted (VGG, ResNet)') },
  { name: 'torch', label: l10n.t('torch: x / 255, then ImageNet mean and standard deviation') },
  { name: 'custom', label: l10n.t('Custom mean and scale') },
];
