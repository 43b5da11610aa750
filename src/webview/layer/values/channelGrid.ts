import type { LayerglassError, Result } from '../../../shared/errors';
import type { ChannelTiles } from '../../../shared/layerValues';
import { el, fill } from '../../dom';
import { formatNumber } from '../../format';

/** Tiles per request; the next page is requested when the end of the grid scrolls into view. */
const PAGE = 48;

export interface ChannelGridHost {
  fetch(from: number, count: number): Promise<Result<ChannelTiles>>;
  onError(error: LayerglassError): void;
}

/** The channel maps of a layer as small images, fetched as they are scrolled to. */
export function channelGrid(host: ChannelGridHost): {
  readonly element: HTMLElement;
  /** Reloads the grid after a change of layer, input, stage or colours. */
  reset(total: number): void;
} {
  const list = el('ul', { class: 'tiles', 'aria-label': 'Channel maps' });
  const end = el('div', { class: 'tiles-end quiet' });
  let total = 0;
  let sequence = 0;
  let fetching = false;

  const fetchMore = async () => {
    const from = list.childElementCount;
    if (fetching || from >= total) return;
    fetching = true;
    const mine = sequence;
    const answer = await host.fetch(from, Math.min(PAGE, total - from));
    if (mine !== sequence) return;
    fetching = false;
    if (!answer.ok) {
      total = from;
      end.textContent = answer.error.message;
      host.onError(answer.error);
      return;
    }
    for (const tile of answer.value.tiles) list.append(tileItem(tile, answer.value));
    if (answer.value.tiles.length === 0) total = list.childElementCount;
    showCount();
    // The observer reports only changes; observing again requests the next page while the end stays in view.
    observer.unobserve(end);
    observer.observe(end);
  };
  const showCount = () => {
    end.textContent = `${list.childElementCount} of ${total} channels`;
  };
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) void fetchMore();
  });
  observer.observe(end);

  return {
    element: el('div', { class: 'channel-grid' }, list, end),
    reset(nextTotal) {
      sequence += 1;
      fetching = false;
      total = nextTotal;
      fill(list);
      showCount();
      void fetchMore();
    },
  };
}

function tileItem(
  { channel, min, max, png }: ChannelTiles['tiles'][number],
  { width, height }: ChannelTiles,
): HTMLElement {
  const range = min === max ? formatNumber(min) : `${formatNumber(min)} to ${formatNumber(max)}`;
  return el(
    'li',
    { title: `Channel ${channel}: ${range}` },
    el('img', { src: `data:image/png;base64,${png}`, alt: `Channel ${channel}, ${range}`, width, height }),
    el(
      'div',
      { class: 'tile-caption' },
      el('span', {}, String(channel)),
      el('span', { class: 'quiet' }, range),
    ),
  );
}
