import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../../shared/errors';
import type { ChannelTiles } from '../../../shared/results/channels';
import { el } from '../../dom';
import { tensorValues } from '../../tensor';
import { virtualTiles } from '../../tiles/virtualTiles';

/** Pixels per request: what fits on a screen, without a long answer. */
const MAX_PIXELS = 2 ** 20;
const MAX_TILES = 256;
/** A tile that is this many times as high as wide, or the reverse, is drawn distorted. */
const MAX_ASPECT = 3;
const GAP = 8;
const CAPTION = 22;
const MIN_TILE = 104;
const STRIP = 20;

export interface GridTile {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
}

export interface ChannelGridHost {
  fetch(channels: readonly number[], side: number): Promise<Result<ChannelTiles>>;
  paint(canvas: HTMLCanvasElement, channel: number, tile: GridTile): void;
  /** Name of a channel, and the text of its range. */
  describe(channel: number): { readonly name: string; readonly range: string };
  onOpen(channel: number): void;
  /** The pointer is over a cell of a channel; `null` when it is over none. */
  onPoint(cell: PointedCell | null): void;
  onError(error: LayerglassError): void;
}

export interface PointedCell {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
  /** Of the pointer, in pixels of the window. */
  readonly pointer: { readonly x: number; readonly y: number };
}

interface Item {
  readonly row: HTMLElement;
  readonly canvas: HTMLCanvasElement;
}

export interface GridShape {
  readonly rows: number;
  readonly columns: number;
  /** One below the other over the whole width. */
  readonly areStrips: boolean;
}

/**
 * Channels as small images. Only those in view and as many above and below are in the document; their values are fetched as
 * they are scrolled to and kept, so that another order, scale or colour map asks for nothing.
 */
