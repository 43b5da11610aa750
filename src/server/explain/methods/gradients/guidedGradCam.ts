import * as l10n from '@vscode/l10n';
import { fail } from '../../../../shared/errors';
import { resizeMap } from '../../../../shared/maps/displayMap';
import { GUIDED } from '../../../run/rectifierRules';
import { gradientAt, type Method, type RawMap } from '../../method';
import { layoutAt, type PlaceLayout } from '../../places';
import { gradCamMap } from '../classActivation/gradCam';

/**
 * Guided Grad-CAM: guided backpropagation at the input, times the positive part of the Grad-CAM map resized to it (bilinear,
 * half-pixel centres). Raw map of the input's shape, channels included. Selvaraju et al. 2017, section 3.2; Springenberg et
 * al. 2015.
 */
export const guidedGradCam: Method = {
  mapsAt: 'input',
  emptyNotice: l10n.t('No positive evidence for this target at this layer.'),
  async attribute(ctx) {
    const { map, notices } = await gradCamMap(ctx);
    const cam = { ...map, values: map.values.map((value) => Math.max(value, 0)) };
    const maps: (RawMap | null)[] = [];
    for (const { ref } of ctx.places) {
      const layout = layoutAt(ctx.trace, ref);
      if (layout.spatial.length !== cam.shape.length) maps.push(null);
      else maps.push(spread(await gradientAt(ctx, GUIDED, ref), layout, resizeMap(cam, layout.spatial)));
    }
    if (maps.every((found) => found === null)) {
      const [{ ref } = fail('internal', l10n.t('There is no input.'))] = ctx.places;
      const own = layoutAt(ctx.trace, ref).spatial.length;
      return fail(
        'not-applicable',
        l10n.t(
          'Layer "{0}" has {1} of space or time and the input has {2}, so Guided Grad-CAM cannot lay its map over the input.',
          ...[ctx.layer ?? '', axes(cam.shape.length), own],
        ),
        {
          subject: ctx.layer ?? ref.node,
          remedy: l10n.t('Choose Grad-CAM, or a layer that keeps all axes of the input.'),
        },
      );
    }
    return { maps, notices };
  },
};

/** Each value times the factor at its position. */
function spread({ shape, values }: RawMap, { channel, spatial }: PlaceLayout, factor: RawMap): RawMap {
  const positions = spatial.reduce((a, b) => a * b, 1);
  const channels = values.length / Math.max(1, positions);
  const positionOf = (i: number): number =>
    channel === null ? i : channel === 0 ? i % positions : Math.floor(i / channels);
  return { shape, values: values.map((value, i) => value * (factor.values[positionOf(i)] ?? 0)) };
}

const axes = (count: number): string => (count === 1 ? l10n.t('1 axis') : l10n.t('{0} axes', count));
