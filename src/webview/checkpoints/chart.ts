import * as l10n from '@vscode/l10n';
import { deadChannels } from '../../shared/results/checkpoints';
import { el, fill, svg } from '../dom';
import { formatNumber } from '../format';
import type { Shown } from './shown';

const HEIGHT = 96;
const MARGIN = 12;

/**
 * The score of one class over the epochs and the share of dead channels, one point above the middle of each cell of the strip. The table
 * below the strip has the same numbers.
 * @param column width of a cell with its gap, in pixels
 */
export function chart(column: number): {
  readonly element: HTMLElement;
  readonly legend: HTMLElement;
  show(shown: Shown): void;
} {
  const element = el('div', { class: 'chart', 'aria-hidden': 'true' });
  const legend = el('p', { class: 'legend details quiet' });
  return {
    element,
    legend,
    show(shown) {
      const { epochs, target, nameOf, isProbability, wrongTurn } = shown;
      const width = epochs.length * column;
      const scores = epochs.map(({ score }) => score);
      const finite = scores.filter((score): score is number => score !== null && Number.isFinite(score));
      const [low, high] = isProbability ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
      const y = (share: number): number => MARGIN + (1 - share) * (HEIGHT - 2 * MARGIN);
      const x = (index: number): number => (index + 0.5) * column;
      const points = scores.map((score, index) =>
        score === null || !Number.isFinite(score)
          ? null
          : { x: x(index), y: y(high > low ? (score - low) / (high - low) : 0.5) },
      );
      const dead = epochs.map(({ report }, index) => {
        const { dead: count, channels } = report ? deadChannels(report) : { dead: 0, channels: 0 };
        return channels === 0 ? null : { x: x(index), y: y(count / channels) };
      });
      const hasDead = dead.some((point) => point !== null);
      fill(
        element,
        svg(
          'svg',
          { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, focusable: 'false' },
          ...[0, 0.5, 1].map((share) =>
            svg('line', { class: 'grid', x1: 0, x2: width, y1: y(share), y2: y(share) }),
          ),
          ...(isProbability || hasDead
            ? [0, 1].map((share) => svg('text', { class: 'scale', x: 2, y: y(share) - 2 }, String(share)))
            : []),
          wrongTurn &&
            svg('rect', {
              class: 'wrong-range',
              x: wrongTurn.index * column,
              y: 0,
              width: width - wrongTurn.index * column,
              height: HEIGHT,
            }),
          svg('path', { class: 'dead-line', d: lineThrough(dead) }),
          svg('path', { class: 'score-line', d: lineThrough(points) }),
          ...points.map(
            (point) => point && svg('circle', { class: 'score-point', cx: point.x, cy: point.y, r: 3 }),
          ),
        ),
      );
      const range = isProbability ? '' : ` (${formatNumber(low)} – ${formatNumber(high)})`;
      fill(
        legend,
        target !== null && finite.length > 0
          ? el(
              'span',
              { class: 'score-key' },
              isProbability
                ? l10n.t('Probability of class {0}', nameOf(target))
                : l10n.t('Value of class {0}', nameOf(target)) + range,
            )
          : null,
        hasDead ? el('span', { class: 'dead-key' }, l10n.t('Share of dead channels')) : null,
        wrongTurn ? el('span', { class: 'wrong-key' }, l10n.t('Since the first wrong turn')) : null,
      );
    },
  };
}

/** A line that is broken where there is no point. */
function lineThrough(points: readonly ({ readonly x: number; readonly y: number } | null)[]): string {
  let path = '';
  let isOpen = false;
  for (const point of points) {
    if (point !== null) path += `${isOpen ? 'L' : 'M'}${point.x} ${point.y.toFixed(1)}`;
    isOpen = point !== null;
  }
  return path;
}
