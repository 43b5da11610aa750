import { fail } from '../../../shared/errors';
import { GUIDED } from '../../run/rectifierRules';
import { resizeMap } from '../displayMap';
import type { Method } from '../method';
import { gradCamMap } from './gradCam';
import { inputGradient } from './inputGradient';

/**
 * Guided Grad-CAM: guided backpropagation at the input, times the Grad-CAM map resized to it (bilinear, half-pixel
 * centres). Raw map of the input's spatial shape. Selvaraju et al. 2017, section 3.2; Springenberg et al. 2015.
 */
export const guidedGradCam: Method = {
  mapsAt: 'input',
  emptyNotice: 'No positive evidence for this target at this layer.',
  async attribute(ctx) {
    const cam = await gradCamMap(ctx);
    const input = await inputGradient(ctx, GUIDED);
    if (cam.shape.length !== input.shape.length) {
      return fail(
        'not-applicable',
        `Layer "${ctx.layer}" has ${axes(cam.shape.length)} of space or time and the input has ${input.shape.length}, ` +
          'so Guided Grad-CAM cannot lay its map over the input.',
        {
          subject: ctx.layer ?? ctx.input,
          remedy: 'Choose Grad-CAM, or a layer that keeps all axes of the input.',
        },
      );
    }
    const factor = resizeMap(cam, input.shape);
    return {
      shape: input.shape,
      values: input.values.map((value, i) => value * (factor.values[i] ?? 0)),
      notices: cam.notices ?? [],
    };
  },
};

const axes = (count: number): string => (count === 1 ? '1 axis' : `${count} axes`);
