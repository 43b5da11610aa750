import * as l10n from '@vscode/l10n';
import type { Distribution } from '../../../shared/layerValues';
import { el, fill, setAttributes, svg } from '../../dom';
import { formatCount, formatNumber } from '../../format';

/** Heights of the three bands and of the gaps between them, in units of the drawing. */
const BARS = 70;
const CURVE = 60;
const GAP = 6;
const HEIGHT = BARS + GAP + CURVE + GAP + BARS;

/**
 * The values before an activation, its curve, and the values after it, one below the other over one axis. The bars of the
 * values after it hang from the curve, so that both histograms are read from the middle. A table has the same numbers.
 */
export function distributionChart(): {
  readonly element: HTMLElement;
  show(distribution: Distribution, activation: string): void;
} {
  const chart = svg('svg', {
    class: 'histogram distribution',
    preserveAspectRatio: 'none',
    role: 'img',
  });
  const names = el('div', { class: 'band-names quiet', 'aria-hidden': 'true' });
  const axis = el('div', { class: 'axis' });
  const table = el('table', { 'aria-label': l10n.t('Distribution') });
  const asTable = el(
    'details',
    { class: 'as-table' },
    el('summary', {}, l10n.t('Show as a Table')),
    el('div', { class: 'units-frame' }, table),
  );
  return {
    element: el(
      'figure',
      { class: 'histogram-figure' },
      el('div', { class: 'bands' }, names, chart, axis),
      asTable,
    ),
    show(distribution, activation) {
      const { min, max, before, after, curve } = distribution;
      const width = before.length;
      const at = (value: number): number => ((value - min) / (max - min)) * width;
      const zero = at(0);
      setAttributes(chart, {
        viewBox: `0 0 ${width} ${HEIGHT}`,
        'aria-label': l10n.t(
          '{0} to {1}: before the activation the fullest bin has {2} values, after {3} {4}',
          ...[formatNumber(min), formatNumber(max), formatCount(Math.max(...before)), activation],
          formatCount(Math.max(...after)),
        ),
      });
      fill(
        chart,
        ...bars(before, (height) => BARS - height),
        ...bars(after, () => HEIGHT - BARS),
        zero > 0 && zero < width
          ? svg('line', { class: 'zero-line', x1: zero, x2: zero, y1: 0, y2: HEIGHT })
          : null,
        svg('polyline', { class: 'curve', points: points(curve, at) }),
      );
      fill(
        names,
        el('span', {}, l10n.t('Before')),
        el('span', {}, activation),
        el('span', {}, l10n.t('After')),
      );
      fill(
        axis,
        el('span', {}, formatNumber(min)),
        zero > width / 8 && zero < (width * 7) / 8 ? zeroLabel(zero / width) : null,
        el('span', {}, formatNumber(max)),
      );
      fill(table, ...rows(distribution, activation));
    },
  };
}

function bars(counts: readonly number[], top: (height: number) => number): SVGElement[] {
  const most = Math.max(1, ...counts);
  return counts.flatMap((count, bin) => {
    if (count === 0) return [];
    const height = Math.max(1, (count / most) * BARS);
    return [svg('rect', { x: bin + 0.05, width: 0.9, y: top(height), height })];
  });
}

function zeroLabel(share: number): HTMLElement {
  const label = el('span', { class: 'zero-label quiet' }, '0');
  label.style.setProperty('left', `${share * 100}%`);
  return label;
}

/** The curve in its band, from its smallest to its largest value. */
function points({ from, to, values }: Distribution['curve'], at: (value: number) => number): string {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const scale = high > low ? CURVE / (high - low) : 0;
  return values
    .flatMap((value, i) => {
      if (!Number.isFinite(value)) return [];
      const x = at(from + ((to - from) * i) / Math.max(1, values.length - 1));
      const y = BARS + GAP + (scale === 0 ? CURVE / 2 : CURVE - (value - low) * scale);
      return [`${x.toFixed(3)},${y.toFixed(3)}`];
    })
    .join(' ');
}

function rows({ min, max, before, after, curve }: Distribution, activation: string): HTMLElement[] {
  const step = (max - min) / before.length;
  const heads = [
    l10n.t('From'),
    l10n.t('To'),
    l10n.t('Before'),
    l10n.t('After'),
    l10n.t('{0} in the middle', activation),
  ];
  return [
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)))),
    el(
      'tbody',
      {},
      ...before.map((count, bin) =>
        el(
          'tr',
          {},
          ...[
            formatNumber(min + bin * step),
            formatNumber(min + (bin + 1) * step),
            formatCount(count),
            formatCount(after[bin] ?? 0),
            curveText(curve, min + (bin + 0.5) * step),
          ].map((text) => el('td', { class: 'number' }, text)),
        ),
      ),
    ),
  ];
}

/** The curve at a place between two of its points; empty outside. */
function curveText({ from, to, values }: Distribution['curve'], x: number): string {
  if (x < from || x > to) return '';
  const place = to > from ? ((x - from) / (to - from)) * (values.length - 1) : 0;
  const [low, part] = [Math.floor(place), place % 1];
  const value = (values[low] ?? 0) * (1 - part) + (values[low + 1] ?? values[low] ?? 0) * part;
  return formatNumber(value);
}
