import { expect, test } from 'vitest';
import { dropAndIncrease, highlightMask } from '../../../../src/server/explain/measures/averageDrop';
import { deletionCurve, insertionCurve } from '../../../../src/server/explain/measures/deletion';
import { scoresOf, sum } from '../smallModels';

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

// torch-cam, tests/test_metrics.py
const INPUT = [0.4, 0.3, 0.2, 0.1];

test('deletion and insertion of an input that is its own map, as torch-cam', async () => {
  const request = { map: INPUT, steps: 2, scores: scoresOf(sum, INPUT) };
  const deletion = await deletionCurve(request);
  const insertion = await insertionCurve(request);
  expect([...deletion.fractions]).toEqual([0, 0.5, 1]);
  expect([...deletion.scores]).toEqual(close([1, 0.3, 0]));
  expect([...insertion.scores]).toEqual(close([0, 0.7, 1]));
  expect([deletion.auc, insertion.auc]).toEqual(close([0.4, 0.6]));
});

test('an uneven last step counts by its width', async () => {
  const input = [0.3, 0.25, 0.2, 0.15, 0.1];
  const request = { map: input, steps: 3, scores: scoresOf(sum, input) };
  const deletion = await deletionCurve(request);
  expect([...deletion.fractions]).toEqual([0, 0.4, 0.8, 1]);
  expect([deletion.auc, (await insertionCurve(request)).auc]).toEqual(close([0.41, 0.59]));
});

// Xplique, tests/metrics/test_fidelity.py
test('a perfect map of one decisive pixel', async () => {
  const map = Float32Array.from({ length: 256 }, (_, i) => (i === 77 ? 1 : -i));
  const scores = scoresOf(
    (input) => input[77] ?? 0,
    Array.from({ length: 256 }, () => 1),
  );
  const request = { map, steps: 256, scores };
  expect(Math.abs((await deletionCurve(request)).auc)).toBeLessThan(0.01);
  expect(Math.abs((await insertionCurve(request)).auc - 1)).toBeLessThan(0.01);
});

test('NaN in a map comes last, ties come in order of place', async () => {
  const seen: number[][] = [];
  await deletionCurve({
    map: [Number.NaN, 1, 1, 2],
    steps: 4,
    scores: async (masks) => {
      for (let i = 0; i < masks.count; i++) seen.push([...masks.at(i)]);
      return new Float64Array(masks.count);
    },
  });
  expect(seen).toEqual([
    [1, 1, 1, 1],
    [1, 1, 1, 0],
    [1, 0, 1, 0],
    [1, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test('average drop and increase, as torch-cam', async () => {
  const kept = await scoresOf(sum, INPUT)({ count: 1, at: () => highlightMask([1, 0, 0, 0]) });
  const { averageDrop, increase } = dropAndIncrease([sum(INPUT)], kept);
  expect([averageDrop, increase]).toEqual(close([0.6, 0]));
});

test('a rise is an increase and no drop, over several inputs', () => {
  expect(dropAndIncrease([1, 0.5, 0, 0.5], [0.5, 1, 0, 0.5])).toEqual({ averageDrop: 0.125, increase: 0.25 });
});

test('what a map highlights is scaled to 0..1', () => {
  expect([...highlightMask([-2, 0, 2])]).toEqual([0, 0.5, 1]);
  expect([...highlightMask([3, 3])]).toEqual([1, 1]);
});
