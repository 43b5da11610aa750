import type { WeightStatistics, WeightSummary } from '../../../shared/results/weights';
import type { StoredWeight } from '../../run/weights/storedWeights';
import { statsOf } from '../statistics';
import { inBlocks, NO_TICK, partOf, type Tick } from '../ticks';
import { filterLayout } from './filterLayout';
import { filterFindings } from './filters';

/** Stored types that are not numbers. */
const NOT_NUMBERS: ReadonlySet<string> = new Set(['unknown', 'string']);

export const isNumeric = ({ dtype }: { readonly dtype: string }): boolean => !NOT_NUMBERS.has(dtype);

export const summaryOf = ({ layer, className, name, shape, dtype }: StoredWeight): WeightSummary => ({
  path: layer,
  ...{ className, name, shape, dtype },
});

/** The statistics of one weight. @param values all of them, `null` for a weight that is not numbers */
export function statisticsOf(
  weight: StoredWeight,
  values: Float32Array | null,
  tick: Tick = NO_TICK,
): WeightStatistics {
  const summary = summaryOf(weight);
  if (values === null) return { ...summary, stats: null, norm: null, filters: null };
  const layout = filterLayout(summary);
  return {
    ...summary,
    stats: statsOf(values, weight.shape, partOf(tick, 0, 0.4)),
    norm: normOf(values, partOf(tick, 0.4, 0.5)),
    filters: layout === null ? null : filterFindings(values, layout, partOf(tick, 0.5, 1)),
  };
}

/** Of the finite values. */
function normOf(values: Float32Array, tick: Tick): number {
  let all = 0;
  inBlocks(values.length, 1, tick, (from, to) => {
    let squares = 0;
    for (let i = from; i < to; i++) {
      const value = values[i] ?? 0;
      if (Number.isFinite(value)) squares += value * value;
    }
    all += squares;
  });
  return Math.sqrt(all);
}
