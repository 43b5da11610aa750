import { firstBadText } from '../../../shared/results/health';
import { firstBadOf } from '../health/firstBad';
import type { Check } from './patient';

/**
 * NaN or infinities. An infinity that no weight and no input is the cause of, and that no output shows, is a way to mask values, such as a
 * -∞ before a softmax.
 */
export const nonFiniteValues: Check = async ({ trace, nodes, start, output }) => {
  if (start === null) return null;
  const { node } = start;
  const hasNaN = nodes.some(({ pre, outputs }) =>
    [pre, ...outputs.map((one) => one?.stats)].some((stats) => stats && stats.nan > 0),
  );
  const isShown = trace.graph.outputs.some((ref) => (output(ref)?.stats.infinite ?? 0) > 0);
  const isLearned = (await trace.weights.of(node)).length > 0;
  if (!hasNaN && !isShown && !isLearned && node.inputs.length > 0) return null;
  return {
    kind: 'non-finite-values',
    layer: node.path,
    sentence: firstBadText(firstBadOf(start)),
  };
};
