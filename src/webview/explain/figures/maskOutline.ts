import { outlinePath } from '../../../shared/maps/maskOutline';
import { svg } from '../../dom';
import type { ImageScene } from '../scene';

/** The outline of the positions over which the score is averaged, in white and black so that it shows on any colour. */
export function maskOutline(mask: NonNullable<ImageScene['mask']>): SVGSVGElement {
  const d = outlinePath(mask);
  return svg(
    'svg',
    {
      class: 'map-outline',
      viewBox: `0 0 ${mask.width} ${mask.height}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    svg('path', { class: 'outer', d }),
    svg('path', { class: 'inner', d }),
  );
}
