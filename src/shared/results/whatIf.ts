import type { Prediction } from '../explanation';
import type { Preprocessing } from '../inputs';
import type { BackendName, WireTensor } from '../model';

/** What "what would change it?" removes of one input. */
export interface RemovedPart {
  /** Path and index of the model input. */
  readonly input: string;
  readonly inputIndex: number;
  /** Of this input; superpixels, tokens, columns or windows. */
  readonly groups: number;
  readonly removedGroups: number;
  /** uint8 of the shape of the input's positions ([h, w], [length], [columns], ...): 1 where the baseline stands. */
  readonly mask: WireTensor;
  /** The words, letters or columns that are removed, in their order, where they are known. */
  readonly names: readonly string[] | null;
}

/** The smallest set of groups found whose removal changes the prediction. */
export interface WhatWouldChange {
  /** The class whose prediction is to be changed, or, if it is not predicted, to be obtained. */
  readonly target: { readonly index: number; readonly label: string | null };
  /** `lose`: another class is to be predicted; `win`: this one. */
  readonly goal: 'lose' | 'win';
  /** Numbers of the removed groups over all inputs, in the order of their effect; the least harmful attempt if not `isFound`. */
  readonly groupsRemoved: readonly number[];
  readonly groups: number;
  /** Whether a set was found that changes the prediction. */
  readonly isFound: boolean;
  /** Whether one more run of the model, on this input alone, gave the changed prediction. */
  readonly isVerified: boolean;
  /** The strongest predictions, strongest first. */
  readonly before: readonly Prediction[];
  readonly after: readonly Prediction[];
  /** Of the inputs of which something is removed. */
  readonly removed: readonly RemovedPart[];
  /** Forward passes, in examples. */
  readonly passes: number;
  readonly backend: BackendName;
  readonly sentence: string;
  readonly notices: readonly string[];
}

/** One change of the input that should leave its meaning as it is. */
export interface Variation {
  readonly kind: 'preprocessing' | 'resizing' | 'mirrored' | 'shifted' | 'brightness';
  /** "preprocessing caffe", "shifted 4 pixels to the right". */
  readonly what: string;
  /** The preprocessing that makes this version, where it can be chosen. */
  readonly preprocessing?: Preprocessing;
  /** What is predicted then. */
  readonly prediction: Prediction;
  /** Probability, or value, of the class that was predicted before. */
  readonly value: number;
  /** Of `value` from that of the input as it is. */
  readonly difference: number;
  /** Whether another class is predicted. */
  readonly isOther: boolean;
}

export interface WasItTheInput {
  /** The prediction on the input as it is. */
  readonly prediction: Prediction;
  /** Whether `value` of the variations is a probability. */
  readonly hasProbabilities: boolean;
  /** Those with another prediction first, then by the size of the difference. */
  readonly variations: readonly Variation[];
  readonly passes: number;
  readonly backend: BackendName;
  readonly sentence: string;
  readonly notices: readonly string[];
}
