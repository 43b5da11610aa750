import type { BatchReport } from '../shared/batch/batchReport';
import { el, fill } from '../webview/dom';
import { tileFocus } from '../webview/tiles/tileFocus';
import { virtualTiles } from '../webview/tiles/virtualTiles';
import { type PictureChoice, pictureOf } from './picture';
import { predictionText, verdictText } from './texts';

/** Pixels. */
const MIN_TILE = 148;
const CAPTION = 66;
const GAP = 12;

interface Tile {
  readonly row: HTMLElement;
  readonly link: HTMLAnchorElement;
  readonly picture: HTMLElement;
}

/** The address of the page of an input within the report. */
export const exampleHash = (name: string): string => `#example=${encodeURIComponent(name)}`;

/**
 * The inputs as tiles, of which only those near the view are in the document. One tile is in the tab order: arrow keys, Page Up, Page Down,
 * Home and End move, Enter opens.
 */
export function grid(report: BatchReport): {
  readonly element: HTMLElement;
  show(order: readonly number[], choice: PictureChoice): void;
  /** After the element was hidden. */
  refresh(): void;
  /** Moves the focus to a tile, by its place in the order; nothing happens without one. */
  focus(index: number): void;
} {
  const list = el('ul', { class: 'tiles' });
  const element = el('div', { class: 'tiles-frame' }, list);
  let order: readonly number[] = [];
  let choice: PictureChoice = 'input';
  /** The index that is in the tab order. */

  const layout = () => {
    const width = Math.max(1, list.clientWidth);
    const across = Math.max(1, Math.floor((width + GAP) / (MIN_TILE + GAP)));
    const own = (width - GAP * (across - 1)) / across;
    return { across, width: own, height: Math.round(own) + CAPTION + GAP };
  };
  const create = (index: number): Tile => {
    const row = report.rows[order[index] ?? 0];
    const picture = el('span', { class: 'picture', 'aria-hidden': 'true' });
    const link = el(
      'a',
      {
        class: 'tile',
        href: row && exampleHash(row.name),
        tabindex: index === focus.home ? 0 : -1,
        'data-index': index,
        title: row?.name,
      },
      picture,
    );
    if (row) {
      const verdict = verdictText(report, row);
      const state = row.error !== null ? 'failed' : row.correct === false ? 'wrong' : '';
      link.append(
        el('span', { class: 'name' }, row.name),
        ' ',
        el('span', { class: 'prediction' }, predictionText(report, row)),
        ' ',
        el('span', { class: `verdict ${state}` }, verdict),
      );
    }
    return {
      row: el('li', { 'aria-setsize': order.length, 'aria-posinset': index + 1 }, link),
      link,
      picture,
    };
  };
  const tiles = virtualTiles<Tile, ReturnType<typeof layout>>({
    frame: element,
    list,
    gap: GAP,
    count: () => order.length,
    layout,
    create,
    draw(index, { picture }) {
      const row = report.rows[order[index] ?? 0];
      if (row) fill(picture, pictureOf(row, choice));
    },
    fit: ({ picture }, { width }) => picture.style.setProperty('height', `${Math.round(width)}px`),
    onUpdated: () => {},
  });

  const focus = tileFocus({
    element,
    list,
    count: () => order.length,
    layout,
    update: () => tiles.update(),
    controlOf: (index) => tiles.shown.get(index)?.link,
  });
  return {
    element,
    show(next, nextChoice) {
      const isSame = next.length === order.length && next.every((at, i) => at === order[i]);
      if (!isSame) element.scrollTop = 0;
      order = next;
      choice = nextChoice;
      if (!isSame) focus.home = 0;
      tiles.rebuild();
    },
    refresh: () => tiles.update(),
    focus(index) {
      if (index >= 0) focus.moveTo(index);
    },
  };
}
