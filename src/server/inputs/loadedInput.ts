import * as l10n from '@vscode/l10n';
import type { InputEdit } from '../../shared/edits/inputEdit';
import type { InputNames, InputSource } from '../../shared/inputs';
import { kerasShape } from '../../shared/kerasShape';
import type { MaybeShape } from '../../shared/model';

/** A model's declaration of one of its inputs. */
export interface InputSpec {
  readonly name: string;
  /** Batch axis first; `null` in it is free, `null` instead of it is any rank. */
  readonly shape: MaybeShape;
  readonly dtype: string;
  /** Images are [batch, channels, height, width] for this model. */
  readonly channelsFirst?: boolean;
  /** Use all samples of arrays; otherwise the first one is used, and a notice says so. */
  readonly wholeBatch?: boolean;
  /** Index of the sample of an array that is used; without it the first one, with a notice where there are others. */
  readonly sample?: number;
  /** The letters of the model's sequences, in the order of their channels or ids, from the settings beside the model. */
  readonly alphabet?: string;
  /** The words of the model's token ids, in the order of the ids, from the settings beside the model. */
  readonly vocabulary?: readonly string[];
  /** The names of the values of a table's row, in the model's order, from the settings beside the model. */
  readonly columns?: readonly string[];
  /** What the user changed of it. */
  readonly edits?: readonly InputEdit[];
}

/** An image at the size at which the model sees it. */
export interface DisplayImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], 0..255, before preprocessing. */
  readonly rgb: Uint8Array;
}

export interface LoadedInput {
  /** Row-major, preprocessed, ready for the model. Empty where the model takes strings. */
  readonly values: Float32Array;
  /** Row-major, for a model that takes strings. */
  readonly strings?: readonly string[];
  /** With a batch axis, of size 1 unless the whole batch was requested. */
  readonly shape: number[];
  /** `null` when the input is not an image. */
  readonly image: DisplayImage | null;
  /** Where they are known; of a batch, those of the first sample. */
  readonly names?: InputNames;
  readonly source: InputSource;
  /** Sentences about choices that a user should know. */
  readonly notices: string[];
}

export const isInteger = (dtype: string): boolean => /^u?int\d+$/.test(dtype);

/** `(None, 28, 28, 1)`, as Keras writes shapes. */
export function shapeText(shape: MaybeShape): string {
  return kerasShape(shape, l10n.t('(any shape)'));
}
