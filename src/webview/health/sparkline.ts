import * as l10n from '@vscode/l10n';
import type { Histogram } from '../../shared/model';
import { svg } from '../dom';
import { formatNumber } from '../format';

const WIDTH = 64;
const HEIGHT = 16;

/**
 * The distribution of some values as a small area, by the square root of the counts, so that few values are visible beside many. The
 * columns beside it have its numbers.
 */
export function sparkline({ min, max, counts }: Histogram): SVGElement {
  const top = Math.sqrt(Math.max(1, ...counts));
  const fullest = counts.indexOf(Math.max(...counts));
  const width = counts.length === 0 ? 0 : (max - min) / counts.length;
  const most = min === max ? min : min + (fullest + 0.5) * width;
  const label = Number.isNaN(min)
    ? l10n.t('No finite values')
    : l10n.t('{0} to {1}, most near {2}', formatNumber(min), formatNumber(max), formatNumber(most));
  const step = WIDTH / Math.max(1, counts.length);
  const steps = counts.map((count, bin) => {
    const y = HEIGHT - (Math.sqrt(count) / top) * (HEIGHT - 1);
    return `L${bin * step} ${y.toFixed(1)}H${((bin + 1) * step).toFixed(1)}`;
  });
  const path =
    min === max
      ? `M${WIDTH / 2 - 1} ${HEIGHT}V1H${WIDTH / 2 + 1}V${HEIGHT}Z`
      : `M0 ${HEIGHT}${steps.join('')}V${HEIGHT}Z`;
  return svg(
    'svg',
    {
      class: 'sparkline',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: 'img',
      'aria-label': label,
    },
    Number.isNaN(min) ? null : svg('path', { d: path }),
  );
}
