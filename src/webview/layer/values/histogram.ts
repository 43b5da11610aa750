import * as l10n from '@vscode/l10n';
import type { Histogram } from '../../../shared/model';
import { el, fill, setAttributes, svg } from '../../dom';
import { formatCount, formatNumber } from '../../format';

const HEIGHT = 100;

/**
 * Equal bins as bars, drawn as SVG with colours from the style sheet, so that it follows the theme. A bin that is not empty is
 * at least one step high, so that a single outlier is visible.
 */
export function histogramChart(title: string): {
  readonly element: HTMLElement;
  show(histogram: Histogram): void;
} {
  const chart = svg('svg', { class: 'histogram', preserveAspectRatio: 'none', role: 'img' });
  const axis = el('div', { class: 'axis' });
  const heading = el('h3', {}, title);

  /** All values are equal, so there is no range: one bar in the middle over the value. */
  const showOne = (value: number, counts: readonly number[]) => {
    const all = formatCount(counts.reduce((sum, count) => sum + count, 0));
    const text = `${formatNumber(value)}: ${all}`;
    setAttributes(chart, { viewBox: `0 0 41 ${HEIGHT}`, 'aria-label': `${title}: ${text}` });
    fill(chart, svg('rect', { x: 20, width: 1, y: 0, height: HEIGHT }, svg('title', {}, text)));
    fill(axis, el('span'), el('span', {}, formatNumber(value)), el('span'));
  };

  return {
    element: el('figure', { class: 'histogram-figure' }, heading, chart, axis),
    show({ min, max, counts }) {
      chart.toggleAttribute('hidden', Number.isNaN(min));
      if (Number.isNaN(min)) {
        fill(axis, el('span', { class: 'quiet' }, l10n.t('No finite values')));
        return;
      }
      if (min === max) return showOne(min, counts);
      const top = Math.max(1, ...counts);
      const width = (max - min) / Math.max(1, counts.length);
      const zero = (-min / (max - min)) * counts.length;
      setAttributes(chart, {
        viewBox: `0 0 ${Math.max(1, counts.length)} ${HEIGHT}`,
        'aria-label': l10n.t(
          '{0}: {1} to {2}, fullest bin {3} values',
          title,
          formatNumber(min),
          formatNumber(max),
          formatCount(top),
        ),
      });
      fill(
        chart,
        ...counts.map((count, bin) => {
          const height = count === 0 ? 0 : Math.max(1, (count / top) * HEIGHT);
          const from = formatNumber(min + bin * width);
          const to = formatNumber(min + (bin + 1) * width);
          return svg(
            'rect',
            { x: bin + 0.05, width: 0.9, y: HEIGHT - height, height },
            svg('title', {}, l10n.t('{0} to {1}: {2}', from, to, formatCount(count))),
          );
        }),
        zero > 0 && zero < counts.length
          ? svg('line', { class: 'zero-line', x1: zero, x2: zero, y1: 0, y2: HEIGHT })
          : null,
      );
      fill(
        axis,
        el('span', {}, formatNumber(min)),
        el('span', { class: 'quiet' }, l10n.t('fullest bin {0}', formatCount(top))),
        el('span', {}, formatNumber(max)),
      );
    },
  };
}
