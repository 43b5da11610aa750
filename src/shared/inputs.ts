import type { Checked, inputSource, modelSettings, preprocessing } from './schemas';

/** How inputs are chosen and preprocessed; remembered per model and written to the sidecar file. */

export type Preprocessing = Checked<typeof preprocessing>;
export type PreprocessingName = Preprocessing['name'];
export type InputSource = Checked<typeof inputSource>;
export type ModelSettings = Checked<typeof modelSettings>;

export const PREPROCESSINGS: readonly { name: PreprocessingName; label: string }[] = [
  { name: 'none', label: 'None: values as they are in the file' },
  { name: '0..1', label: '0..1: x / 255' },
  { name: '-1..1', label: '-1..1: x / 127.5 - 1 (Keras "tf")' },
  { name: 'caffe', label: 'caffe: BGR, mean subtracted (VGG, ResNet)' },
  { name: 'torch', label: 'torch: x / 255, then ImageNet mean and standard deviation' },
  { name: 'custom', label: 'Custom mean and scale' },
];
