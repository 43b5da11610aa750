import { describe, expect, it } from 'vitest';
import { referenceOf, wrongTurnOf } from '../../../src/shared/checkpoints/wrongTurn';
import { changeText, namesOf, reasonText } from '../../../src/shared/checkpoints/wrongTurnText';
import type { EpochReport } from '../../../src/shared/results/checkpoints';

interface Epoch {
  readonly predicted?: number | null;
  /** Of 8 channels. */
  readonly dead?: number;
  readonly nan?: number;
  readonly nonFiniteWeights?: number;
}

const report = ({ predicted = 0, dead = 0, nan = 0, nonFiniteWeights = 0 }: Epoch): EpochReport => ({
  backend: 'cpu',
  predictions: [],
  scores: { shape: [0], dtype: 'float32', data: '' },
  isProbability: true,
  map: null,
  mapProblem: null,
  layers: [
    { path: 'conv', dead, channels: 8, saturated: null, nan, inf: 0 },
    { path: 'dense', dead: null, channels: null, saturated: null, nan: 0, inf: 0 },
  ],
  firstBad: nan > 0 ? { path: 'conv', why: 'NaN: weight kernel' } : null,
  weights: [{ layer: 'conv', norm: 1, nonFinite: nonFiniteWeights }],
  predicted,
});
const epochs = (...all: readonly (Epoch | null)[]) => all.map((one) => one && report(one));
const right = { index: 0, from: 'label' } as const;
const predictions = (...classes: readonly (number | null)[]) =>
  epochs(...classes.map((predicted) => ({ predicted })));

describe('the class that counts as right', () => {
  it('is the label where it is known', () => {
    expect(referenceOf(predictions(1, 1), 3)).toEqual({ index: 3, from: 'label' });
  });
  it('is else what most epochs predict; of equally many what is predicted last', () => {
    expect(referenceOf(predictions(2, 1, 1, 0, null, null, null), null)).toEqual({
      index: 1,
      from: 'majority',
    });
    expect(referenceOf(predictions(1, 2, 2, 1), null)?.index).toBe(1);
    expect(referenceOf(predictions(1, 1, 2, 2), null)?.index).toBe(2);
  });
  it('is none where nothing is predicted', () => {
    expect(referenceOf([...predictions(null), null], null)).toBeNull();
  });
});

describe('the first wrong turn', () => {
  it('is none in a training that learns', () => {
    expect(wrongTurnOf(predictions(2, 1, 0, 0), right)).toBeNull();
    expect(wrongTurnOf([], right)).toBeNull();
  });
  it('is the epoch after which another class than the right one is predicted for good', () => {
    expect(wrongTurnOf(predictions(1, 0, 0, 2, 1), right)).toEqual({
      index: 3,
      reasons: [{ kind: 'prediction', from: 0, to: 2 }],
    });
  });
  it('is not a prediction that becomes right again, but the last time that it does not', () => {
    expect(wrongTurnOf(predictions(0, 1, 0, 0), right)).toBeNull();
    expect(wrongTurnOf(predictions(0, 1, 0, 1), right)?.index).toBe(3);
  });
  it('is not a prediction that never was right', () => {
    expect(wrongTurnOf(predictions(1, 2, 1), right)).toBeNull();
  });
  it('is the first epoch with NaN or infinities that stay, be it the first one', () => {
    expect(wrongTurnOf(epochs({}, { nan: 3 }, { nan: 1 }), right)).toEqual({
      index: 1,
      reasons: [{ kind: 'non-finite', layer: 'conv' }],
    });
    expect(wrongTurnOf(epochs({ nonFiniteWeights: 1 }, { nonFiniteWeights: 1 }), right)).toEqual({
      index: 0,
      reasons: [{ kind: 'non-finite', layer: null }],
    });
    expect(wrongTurnOf(epochs({ nan: 1 }, {}), right)).toBeNull();
  });
  it('is a jump of the share of dead channels by a quarter that stays', () => {
    expect(wrongTurnOf(epochs({ dead: 1 }, { dead: 3 }, { dead: 4 }), right)).toEqual({
      index: 1,
      reasons: [{ kind: 'dead', before: 1, after: 3, channels: 8 }],
    });
    expect(wrongTurnOf(epochs({ dead: 1 }, { dead: 2 }, { dead: 3 }, { dead: 4 }), right)).toBeNull();
    expect(wrongTurnOf(epochs({ dead: 1 }, { dead: 6 }, { dead: 2 }), right)).toBeNull();
  });
  it('has all reasons of its epoch, the gravest first', () => {
    const turn = wrongTurnOf(epochs({}, { nan: 1, dead: 8, predicted: null }), right);
    expect(turn?.reasons.map(({ kind }) => kind)).toEqual(['non-finite', 'dead', 'prediction']);
  });
  it('is the earliest of several', () => {
    expect(wrongTurnOf(epochs({}, { dead: 5 }, { dead: 5, predicted: 1 }), right)?.index).toBe(1);
  });
  it('passes over epochs that could not be computed', () => {
    expect(wrongTurnOf(epochs({}, null, { predicted: 1 }, null), right)?.index).toBe(2);
  });
});

describe('texts', () => {
  it('name the file, the reasons and the classes', () => {
    const reasons = [
      { kind: 'non-finite', layer: 'conv' },
      { kind: 'dead', before: 1, after: 14, channels: 14 },
      { kind: 'prediction', from: 0, to: 2 },
      { kind: 'prediction', from: 0, to: null },
      { kind: 'non-finite', layer: null },
    ] as const;
    const nameOf = namesOf(['cat', '', 'dog']);
    expect(reasons.map((reason) => reasonText(reason, nameOf))).toEqual([
      'From here on, values are NaN or infinite, first in conv.',
      'From here on, 14 of 14 channels are dead, 1 before.',
      'From here on, class 0 (cat) is not predicted any more, but 2 (dog).',
      'From here on, class 0 (cat) is not predicted any more: the scores are NaN.',
      'From here on, weights are NaN or infinite.',
    ]);
  });
  it('write a change of a norm as people say it', () => {
    expect([null, 0, -1e-9, 0.12, -0.5, 1116].map(changeText)).toEqual([
      '',
      '0 %',
      '0 %',
      '+12 %',
      '-50 %',
      '× 1117',
    ]);
  });
});
