import * as l10n from '@vscode/l10n';
import type { TensorRef } from '../../../graph/graph';
import { baselineAt } from '../../baseline';
import { completenessError, incompleteNotice } from '../../completeness';
import { inputValue, type Method, type MethodContext, numberOption, type RawMap } from '../../method';

/** Of the score's change: a larger error takes twice as many steps. */
const MAX_ERROR = 0.01;
const MAX_STEPS = 1600;

/**
 * Integrated gradients: (x - baseline) times the mean gradient on the straight path from the baseline to x, all inputs together, by
 * the trapezoidal rule. The steps are doubled until the values add up to the change of the score, to 1 %. Raw map of the input's
 * shape, channels included; with `at=layer` x and the baseline are the layer's values for both, and the map has their shape.
 * Sundararajan et al., "Axiomatic Attribution for Deep Networks", ICML 2017; Dhamdhere et al., "How Important Is a Neuron?", ICLR 2019.
 */
export const integratedGradients: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('The score does not change on the way from the baseline to this input.'),
  cost(ctx) {
    const points = numberOption(ctx, 'steps') + 1;
    return { forward: points, backward: points };
  },
  async attribute(ctx) {
    const path = await pathTo(ctx);
    let steps = numberOption(ctx, 'steps');
    let scoreBefore = Number.NaN;
    // The ends of the path count half.
    const add = (points: number, at: (index: number) => number): Promise<Float64Array> =>
      path.add(points, at, (t) => (t === 0 || t === 1 ? 0.5 : 1));
    [scoreBefore = scoreBefore] = await add(steps + 1, (i) => i / steps);
    for (;;) {
      const maps = path.maps(steps);
      const completeness = completenessError(
        maps.map(({ values }) => values),
        ctx.score - scoreBefore,
      );
      if (completeness < MAX_ERROR) return { maps, completeness };
      if (2 * steps > MAX_STEPS || !Number.isFinite(completeness)) {
        const remedy = l10n.t('{0} steps were made; another baseline may need fewer.', steps);
        return { maps, completeness, notices: [incompleteNotice(completeness, remedy)] };
      }
      const before = steps;
      steps *= 2;
      await add(before, (i) => (2 * i + 1) / steps);
    }
  },
};

/** One value that moves along the path, and the weighted sum of its gradients. */
interface Moved {
  readonly ref: TensorRef;
  readonly value: RawMap;
  readonly baseline: Float32Array;
  readonly sum: Float64Array;
}

/** The straight path from the baselines to the inputs, or between a layer's values for both. */
async function pathTo(ctx: MethodContext) {
  const moved = async (ref: TensorRef, baseline: Float32Array): Promise<Moved> => {
    const value = await inputValue(ctx, ref);
    return { ref, value, baseline, sum: new Float64Array(value.values.length) };
  };
  const baselines: Float32Array[] = [];
  for (const place of ctx.places) baselines.push(await baselineAt(ctx, place));
  const layer = ctx.layer === null ? null : { node: ctx.layer, output: ctx.layerOutput };
  const ends = layer
    ? [await moved(layer, await ctx.valuesAt(layer, baselines))]
    : await Promise.all(ctx.places.map(({ ref }, i) => moved(ref, baselines[i] ?? new Float32Array())));
  return {
    add: (count: number, at: (index: number) => number, weight: (t: number) => number) =>
      ctx.gradients(
        {
          at: ends.map(({ ref }) => ref),
          count,
          values: (index) => ends.map(({ value, baseline }) => between(baseline, value.values, at(index))),
        },
        (index, gradients) => {
          const factor = weight(at(index));
          for (const [place, gradient] of gradients.entries()) {
            const { sum } = ends[place] ?? {};
            if (sum) for (const [i, value] of gradient.entries()) sum[i] = (sum[i] ?? 0) + factor * value;
          }
        },
      ),
    maps: (steps: number): RawMap[] =>
      ends.map(({ value, baseline, sum }) => ({
        shape: value.shape,
        values: value.values.map((x, i) => ((x - (baseline[i] ?? 0)) * (sum[i] ?? 0)) / steps),
      })),
  };
}

/** The point of the path from `start` to `end` at `t`, exact at both. */
const between = (start: Float32Array, end: Float32Array, t: number): Float32Array =>
  end.map((x, i) => t * x + (1 - t) * (start[i] ?? 0));
