import type { LayerglassError, Result } from '../../shared/errors';
import type { Thumbnail } from '../../shared/results/gallery';
import { MAX_BATCH } from '../../shared/results/gallery';
import { el, fill, setAttributes } from '../dom';
import { tileFocus } from '../tiles/tileFocus';
import { virtualTiles } from '../tiles/virtualTiles';
import { thumbnailElement } from './thumbnail';
import type { TileTexts } from './tileTexts';

const GAP = 12;
const MIN_TILE = 136;
/** Below the picture: name, prediction and label. */
const CAPTION = 64;
/** Thumbnails of one request: what fits on a screen, without a long answer. */
const MAX_THUMBNAILS = Math.min(24, MAX_BATCH);
/** Thumbnails that are kept; the ones that were shown longest ago are dropped first. */
const MAX_KEPT = 600;

export interface InputGridHost {
  thumbnails(places: readonly number[], side: number): Promise<Result<readonly Thumbnail[]>>;
  describe(place: number): TileTexts;
  onOpen(place: number): void;
  onError(error: LayerglassError): void;
}

interface Tile {
  readonly row: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly picture: HTMLElement;
  readonly name: HTMLElement;
  readonly prediction: HTMLElement;
  readonly label: HTMLElement;
}

/**
 * Inputs as tiles, in the order in which they are given by their places in the list. Only those in view and a screen above and below are in the
 * document, and thumbnails are fetched for them alone. One tile is in the tab order: arrow keys, Page Up, Page Down, Home and End move,
 * Enter and Space open.
 */
export function inputGrid(host: InputGridHost): {
  readonly element: HTMLElement;
  /** Another list: nothing of the old one is kept. */
  reset(order: readonly number[]): void;
  /** The same inputs, others of them or in another order; the scroll position and the focused input stay. */
  reorder(order: readonly number[]): void;
  /** What is said about the inputs has changed. */
  redescribe(): void;
} {
  const list = el('ul', { class: 'inputs' });
  const element = el('div', { class: 'inputs-frame' }, list);
  let order: readonly number[] = [];
  let thumbnails = new Map<number, Thumbnail>();
  /** The index that is in the tab order. */
  let sequence = 0;
  let isFetching = false;

  const layout = () => {
    const width = Math.max(1, list.clientWidth);
    const across = Math.max(1, Math.floor((width + GAP) / (MIN_TILE + GAP)));
    const own = (width - GAP * (across - 1)) / across;
    return { across, width: own, height: Math.round(own) + CAPTION + GAP };
  };
  const side = (): number =>
    Math.min(512, Math.max(32, Math.ceil(layout().width * Math.min(2, window.devicePixelRatio))));

  const create = (index: number): Tile => {
    const place = order[index] ?? 0;
    const picture = el('span', { class: 'picture', 'aria-hidden': 'true' });
    const name = el('span', { class: 'name' });
    const prediction = el('span', { class: 'prediction' });
    const label = el('span', { class: 'label quiet' });
    const button = el(
      'button',
      { type: 'button', class: 'input-tile', tabindex: index === focus.home ? 0 : -1, 'data-index': index },
      // With spaces, so that the accessible name contains the visible text.
      ...[picture, name, ' ', prediction, ' ', label],
    );
    button.addEventListener('click', () => host.onOpen(place));
    const row = el('li', { 'aria-setsize': order.length, 'aria-posinset': index + 1 }, button);
    return { row, button, picture, name, prediction, label };
  };

  const describe = (place: number, tile: Tile) => {
    const { name, prediction, label, state, full } = host.describe(place);
    fill(tile.name, ...nameParts(name));
    fill(tile.prediction, ...prediction);
    tile.label.textContent = label;
    tile.button.classList.toggle('wrong', state === 'wrong');
    tile.button.classList.toggle('failed', state === 'failed');
    setAttributes(tile.button, { 'aria-label': full, title: full });
  };

  const tiles = virtualTiles<Tile, ReturnType<typeof layout>>({
    frame: element,
    list,
    gap: GAP,
    count: () => order.length,
    layout,
    create,
    draw(index, tile) {
      const place = order[index] ?? 0;
      describe(place, tile);
      const thumbnail = thumbnails.get(place);
      if (thumbnail) fill(tile.picture, thumbnailElement(thumbnail));
    },
    fit: ({ picture }, { width }) => picture.style.setProperty('height', `${Math.round(width)}px`),
    onUpdated: () => void fetchMissing(),
  });

  const missingIn = ([from, to]: readonly [number, number]): number[] =>
    order.slice(from, to).filter((place) => !thumbnails.has(place));

  /** What is in view first. */
  const fetchMissing = async () => {
    if (isFetching) return;
    const inside = missingIn(tiles.inView(0));
    const missing = inside.length > 0 ? inside : missingIn(tiles.inView(1));
    if (missing.length === 0) return;
    const places = missing.slice(0, MAX_THUMBNAILS);
    const mine = sequence;
    isFetching = true;
    const answer = await host.thumbnails(places, side());
    if (mine !== sequence) return;
    isFetching = false;
    if (!answer.ok) return host.onError(answer.error);
    keep(places, answer.value);
    if (answer.value.length > 0) void fetchMissing();
  };
  const keep = (places: readonly number[], found: readonly Thumbnail[]) => {
    for (const [i, place] of places.entries()) {
      const thumbnail = found[i];
      if (thumbnail) thumbnails.set(place, thumbnail);
    }
    for (const [index, { picture }] of tiles.shown) {
      const place = order[index] ?? 0;
      const thumbnail = places.includes(place) ? thumbnails.get(place) : undefined;
      if (thumbnail) fill(picture, thumbnailElement(thumbnail));
    }
    const needed = new Set(order.slice(...tiles.inView(1)));
    for (const place of thumbnails.keys()) {
      if (thumbnails.size <= MAX_KEPT) break;
      if (!needed.has(place)) thumbnails.delete(place);
    }
  };

  const focus = tileFocus({
    element,
    list,
    count: () => order.length,
    layout,
    update: () => tiles.update(),
    controlOf: (index) => tiles.shown.get(index)?.button,
  });

  const arrange = (next: readonly number[]) => {
    const place = order[focus.home];
    const hadFocus = list.contains(document.activeElement);
    order = next;
    const found = place === undefined ? -1 : order.indexOf(place);
    focus.home = found >= 0 ? found : Math.min(focus.home, Math.max(0, order.length - 1));
    tiles.rebuild();
    if (hadFocus && order.length > 0) focus.moveTo(focus.home);
  };
  return {
    element,
    reset(next) {
      sequence += 1;
      isFetching = false;
      thumbnails = new Map();
      order = [];
      focus.home = 0;
      element.scrollTop = 0;
      arrange(next);
    },
    reorder(next) {
      const isSame = next.length === order.length && next.every((place, i) => place === order[i]);
      if (isSame) return;
      arrange(next);
    },
    redescribe() {
      for (const [index, tile] of tiles.shown) describe(order[index] ?? 0, tile);
    },
  };
}

/** The name of a file, which may be cut, and what it takes of it, which tells the inputs apart. */
function nameParts(name: string): readonly HTMLElement[] {
  // Chinese names have a comma of their own.
  const at = Math.max(name.lastIndexOf(', '), name.lastIndexOf('，'));
  if (at < 0) return [el('span', { class: 'file' }, name)];
  return [el('span', { class: 'file' }, name.slice(0, at)), el('span', { class: 'part' }, name.slice(at))];
}
