import type { Machine } from '../machine';
import type { Layer } from '../values';

const AUGMENTATIONS = [
  'RandomShear',
  'RandomTranslation',
  'RandomRotation',
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomContrast',
  'RandomSharpness',
  'Solarization',
  'RandomPosterization',
  'AutoContrast',
  'Equalization',
];

/** What Keras makes inside a layer when the program makes it, and what it makes in its first call. All of it takes names. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  TextVectorization: ['StringLookup'],
  RandAugment: AUGMENTATIONS,
  AugMix: AUGMENTATIONS,
};
const CALLED: Readonly<Record<string, readonly string[]>> = {
  MultiHeadAttention: ['Softmax', 'Dropout'],
  GroupQueryAttention: ['Softmax', 'Dropout'],
  Masking: ['NotEqual', 'Any'],
};

export function nameMade(machine: Machine, className: string): void {
  for (const inner of MADE[className] ?? []) machine.autoName(inner);
}

/** @param isKnown whether it is known that the layer is called for the first time. */
export function nameCalled(machine: Machine, { className }: Layer, isKnown: boolean): void {
  for (const inner of CALLED[className] ?? []) {
    if (isKnown) machine.autoName(inner);
    else machine.loseName(inner);
  }
}
