import { expect, test } from 'vitest';
import { growingProgress } from '../../../src/cli/mcp/progress';

test('progress only grows, from one step to the next, and not too often', () => {
  let clock = 0;
  const sent: [number, string][] = [];
  const report = growingProgress(
    (progress, message) => sent.push([progress, message]),
    () => clock,
  );
  const at = (time: number, fraction: number, message: string) => {
    clock = time;
    report(fraction, message);
  };
  at(0, 0.5, 'Reading');
  at(100, 0.9, 'Reading');
  at(300, 0.2, 'Running');
  at(600, 0.1, 'Running');
  at(900, 0.6, 'Running');
  at(1200, 0.1, 'Explaining');
  expect(sent).toEqual([
    [0.5, 'Reading'],
    [1.2, 'Running'],
    [1.6, 'Running'],
    [2.1, 'Explaining'],
  ]);
});
