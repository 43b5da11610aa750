import type { GalleryChoice } from '../../shared/gallery/galleryView';
import type { Predicted } from './inputSet';

/** What was predicted before the window was reloaded; numbers that JSON cannot write are NaN. */
export function restoredPredictions({ predicted }: GalleryChoice): Predicted | null {
  if (predicted === undefined) return null;
  const { version, kind, inputs } = predicted;
  return {
    version,
    kind,
    predictions: inputs.map((one) => {
      if (one === null) return null;
      const [index, logit, probability, margin] = one;
      return { ok: true, value: { index, logit: logit ?? Number.NaN, probability, margin } };
    }),
  };
}
