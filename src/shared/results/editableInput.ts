import type { SaveFormat } from '../edits/saveFormats';
import type { Prediction } from '../explanation';
import type { InputNames } from '../inputs';
import type { WireTensor } from '../model';

/** An input as it is before it is edited, in the way in which it is edited. */
export type Editable =
  | {
      readonly kind: 'picture';
      /** uint8 [height, width, 1] for a model that takes greys, or [height, width, 3], at the size at which the model sees it. */
      readonly pixels: WireTensor;
    }
  | {
      readonly kind: 'values';
      /** float32, without the batch axis, channels last, before preprocessing. */
      readonly values: WireTensor;
      readonly names: InputNames | null;
      /** The input takes whole numbers. */
      readonly whole: boolean;
    }
  | { readonly kind: 'letters'; readonly letters: readonly string[] }
  | { readonly kind: 'text'; readonly strings: readonly string[] }
  /** Why it cannot be edited, as a sentence. */
  | { readonly kind: 'none'; readonly why: string };

export interface EditableInput {
  readonly editable: Editable;
  /** What is predicted without edits, strongest first. */
  readonly before: readonly Prediction[];
  /** What it can be saved as, the most natural one first. */
  readonly formats: readonly SaveFormat[];
}
