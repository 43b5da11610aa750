import * as l10n from '@vscode/l10n';
import { el, fill, setAttributes, svg } from '../../dom';
import { formatCount, formatNumber } from '../../format';
import { button } from '../../ui';

/** Bars that can be told apart on a page. */
const PAGE = 512;
const HEIGHT = 100;

/** The units of a layer as bars from zero, a page of them at a time, in any order. */
export function unitBars(): {
  readonly element: HTMLElement;
  show(values: ArrayLike<number>, order: readonly number[]): void;
} {
  const chart = svg('svg', { class: 'unit-bars', preserveAspectRatio: 'none', role: 'img', tabindex: 0 });
  const marker = svg('rect', { class: 'unit-marker', y: 0, width: 1, height: HEIGHT });
  const text = el('p', { class: 'pixel-value', role: 'status' });
  const pages = el('span', { class: 'quiet' });
  const previous = button({ label: l10n.t('Previous'), onPress: () => turn(-1) });
  const next = button({ label: l10n.t('Next'), onPress: () => turn(1) });
  const pager = el('div', { class: 'heading-tools' }, pages, previous.element, next.element);
  let values: ArrayLike<number> = [];
  let order: readonly number[] = [];
  let from = 0;
  let at = -1;

  function turn(by: number): void {
    from = Math.max(0, Math.min(order.length - 1, from + by * PAGE));
    draw();
  }

  function draw(): void {
    const shown = order.slice(from, from + PAGE).map((unit) => values[unit] ?? Number.NaN);
    const finite = shown.filter(Number.isFinite);
    const [low, high] = [Math.min(0, ...finite), Math.max(0, ...finite)];
    const scale = high > low ? HEIGHT / (high - low) : 0;
    const zero = high * scale;
    setAttributes(chart, {
      viewBox: `0 0 ${shown.length} ${HEIGHT}`,
      'aria-label': l10n.t(
        'Units {0} to {1} of {2} in the chosen order: {3} to {4}; arrow keys move to a unit',
        from,
        from + shown.length - 1,
        order.length,
        formatNumber(low),
        formatNumber(high),
      ),
    });
    const bar = (value: number, i: number) => {
      const size = Math.max(0.5, Math.abs(value) * scale);
      const y = value < 0 ? zero : zero - size;
      return Number.isFinite(value) && value !== 0
        ? svg('rect', { class: value < 0 ? 'below' : 'above', x: i + 0.05, width: 0.9, y, height: size })
        : null;
    };
    fill(
      chart,
      marker,
      ...shown.map(bar),
      svg('line', { class: 'zero-line', x1: 0, x2: shown.length, y1: zero, y2: zero }),
    );
    pager.hidden = order.length <= PAGE;
    pages.textContent = l10n.t(
      '{0} to {1} of {2}',
      formatCount(from),
      formatCount(from + shown.length - 1),
      formatCount(order.length),
    );
    previous.setEnabled(from > 0);
    next.setEnabled(from + PAGE < order.length);
    point(-1);
  }

  function point(place: number): void {
    const count = Math.min(PAGE, order.length - from);
    at = place < 0 ? -1 : Math.min(count - 1, place);
    marker.toggleAttribute('hidden', at < 0);
    const unit = order[from + at];
    if (at < 0 || unit === undefined) {
      text.textContent = '\u00a0';
      return;
    }
    setAttributes(marker, { x: at });
    text.textContent = l10n.t('Unit {0}: {1}', unit, formatNumber(values[unit] ?? Number.NaN));
  }

  chart.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = chart.getBoundingClientRect();
    point(Math.floor(((clientX - left) / Math.max(1, width)) * Math.min(PAGE, order.length - from)));
  });
  chart.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight') point(at + 1);
    else if (event.key === 'ArrowLeft') point(Math.max(0, at - 1));
    else return;
    event.preventDefault();
  });
  return {
    element: el('div', { class: 'unit-chart' }, pager, chart, text),
    show(nextValues, nextOrder) {
      values = nextValues;
      order = nextOrder;
      from = 0;
      draw();
    },
  };
}
