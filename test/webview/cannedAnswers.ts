import type { Trust } from '../../src/shared/results/trust';
import type { Variation, WasItTheInput, WhatWouldChange } from '../../src/shared/results/whatIf';
import { bytes } from './canned';

/** Answers to the questions about the canned explanations. */

export const believed: Trust = {
  verdict: 'believe',
  reasons: [
    'The positions that it marks matter more to the score than those of random maps of the same values: insertion 0.874 against 0.612, deletion 0.203 against 0.581.',
    'It depends on the weights: a model with redrawn ones gives another map (rank correlation 0.07).',
    'Noise of 2 % of the range of the input changes it by 18 %.',
  ],
  notes: [
    'What is taken from the input is blurred; random maps have the values of this one in shuffled blocks.',
    'A single sigmoid has one score, so the map of the other class says nothing new.',
    'The values of this method are not meant to add up to the score.',
  ],
  insertionAuc: 0.8741,
  deletionAuc: 0.2032,
  randomInsertionAuc: 0.6122,
  randomDeletionAuc: 0.5811,
  randomisation: 0.07,
  randomisationStages: [
    { layers: 1, correlation: 0.41 },
    { layers: 8, correlation: 0.12 },
    { layers: 16, correlation: 0.07 },
  ],
  otherClass: null,
  sensitivity: 0.1812,
  certainty: 0.98,
  steadiness: 0.95,
  completeness: null,
};

export const doubted: Trust = {
  ...believed,
  verdict: 'doubt',
  reasons: [
    'The positions that it marks matter no more to the score than those of random maps of the same values (better than 4 of 9).',
  ],
};

export const noEvidence: Trust = {
  verdict: 'no-evidence',
  reasons: ['The map is the same everywhere: it marks nothing.'],
  notes: [],
  insertionAuc: null,
  deletionAuc: null,
  randomInsertionAuc: null,
  randomDeletionAuc: null,
  randomisation: null,
  randomisationStages: [],
  otherClass: null,
  sensitivity: null,
  certainty: null,
  steadiness: null,
  completeness: null,
};

const cat = { index: 0, label: 'cat', logit: 16.3, probability: 1 };
const dog = { index: 1, label: 'dog', logit: 0.83, probability: 0.6963 };

const variation = (change: Partial<Variation>): Variation => ({
  kind: 'shifted',
  what: 'shifted 2 pixels to the left',
  prediction: cat,
  value: 0.99,
  difference: -0.01,
  isOther: false,
  ...change,
});

export const versions: WasItTheInput = {
  prediction: cat,
  hasProbabilities: true,
  variations: [
    variation({
      kind: 'preprocessing',
      what: 'preprocessing caffe',
      preprocessing: { name: 'caffe' },
      prediction: dog,
      value: 0.3037,
      difference: -0.6963,
      isOther: true,
    }),
    variation({ kind: 'mirrored', what: 'mirrored', value: 0.9312, difference: -0.0688 }),
    variation({ kind: 'brightness', what: '10 % brighter', value: 0.9971, difference: -0.0029 }),
    variation({}),
  ],
  passes: 5,
  backend: 'wasm',
  sentence: '1 of 4 versions of the input gives another prediction than class 0 (cat), p = 1 - 8.3e-8.',
  notices: ['Input "time" stays as given.'],
};

/** The upper left quarter of the canned image, without its first row and column of pixels. */
export const isRemoved = (x: number, y: number): boolean => x >= 1 && x < 32 && y >= 1 && y < 32;

export const change: WhatWouldChange = {
  target: { index: 0, label: 'cat' },
  goal: 'lose',
  groupsRemoved: [4, 9, 2],
  groups: 50,
  isFound: true,
  isVerified: true,
  before: [cat, { ...dog, logit: -16.3, probability: 8.337e-8 }],
  after: [dog, { ...cat, logit: -0.83, probability: 0.3037 }],
  removed: [
    {
      input: 'image',
      inputIndex: 0,
      groups: 50,
      removedGroups: 3,
      mask: bytes([64, 64], (i) => Number(isRemoved(i % 64, Math.floor(i / 64)))),
      names: null,
    },
  ],
  passes: 187,
  backend: 'wasm',
  sentence:
    'Without 3 of 50 groups, the prediction changes from class 0 (cat), p = 1 - 8.3e-8, to class 1 (dog), p = 0.6963.',
  notices: ['Removed is what the baseline "zero" stands for; another baseline may give another answer.'],
};
