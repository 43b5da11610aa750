/** How an input is chosen and prepared; remembered per model and written to the sidecar file. */

export type PreprocessingName = 'none' | '0..1' | '-1..1' | 'caffe' | 'torch' | 'custom';

export interface Preprocessing {
  readonly name: PreprocessingName;
  /** For `custom`: (x - mean) / scale per channel, in the units of the file (0..255 for pictures). */
  readonly mean?: readonly number[];
  readonly scale?: readonly number[];
}

export const PREPROCESSINGS: readonly { name: PreprocessingName; label: string }[] = [
  { name: 'none', label: 'None: values as they are in the file' },
  { name: '0..1', label: '0..1: x / 255' },
  { name: '-1..1', label: '-1..1: x / 127.5 - 1 (Keras "tf")' },
  { name: 'caffe', label: 'caffe: BGR, mean subtracted (VGG, ResNet)' },
  { name: 'torch', label: 'torch: x / 255, then ImageNet mean and standard deviation' },
  { name: 'custom', label: 'Custom mean and scale' },
];

export type InputSource =
  | {
      readonly kind: 'file';
      readonly path: string /** Array name inside an .npz. */;
      readonly member?: string;
    }
  | { readonly kind: 'random'; readonly seed: number };

/** What a person sets for one model. Paths in the sidecar are relative to it. */
export interface ModelSettings {
  readonly preprocessing?: Preprocessing;
  /** Class names by index; for a single sigmoid two names, index 0 = class 0. */
  readonly labels?: readonly string[];
  /** One source for each model input. */
  readonly lastInputs?: readonly InputSource[];
}
