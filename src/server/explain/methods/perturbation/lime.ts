import * as l10n from '@vscode/l10n';
import { mulberry32 } from '../../../../shared/random';
import { gameOf } from '../../game';
import { type Method, numberOption, textOption } from '../../method';
import { fitSurrogate, limeCoalition, type Penalty, proximity } from '../../perturbation/lime';
import { NormalEquations, sumOf } from '../../perturbation/normalEquations';
import { Blocks, samplingNotices } from '../../sampling';

/** Below this, most of what the score does is not in the map. */
const LOW_R_SQUARED = 0.5;

/**
 * LIME: a linear model of the score around the input, fitted to inputs from which half of the groups are missing at random, weighted by
 * their cosine distance from the whole: sqrt(exp(-d^2 / width^2)). Raw map of the input's shape: what each group adds to the score.
 * Ribeiro et al., "Why Should I Trust You?", KDD 2016, with the settings of the authors' package and without its selection of groups.
 */
export const lime: Method = {
  mapsAt: 'input',
  comparesScores: true,
  emptyNotice: l10n.t('No group raises the score of the linear model.'),
  cost: (ctx) => ({ forward: numberOption(ctx, 'samples'), backward: 0 }),
  async attribute(ctx) {
    const game = await gameOf(ctx);
    const uniform = mulberry32(numberOption(ctx, 'seed'));
    const width = numberOption(ctx, 'width');
    const penalty: Penalty = {
      kind: textOption(ctx, 'regression') === 'lasso' ? 'lasso' : 'ridge',
      alpha: numberOption(ctx, 'alpha'),
    };
    // The whole input comes first, as in the authors' package.
    const coalitions = Array.from({ length: numberOption(ctx, 'samples') }, (_, i) =>
      i === 0 ? new Uint8Array(game.groups).fill(1) : limeCoalition(game.groups, uniform),
    );
    const coalition = (index: number): Uint8Array => coalitions[index] ?? new Uint8Array(game.groups);
    const scores = await ctx.scores(game.changed(coalitions.length, coalition));
    const blocks = new Blocks(
      () => new NormalEquations(game.groups),
      sumOf,
      (equations) => fitSurrogate(equations, penalty).coefficients,
    );
    for (const [i, score] of scores.entries()) {
      blocks.block(i).add(coalition(i), score, proximity(coalition(i), width));
    }
    const { coefficients, rSquared } = fitSurrogate(blocks.whole(), penalty);
    return {
      ...game.attribution(coefficients),
      notices: [
        ...fitNotices(rSquared),
        ...samplingNotices({
          samples: scores.length,
          errors: blocks.errors(),
          reliability: blocks.reliability(),
          what: 'groups',
        }),
      ],
    };
  },
};

/** Nothing about a score that never changes. */
function fitNotices(rSquared: number): string[] {
  if (Number.isNaN(rSquared)) return [];
  const [percent, exact] = [Math.round(100 * rSquared), rSquared.toFixed(2)];
  return [
    rSquared < LOW_R_SQUARED
      ? l10n.t(
          'The linear model explains {0} % of the variation of the score (R² = {1}): most of it is not in this map.',
          percent,
          exact,
        )
      : l10n.t('The linear model explains {0} % of the variation of the score (R² = {1}).', percent, exact),
  ];
}
