import { describe, expect, test } from 'vitest';
import { PredictionChange } from '../../../src/extension/panels/predictionChange';
import type { Explanation } from '../../../src/shared/explanation';

type Said = Pick<Explanation, 'predictions' | 'notices'>;

const explanation = (index: number, label: string | null = null): Said => ({
  predictions: [
    { index, label, logit: 1, probability: null },
    { index: index + 1, label: null, logit: 0, probability: null },
  ],
  notices: ['of the server'],
});
const noticesOf = (change: PredictionChange, model: string, question: string, of: Said) =>
  change.withNotice(model, question, of).notices;

describe('a model file that changes under a page', () => {
  test('and predicts another class says so, also after another reading, until it predicts yet another', () => {
    const change = new PredictionChange();
    expect(noticesOf(change, 'model-1', 'cat.png', explanation(0, 'cat'))).toEqual(['of the server']);
    const said = 'The model file changed: the predicted class was 0 (cat), now it is 1 (dog).';
    expect(noticesOf(change, 'model-2', 'cat.png', explanation(1, 'dog'))).toEqual([said, 'of the server']);
    expect(noticesOf(change, 'model-2', 'cat.png', explanation(1, 'dog'))).toEqual([said, 'of the server']);
    expect(noticesOf(change, 'model-3', 'cat.png', explanation(1, 'dog'))).toEqual([said, 'of the server']);
    expect(noticesOf(change, 'model-4', 'cat.png', explanation(2))[0]).toBe(
      'The model file changed: the predicted class was 1 (dog), now it is 2.',
    );
  });

  test('says nothing of another input, or of the same prediction', () => {
    const change = new PredictionChange();
    noticesOf(change, 'model-1', 'cat.png', explanation(0));
    expect(noticesOf(change, 'model-2', 'dog.png', explanation(1))).toEqual(['of the server']);
    expect(noticesOf(change, 'model-3', 'dog.png', explanation(1))).toEqual(['of the server']);
    expect(noticesOf(change, 'model-3', 'cat.png', explanation(0))).toEqual(['of the server']);
  });
});
