import * as l10n from '@vscode/l10n';
import { expectedGroups, gameOf } from '../../game';
import type { Method } from '../../method';

/**
 * Feature ablation: each group of positions is replaced by the baseline, alone, and has the loss of score. Groups are superpixels of
 * an image, tokens of a text, windows of a sequence, columns of a table, or those of a file. Raw map of the input's shape; all values
 * of a group are alike.
 * As in Captum (Kokhlikyan et al., "Captum: A Unified and Generic Model Interpretability Library for PyTorch", 2020).
 */
export const featureAblation: Method = {
  mapsAt: 'input',
  comparesScores: true,
  emptyNotice: l10n.t('Removing any group does not lower the score.'),
  cost: (ctx) => ({ forward: expectedGroups(ctx), backward: 0 }),
  async attribute(ctx) {
    const game = await gameOf(ctx);
    const scores = await ctx.scores(
      game.changed(game.groups, (removed) => {
        const coalition = new Uint8Array(game.groups).fill(1);
        coalition[removed] = 0;
        return coalition;
      }),
    );
    return game.attribution(scores.map((score) => ctx.score - score));
  },
};
