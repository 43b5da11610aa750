import * as l10n from '@vscode/l10n';
import type { ColourMapName } from '../../../shared/maps/colourMaps';
import type { ChannelMap, Range } from '../../../shared/results/channels';
import { el, setAttributes } from '../../dom';
import { formatNumber } from '../../format';
import { tensorValues } from '../../tensor';
import { button } from '../../ui';
import { paintValues } from './channelPaint';
import { fieldView } from './fieldView';

export interface ChannelViewHost {
  /** The user closed the view. */
  onClose(): void;
  /** @param by to the channel before or after this one in the order of the grid */
  onStep(by: -1 | 1): void;
}

export interface ViewedChannel {
  readonly layer: string;
  readonly title: string;
  /** Names of the rows and columns, for the value under the pointer. */
  readonly axes: readonly [rows: string | null, columns: string];
  readonly scale: Range;
  readonly colours: ColourMapName;
}

/** One channel at a large size, with the value under the pointer or the cursor and what it sees of the input. */
export function channelView(
  host: ChannelViewHost,
  isClosable = true,
): {
  readonly element: HTMLElement;
  show(map: ChannelMap, viewed: ViewedChannel): void;
  repaint(scale: Range, colours: ColourMapName): void;
  close(): void;
} {
  const title = el('h3');
  const canvas = el('canvas', { tabindex: 0, role: 'img' });
  const cursor = el('div', { class: 'pixel-cursor', hidden: true });
  const frame = el('div', { class: 'pixel-frame' }, canvas, cursor);
  const value = el('p', { class: 'pixel-value', role: 'status' });
  const field = fieldView();
  const tools = isClosable
    ? el(
        'div',
        { class: 'heading-tools' },
        button({ label: l10n.t('Previous'), onPress: () => host.onStep(-1) }).element,
        button({ label: l10n.t('Next'), onPress: () => host.onStep(1) }).element,
        button({ label: l10n.t('Close'), onPress: () => dismiss() }).element,
      )
    : null;
  const element = el(
    'section',
    { class: 'channel-view', 'aria-label': l10n.t('One channel'), hidden: true },
    el('div', { class: 'heading' }, title, tools),
    el('div', { class: 'channel-view-parts' }, el('div', {}, frame, value), field.element),
  );
  let map: ChannelMap | null = null;
  let viewed: ViewedChannel | null = null;
  let values: ArrayLike<number> = [];
  /** Sizes of what was sent. */
  let rows = 1;
  let columns = 1;
  let at: readonly [row: number, column: number] | null = null;

  function point(next: readonly [number, number] | null): void {
    at = next;
    cursor.hidden = next === null;
    if (next === null || map === null || viewed === null) {
      value.textContent = '\u00a0';
      field.mark(null);
      return;
    }
    const [row, column] = [
      Math.max(0, Math.min(rows - 1, next[0])),
      Math.max(0, Math.min(columns - 1, next[1])),
    ];
    at = [row, column];
    const own = [row * map.step.rows, column * map.step.columns] as const;
    const { axes } = viewed;
    const places = [axes[0] === null ? null : `${axes[0]} ${own[0]}`, `${axes[1]} ${own[1]}`];
    const number = values[row * columns + column] ?? Number.NaN;
    value.textContent = `${places.filter((part) => part !== null).join(', ')}: ${formatNumber(number)}`;
    const { style } = cursor;
    style.setProperty('left', `${(column / columns) * 100}%`);
    style.setProperty('top', `${(row / rows) * 100}%`);
    style.setProperty('width', `${100 / columns}%`);
    style.setProperty('height', `${100 / rows}%`);
    const depth = map.source && map.source.size.length > 2 ? [map.slice] : [];
    field.mark(axes[0] === null ? [own[1]] : [...depth, ...own]);
  }

  function repaint(scale: Range, colours: ColourMapName): void {
    if (map !== null) paintValues(canvas, values, { rows, columns }, scale, colours);
  }

  function close(): void {
    element.hidden = true;
    map = null;
    point(null);
  }

  function dismiss(): void {
    close();
    host.onClose();
  }

  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    point([
      Math.floor((offsetY / canvas.clientHeight) * rows),
      Math.floor((offsetX / canvas.clientWidth) * columns),
    ]);
  });
  canvas.addEventListener('keydown', (event) => {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const step = steps[event.key];
    if (step !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
      point(at === null ? [0, 0] : [at[0] + step[0], at[1] + step[1]]);
      event.preventDefault();
    } else if (event.key === 'Escape' && isClosable) dismiss();
  });

  return {
    element,
    show(next, about) {
      map = next;
      viewed = about;
      values = tensorValues(next.values);
      [rows = 1, columns = 1] = next.values.shape;
      title.textContent = about.title;
      const sampled = next.step.rows > 1 || next.step.columns > 1;
      const size = `${next.rows} x ${next.columns}`;
      setAttributes(canvas, {
        'aria-label': sampled
          ? l10n.t(
              '{0}, {1}, every {2} x {3} drawn; arrow keys move to a value',
              ...[about.title, size, next.step.rows, next.step.columns],
            )
          : l10n.t('{0}, {1}; arrow keys move to a value', about.title, size),
      });
      frame.classList.toggle('is-strip', rows === 1);
      frame.style.setProperty('aspect-ratio', rows === 1 ? 'auto' : `${next.columns} / ${next.rows}`);
      element.style.setProperty('--aspect', String(next.columns / Math.max(1, next.rows)));
      element.hidden = false;
      field.setSource(next.source, about.layer);
      repaint(about.scale, about.colours);
      point(null);
    },
    repaint,
    close,
  };
}
