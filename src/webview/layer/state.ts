import { type ColourMapName, isColourMapName } from '../../shared/colourMaps';
import type { Stage } from '../../shared/view';
import { savedState } from '../state';

/** The page's display settings before it was hidden or reloaded. The stored choice is read by the extension. */
export function savedView(): { readonly stage: Stage; readonly colourMap: ColourMapName } {
  const { stage, colourMap } = savedState();
  return {
    stage: stage === 'pre' ? 'pre' : 'post',
    colourMap: typeof colourMap === 'string' && isColourMapName(colourMap) ? colourMap : 'viridis',
  };
}
