import * as l10n from '@vscode/l10n';
import { isDiscrete, type MaskedPlace, maskedPlaces, overChannels, underMasks } from '../../masking';
import { type Method, type MethodContext, numberOption, textOption } from '../../method';
import { lossUnder, occlusionMasks, occlusionWindows, windowCount } from '../../perturbation/occlusion';
import { layoutAt } from '../../places';

/** Windows along an axis of a sequence, an image or a volume where no size is given: each makes a few hundred passes. */
const WINDOWS = [100, 8, 4] as const;

/**
 * Occlusion: a window slides over the input and replaces what is below it by the baseline; each position has the mean loss (or the sum) of
 * score under the windows that cover it. A partial last window is kept. Raw map of the input's shape; all channels of a position are covered
 * together and have its value.
 * Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
 */
export const occlusion: Method = {
  mapsAt: 'input',
  comparesScores: true,
  emptyNotice: l10n.t('Covering any part of the input does not lower the score.'),
  cost: (ctx) => ({
    forward: ctx.places.reduce((sum, place) => {
      const { spatial } = layoutAt(ctx.trace, place.ref);
      const { window, stride } = windowOf(ctx, { spatial, isDiscrete: isDiscrete(ctx, place) });
      return sum + windowCount(spatial, window, stride);
    }, 0),
    backward: 0,
  }),
  async attribute(ctx) {
    const overlap = textOption(ctx, 'overlap') === 'sum' ? 'sum' : 'mean';
    const maps = [];
    for (const place of await maskedPlaces(ctx)) {
      const { window, stride } = windowOf(ctx, place);
      const boxes = occlusionWindows(place.spatial, window, stride);
      const masks = occlusionMasks(place.spatial, boxes);
      const occluded = await ctx.scores(underMasks(place, masks.count, masks.at, boxes));
      maps.push(overChannels(place, lossUnder(place.spatial, boxes, ctx.score, occluded, overlap)));
    }
    return { maps, isPerPosition: true };
  },
};

/** Both options are 0 to be chosen by the input: one column or token, else a share of each axis, half of it overlapping. */
function windowOf(
  ctx: MethodContext,
  { spatial, isDiscrete: discrete }: Pick<MaskedPlace, 'spatial' | 'isDiscrete'>,
): { readonly window: readonly number[]; readonly stride: readonly number[] } {
  const given = numberOption(ctx, 'window');
  const step = numberOption(ctx, 'stride');
  const windows = WINDOWS[spatial.length - 1] ?? 1;
  const window = spatial.map((length) => {
    if (given > 0) return Math.min(length, given);
    return discrete ? 1 : Math.max(1, Math.round(length / windows));
  });
  return { window, stride: window.map((size) => (step > 0 ? step : Math.max(1, Math.floor(size / 2)))) };
}
