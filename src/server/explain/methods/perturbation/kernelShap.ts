import * as l10n from '@vscode/l10n';
import { mulberry32 } from '../../../../shared/random';
import { completenessError } from '../../completeness';
import { expectedGroups, type Game, gameOf } from '../../game';
import { type Attribution, type Method, type MethodContext, numberOption } from '../../method';
import { constrainedFit, pairedCoalitions } from '../../perturbation/kernelShap';
import { NormalEquations, sumOf } from '../../perturbation/normalEquations';
import { STABLE } from '../../perturbation/reliability';
import { MAX_EXACT_GROUPS, shapleyValues } from '../../perturbation/shapley';
import { Blocks, samplingNotices } from '../../sampling';

/** Samples between two looks at the ranking. */
const ROUND = 512;

/**
 * KernelSHAP: Shapley values of the groups, which add up to the score minus that of the baseline. Exact, by all coalitions, for up to 11 groups;
 * else fitted to pairs of a random coalition and its complement until the ranking is stable, without a selection of groups. Raw map of
 * the input's shape: the value of its group at each position.
 * Lundberg and Lee, "A Unified Approach to Interpreting Model Predictions", NeurIPS 2017; pairs and constraint: Covert and Lee,
 * "Improving KernelSHAP", AISTATS 2021.
 */
export const kernelShap: Method = {
  mapsAt: 'input',
  comparesScores: true,
  emptyNotice: l10n.t('No group raises the score.'),
  cost(ctx) {
    const groups = expectedGroups(ctx);
    const isExact = groups <= MAX_EXACT_GROUPS;
    return { forward: isExact ? 2 ** groups : numberOption(ctx, 'samples') + 1, backward: 0 };
  },
  async attribute(ctx) {
    const game = await gameOf(ctx);
    return game.groups <= MAX_EXACT_GROUPS ? enumerated(ctx, game) : sampled(ctx, game);
  },
};

async function enumerated(ctx: MethodContext, game: Game): Promise<Attribution> {
  const coalition = (bits: number): Uint8Array =>
    Uint8Array.from({ length: game.groups }, (_, group) => (bits >> group) & 1);
  const scores = await ctx.scores(game.changed(2 ** game.groups, coalition));
  const values = shapleyValues(game.groups, scores);
  return {
    ...game.attribution(values),
    completeness: completenessError([values], ctx.score - (scores[0] ?? Number.NaN)),
  };
}

async function sampled(ctx: MethodContext, game: Game): Promise<Attribution> {
  const { groups } = game;
  const uniform = mulberry32(numberOption(ctx, 'seed'));
  const pairs = Math.ceil(numberOption(ctx, 'samples') / 2);
  const coalitions = pairedCoalitions(groups, pairs, uniform);
  const [none = Number.NaN] = await ctx.scores(game.changed(1, () => new Uint8Array(groups)));
  const total = ctx.score - none;
  const blocks = new Blocks(
    () => new NormalEquations(groups),
    sumOf,
    (equations) => constrainedFit(equations, total),
  );
  let added = 0;
  const add = (scores: Float64Array): void => {
    for (; added < scores.length; added++) {
      // Both of a pair belong to one block.
      blocks
        .block(added >> 1)
        .add(coalitions[added] ?? new Uint8Array(groups), (scores[added] ?? Number.NaN) - none);
    }
  };
  let looked = 0;
  const changed = game.changed(coalitions.length, (index) => coalitions[index] ?? new Uint8Array(groups));
  const scores = await ctx.scores({
    ...changed,
    isEnough(soFar) {
      if (soFar.length < looked + ROUND || soFar.length % 2 === 1) return false;
      looked = soFar.length;
      add(soFar);
      return blocks.reliability() >= STABLE;
    },
  });
  add(scores);
  const values = constrainedFit(blocks.whole(), total);
  return {
    ...game.attribution(values),
    completeness: completenessError([values], total),
    notices: samplingNotices({
      samples: scores.length,
      errors: blocks.errors(),
      reliability: blocks.reliability(),
      what: 'groups',
    }),
  };
}
