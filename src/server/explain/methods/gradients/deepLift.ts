import * as l10n from '@vscode/l10n';
import { rescaleRule } from '../../../run/rectifierRules';
import { baselinesAt } from '../../baseline';
import { completenessError, incompleteNotice } from '../../completeness';
import { inputValue, type Method, type RawMap } from '../../method';

/** Of the score's change: a larger error is explained. */
const MAX_ERROR = 0.01;

/**
 * DeepLIFT by the rescale rule: (x - reference) times multipliers, which go back through the model as gradients do, but are the ratio
 * of changes at each elementwise activation. All inputs are compared together; several references are averaged. Raw map of the
 * input's shape, channels included.
 * Shrikumar et al., "Learning Important Features Through Propagating Activation Differences", ICML 2017.
 */
export const deepLift: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('The score does not change between the reference and this input.'),
  cost: () => ({ forward: 1, backward: 1 }),
  async attribute(ctx) {
    const inputs: { readonly value: RawMap; readonly baselines: readonly Float32Array[] }[] = [];
    for (const place of ctx.places)
      inputs.push({ value: await inputValue(ctx, place.ref), baselines: await baselinesAt(ctx, place) });
    const count = Math.max(...inputs.map(({ baselines }) => baselines.length));
    const sums = inputs.map(({ value }) => new Float64Array(value.values.length));
    let change = 0;
    for (let index = 0; index < count; index++) {
      const reference = inputs.map(
        ({ baselines }) => baselines[index % baselines.length] ?? new Float32Array(),
      );
      const { gradients, score } = await ctx.gradientsAgainst(
        ctx.places.map(({ ref }) => ref),
        reference,
        rescaleRule,
      );
      change += (ctx.score - score) / count;
      for (const [place, multipliers] of gradients.entries()) {
        const [values, zero, sum] = [inputs[place]?.value.values, reference[place], sums[place]];
        if (!values || !zero || !sum) continue;
        for (const [i, multiplier] of multipliers.entries())
          sum[i] = (sum[i] ?? 0) + (multiplier * ((values[i] ?? 0) - (zero[i] ?? 0))) / count;
      }
    }
    const completeness = completenessError(sums, change);
    return {
      maps: inputs.map(({ value }, place) => ({
        shape: value.shape,
        values: Float32Array.from(sums[place] ?? []),
      })),
      completeness,
      notices: completeness < MAX_ERROR ? [] : [incompleteNotice(completeness, NOT_LINEAR)],
    };
  },
};

const NOT_LINEAR = l10n.t(
  'Only elementwise activations are compared with the reference; products, maxima, softmax and recurrent layers pass their gradient.',
);
