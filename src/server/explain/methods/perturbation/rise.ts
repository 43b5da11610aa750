import * as l10n from '@vscode/l10n';
import { maskedPlaces, overChannels, underMasks } from '../../masking';
import { type Method, numberOption, type RawMap } from '../../method';
import { STABLE } from '../../perturbation/reliability';
import { MaskedMean, riseMask } from '../../perturbation/rise';
import { Blocks, BYTES_PER_SAMPLED_VALUE, samplingNotices } from '../../sampling';

/** Samples between two looks at the ranking. */
const ROUND = 500;

/**
 * RISE: the mean score of the input under random smooth masks that keep a position, less the mean score under all masks, so that
 * evidence against the target is negative. Masks are made until the ranking of the positions is stable. Raw map of the input's shape; all channels
 * of a position have its value.
 * Petsiuk et al., "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018; divided by the sum of the masks instead of its
 * expectation.
 */
export const rise: Method = {
  mapsAt: 'input',
  comparesScores: true,
  emptyNotice: l10n.t('Keeping no position raises the score.'),
  bytesPerValue: BYTES_PER_SAMPLED_VALUE,
  cost: (ctx) => ({ forward: ctx.places.length * numberOption(ctx, 'samples'), backward: 0 }),
  async attribute(ctx) {
    const maps: RawMap[] = [];
    const notices: string[] = [];
    for (const place of await maskedPlaces(ctx)) {
      const request = {
        shape: place.spatial,
        grid: numberOption(ctx, 'grid'),
        keep: numberOption(ctx, 'keep'),
        seed: numberOption(ctx, 'seed') + place.place.index,
      };
      const blocks = new Blocks(
        () => new MaskedMean(place.cells.cells),
        MaskedMean.sum,
        (mean) => mean.evidence(),
      );
      const add = (scores: Float64Array, from: number): void => {
        for (let i = from; i < scores.length; i++) {
          blocks.block(i).add(riseMask(request, i), scores[i] ?? Number.NaN);
        }
      };
      let added = 0;
      const changed = underMasks(place, numberOption(ctx, 'samples'), (index) => riseMask(request, index));
      const scores = await ctx.scores({
        ...changed,
        isEnough(soFar) {
          if (soFar.length < added + ROUND) return false;
          add(soFar, added);
          added = soFar.length;
          return blocks.reliability() >= STABLE;
        },
      });
      add(scores, added);
      maps.push(overChannels(place, blocks.whole().evidence()));
      notices.push(
        ...samplingNotices({
          samples: scores.length,
          errors: blocks.errors(),
          reliability: blocks.reliability(),
          what: 'positions',
        }),
      );
    }
    return { maps, isPerPosition: true, notices };
  },
};
