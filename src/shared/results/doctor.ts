import type { Preprocessing } from '../inputs';

/** What the doctor may find, the gravest first. */
export const DOCTOR_KINDS = [
  'non-finite-values',
  'non-finite-weights',
  'scaled-twice',
  'batch-normalization',
  'exploding',
  'vanishing',
  'constant',
  'dead',
  'saturated',
  'unused',
] as const;
export type DoctorKind = (typeof DOCTOR_KINDS)[number];

/** What is wrong with a model for one input, in one sentence. */
export interface DoctorFinding {
  readonly kind: DoctorKind;
  /** Path of the layer that the sentence is about. */
  readonly layer: string;
  readonly sentence: string;
  /** What may mend it: another preprocessing of the same input. */
  readonly action?: { readonly label: string; readonly preprocessing: Preprocessing };
}
