import { expect, test } from 'vitest';
import type { Scores } from '../../../src/server/explain/score';
import { chooseTarget } from '../../../src/server/explain/target';

test('a target is averaged over millions of positions without a list of them', () => {
  const positions = 6_000_000;
  const logits = new Float32Array(3 * positions).map((_, i) => (i % 3 === 1 ? 2 : 1));
  const ref = { node: 'map', output: 0 };
  const scores: Scores = {
    source: { output: ref, ref, passThrough: [] },
    layout: { classes: 3, positions, grid: [2000, 3000], channelsFirst: false },
    ...{ logits, probabilities: null, isSoftmax: false, values: logits, binary: false, hasLogit: false },
  };
  const before = process.memoryUsage().heapUsed;
  const { target, score } = chooseTarget(scores, { index: 'auto' }, []);
  const gradient = score.gradient(logits);
  const taken = process.memoryUsage().heapUsed - before;
  expect(target).toMatchObject({ index: 1, positions: { count: positions, total: positions } });
  expect(target.value).toBeCloseTo(2, 6);
  expect(gradient.subarray(0, 4)).toEqual(new Float32Array([0, 1 / positions, 0, 0]));
  // A list of the positions alone would take eight bytes for each.
  expect(taken).toBeLessThan(4 * positions);
});
