import { expect, test } from 'vitest';
import { groupMask, spread } from '../../../../src/server/explain/perturbation/groups';
import {
  lossUnder,
  occlusionMasks,
  occlusionWindows,
  windowCount,
} from '../../../../src/server/explain/perturbation/occlusion';
import { captumModel, scoresOf, sum } from '../smallModels';

const INPUT = [20, 50, 30];

interface Case {
  readonly window: number;
  readonly stride: number;
  readonly baseline: number;
  readonly expected: readonly number[];
}

// Captum, tests/attr/test_occlusion.py
test.each<Case>([
  { window: 1, stride: 1, baseline: 0, expected: [80, 200, 120] },
  { window: 2, stride: 1, baseline: 10, expected: [200, 220, 240] },
  { window: 2, stride: 2, baseline: 0, expected: [280, 280, 120] },
])('window $window, stride $stride, baseline $baseline, as Captum', async (settings) => {
  const boxes = occlusionWindows([3], [settings.window], [settings.stride]);
  const scores = scoresOf(
    captumModel,
    INPUT,
    INPUT.map(() => settings.baseline),
  );
  const occluded = await scores(occlusionMasks([3], boxes));
  expect([...lossUnder([3], boxes, captumModel(INPUT), occluded)]).toEqual(settings.expected);
});

// PAIR, saliency/core/occlusion_test.py, with overlaps averaged
test('overlapping windows of an image are averaged', async () => {
  const image = Array.from({ length: 25 }, (_, i) => (i === 6 || i === 18 ? 1 : 0));
  const score = (values: ArrayLike<number>): number => 3 * sum(values);
  const boxes = occlusionWindows([5, 5], [3, 3], [1, 1]);
  const occluded = await scoresOf(score, image)(occlusionMasks([5, 5], boxes));
  const expected = [
    [3, 3, 2, 1.5, 0],
    [3, 3.75, 3, 3, 1.5],
    [2, 3, 2.6667, 3, 2],
    [1.5, 3, 3, 3.75, 3],
    [0, 1.5, 2, 3, 3],
  ].flat();
  expect([...lossUnder([5, 5], boxes, score(image), occluded)]).toEqual(
    expected.map((value) => expect.closeTo(value, 4)),
  );
});

// Xplique, tests/attributions/test_occlusion.py
test('the loss is the score minus the occluded score', () => {
  const boxes = occlusionWindows([4], [1], [1]);
  expect([...lossUnder([4], boxes, 1, [1, 0, 10, -1])]).toEqual([0, 1, -9, 2]);
});

test('the last window is kept and cut off, and the count says so beforehand', () => {
  expect(occlusionWindows([5], [2], [2])).toEqual([[[0, 2]], [[2, 4]], [[4, 5]]]);
  // A step over the end of the axis starts no window there.
  expect(occlusionWindows([5], [2], [9])).toEqual([[[0, 2]]]);
  expect(windowCount([5], [2], [9])).toBe(1);
  expect(occlusionWindows([3, 2], [2, 9], [2, 2])).toEqual([
    [
      [0, 2],
      [0, 2],
    ],
    [
      [2, 3],
      [0, 2],
    ],
  ]);
  for (const [shape, window, stride] of [
    [
      [224, 224],
      [16, 16],
      [8, 8],
    ],
    [[5], [2], [2]],
    [
      [4, 5, 6],
      [2, 2, 2],
      [3, 1, 2],
    ],
  ] as const) {
    expect(windowCount(shape, window, stride)).toBe(occlusionWindows(shape, window, stride).length);
  }
});

test('a cell that no window covers is 0', () => {
  const boxes = occlusionWindows([5], [1], [2]);
  expect([...lossUnder([5], boxes, 1, [0, 0, 0])]).toEqual([1, 0, 1, 0, 1]);
});

// Captum, tests/attr/test_feature_ablation.py
test.each([
  [
    [0, 1, 2],
    [80, 200, 120],
  ],
  [
    [0, 0, 1],
    [280, 280, 120],
  ],
])('ablation of the groups %j, as Captum', async (of, expected) => {
  const groups = { count: Math.max(...of) + 1, of: Int32Array.from(of) };
  const scores = await scoresOf(
    captumModel,
    INPUT,
  )({ count: groups.count, at: (removed) => groupMask(groups, (group) => group !== removed) });
  expect([
    ...spread(
      groups,
      scores.map((score) => captumModel(INPUT) - score),
    ),
  ]).toEqual(expected);
});
