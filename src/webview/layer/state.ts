import { type ColourMapName, isColourMapName } from '../../shared/colourMaps';
import type { Stage } from '../../shared/view';
import { savedState } from '../state';

/** The chosen tab before the page was hidden or reloaded; `null` on a new page. The stored choice is read by the extension. */
export function savedTab(): string | null {
  const { tab } = savedState();
  return typeof tab === 'string' ? tab : null;
}

/** The settings of the Values tab before the page was hidden or reloaded. */
export function savedView(): { readonly stage: Stage; readonly colourMap: ColourMapName } {
  const { stage, colourMap } = savedState();
  return {
    stage: stage === 'pre' ? 'pre' : 'post',
    colourMap: typeof colourMap === 'string' && isColourMapName(colourMap) ? colourMap : 'viridis',
  };
}