export function channelGrid(host: ChannelGridHost): {
  readonly element: HTMLElement;
  /** Other values: another layer, input, stage or slice. */
  reset(shape: GridShape, order: readonly number[]): void;
  /** The same values in another order. */
  reorder(order: readonly number[]): void;
  repaint(): void;
} {
  const list = el('ul', { class: 'tiles', 'aria-label': l10n.t('Channel maps') });
  const frame = el('div', { class: 'tiles-frame' }, list);
  let shape: GridShape = { rows: 1, columns: 1, areStrips: false };
  let order: readonly number[] = [];
  let tiles = new Map<number, GridTile>();
  /** The place that is in the tab order. */
  let home = 0;
  let sequence = 0;
  let isFetching = false;

  const layout = () => {
    const width = Math.max(1, list.clientWidth);
    if (shape.areStrips) return { across: 1, width, image: STRIP, height: STRIP + 4 };
    const across = Math.max(1, Math.floor((width + GAP) / (MIN_TILE + GAP)));
    const own = (width - GAP * (across - 1)) / across;
    const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, shape.rows / Math.max(1, shape.columns)));
    const image = Math.max(12, Math.round(own * aspect));
    return { across, width: own, image, height: image + CAPTION + GAP };
  };
  /** Device pixels of the longer side of a tile. */
  const side = (): number => {
    const { width, image } = layout();
    return Math.min(
      1024,
      Math.max(16, Math.ceil(Math.max(width, image) * Math.min(2, window.devicePixelRatio))),
    );
  };

  const create = (place: number): Item => {
    const channel = order[place] ?? 0;
    const { name, range } = host.describe(channel);
    const canvas = el('canvas', { width: 1, height: 1, 'aria-hidden': 'true' });
    const open = el(
      'button',
      {
        type: 'button',
        class: 'tile',
        'aria-label': `${name}: ${range}`,
        title: `${name}: ${range}`,
        tabindex: place === home ? 0 : -1,
        'data-place': place,
      },
      canvas,
      el(
        'span',
        { class: 'tile-caption' },
        el('span', {}, String(channel)),
        // Without it the accessible name would not contain the visible text.
        ' ',
        el('span', { class: 'quiet' }, range),
      ),
    );
    open.addEventListener('click', () => host.onOpen(channel));
    const row = el('li', { 'aria-setsize': order.length, 'aria-posinset': place + 1 }, open);
    return { row, canvas };
  };
  const draw = (place: number, { canvas }: Item) => {
    const channel = order[place] ?? 0;
    const tile = tiles.get(channel);
    if (tile) host.paint(canvas, channel, tile);
  };
  const items = virtualTiles<Item, ReturnType<typeof layout>>({
    frame,
    list,
    gap: GAP,
    count: () => order.length,
    layout,
    create,
    draw,
    fit: ({ canvas }, { image }) => canvas.style.setProperty('height', `${image}px`),
    onUpdated: () => void fetchMissing(),
  });

  const missingIn = ([from, to]: readonly [number, number]): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i).filter((place) => !tiles.has(order[place] ?? 0));

  /** What is in view first. */
  const fetchMissing = async () => {
    if (isFetching) return;
    const inside = missingIn(items.inView(0));
    const missing = inside.length > 0 ? inside : missingIn(items.inView(1));
    if (missing.length === 0) return;
    const longest = side();
    const pixels = Math.min(shape.rows, longest) * Math.min(shape.columns, longest);
    const count = Math.max(1, Math.min(MAX_TILES, Math.floor(MAX_PIXELS / Math.max(1, pixels))));
    const channels = missing.slice(0, count).map((place) => order[place] ?? 0);
    const mine = sequence;
    isFetching = true;
    const answer = await host.fetch(channels, longest);
    if (mine !== sequence) return;
    isFetching = false;
    if (!answer.ok) return host.onError(answer.error);
    keep(answer.value);
    if (answer.value.channels.length > 0) void fetchMissing();
  };
  const keep = ({ rows, columns, channels, values }: ChannelTiles) => {
    const bytes = Uint8Array.from(tensorValues(values));
    const size = rows * columns;
    for (const [i, channel] of channels.entries())
      tiles.set(channel, { rows, columns, bytes: bytes.subarray(i * size, (i + 1) * size) });
    for (const [place, item] of items.shown) if (channels.includes(order[place] ?? 0)) draw(place, item);
  };

  const focus = (place: number) => {
    const target = Math.max(0, Math.min(order.length - 1, place));
    const { across, height } = layout();
    items.shown.get(home)?.row.firstElementChild?.setAttribute('tabindex', '-1');
    home = target;
    const top = Math.floor(target / across) * height;
    const { scrollTop, clientHeight } = frame;
    if (top < scrollTop || top + height > scrollTop + clientHeight)
      frame.scrollTop = top - (clientHeight - height) / 2;
    items.update();
    const button = items.shown.get(target)?.row.firstElementChild;
    if (!(button instanceof HTMLElement)) return;
    button.tabIndex = 0;
    button.focus();
  };
  list.addEventListener('keydown', (event) => {
    const { across } = layout();
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -across,
      ArrowDown: across,
    };
    const step = steps[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (step !== undefined) focus(home + step);
    else if (event.key === 'Home') focus(0);
    else if (event.key === 'End') focus(order.length - 1);
    else return;
    event.preventDefault();
  });
  list.addEventListener('pointermove', ({ target, offsetX, offsetY, clientX: x, clientY: y }) => {
    const tile = target instanceof HTMLCanvasElement ? target.closest<HTMLElement>('.tile') : null;
    const channel = order[Number(tile?.dataset.place)];
    if (!(target instanceof HTMLCanvasElement) || channel === undefined) return host.onPoint(null);
    const cell = (offset: number, size: number, count: number) =>
      Math.max(0, Math.min(count - 1, Math.floor((offset / Math.max(1, size)) * count)));
    host.onPoint({
      channel,
      row: cell(offsetY, target.clientHeight, shape.rows),
      column: cell(offsetX, target.clientWidth, shape.columns),
      pointer: { x, y },
    });
  });
  list.addEventListener('pointerleave', () => host.onPoint(null));
  list.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) home = Number(target.dataset.place ?? home);
  });

  const rebuild = () => {
    home = Math.min(home, Math.max(0, order.length - 1));
    list.classList.toggle('strips', shape.areStrips);
    items.rebuild();
  };
  return {
    element: frame,
    reset(nextShape, nextOrder) {
      sequence += 1;
      isFetching = false;
      shape = nextShape;
      order = nextOrder;
      tiles = new Map();
      home = 0;
      frame.scrollTop = 0;
      rebuild();
    },
    reorder(nextOrder) {
      order = nextOrder;
      rebuild();
    },
    repaint() {
      for (const [place, item] of items.shown) draw(place, item);
    },
  };
}
