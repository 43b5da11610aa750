import { type ColourMapName, isColourMapName } from '../../shared/maps/colourMaps';
import type { Stage } from '../../shared/view';
import { savedState } from '../state';
import type { ChannelSort } from './values/channelOrder';

/** The chosen tab before the page was hidden or reloaded; `null` on a new page. The stored choice is read by the extension. */
export function savedTab(): string | null {
  const { tab } = savedState();
  return typeof tab === 'string' ? tab : null;
}

/** The settings of the Values tab before the page was hidden or reloaded. */
export function savedView(): {
  readonly stage: Stage;
  readonly colourMap: ColourMapName;
  readonly sort: ChannelSort;
  /** One colour scale for all channels. */
  readonly isShared: boolean;
} {
  const { stage, colourMap, sort, isShared } = savedState();
  return {
    stage: stage === 'pre' || stage === 'attention' ? stage : 'post',
    colourMap: typeof colourMap === 'string' && isColourMapName(colourMap) ? colourMap : 'viridis',
    sort: sort === 'mean' || sort === 'maximum' || sort === 'attribution' ? sort : 'index',
    isShared: isShared === true,
  };
}
