import type { Histogram, TensorStats } from '../../../shared/model';
import type { HealthRow, ModelHealth } from '../../../shared/results/health';
import type { Control } from '../../run/control';
import type { Trace } from '../../run/trace';
import { type ExaminedNode, examine } from './examine';
import { firstBadOf, nonFiniteStart } from './firstBad';

/** The statistics of all layers of a model for one input, before and after their activations. @throws Failure `cancelled` */
export async function modelHealth(trace: Trace, control: Control): Promise<ModelHealth> {
  const examined = await examine(trace, control);
  const start = await nonFiniteStart(trace, examined);
  return {
    backend: trace.runtime.status.name,
    layers: examined.flatMap(rowsOf),
    firstBad: start && firstBadOf(start),
    unknown: [...trace.graph.nodes.values()].flatMap(({ path, unknownBecause }) =>
      trace.values.has(path) ? [] : [{ path, because: unknownBecause ?? path }],
    ),
  };
}

function rowsOf({ node, pre, outputs, deadChannels, saturated }: ExaminedNode): HealthRow[] {
  const { path, className } = node;
  const row = (stage: HealthRow['stage'], output: number, stats: TensorStats): HealthRow => {
    const isAfter = stage === 'post' && output === 0;
    const { shape, min, max, mean, std, negative, zero, nan, infinite } = stats;
    return {
      ...{ path, className, stage, output, shape, min, max, mean, std, negative, zero, nan, inf: infinite },
      deadChannels: isAfter ? deadChannels : null,
      channels: isAfter && deadChannels !== null ? (outputs[0]?.channelCount ?? null) : null,
      saturated: isAfter ? saturated : null,
      histogram: halved(stats.histogram),
    };
  };
  return [
    ...(pre === null ? [] : [row('pre', 0, pre)]),
    ...outputs.flatMap((output, i) => (output === null ? [] : [row('post', i, output.stats)])),
  ];
}

/** A sparkline shows half of the bins. */
function halved({ min, max, counts }: Histogram): Histogram {
  const pairs = Array.from({ length: Math.ceil(counts.length / 2) }, (_, i) => 2 * i);
  return { min, max, counts: pairs.map((i) => (counts[i] ?? 0) + (counts[i + 1] ?? 0)) };
}
