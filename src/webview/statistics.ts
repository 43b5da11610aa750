import * as l10n from '@vscode/l10n';
import type { TensorStats } from '../shared/model';
import { el, fill } from './dom';
import { formatCount, formatExtent, formatNumber, formatShare } from './format';

interface Row {
  readonly term: string;
  /** Computed over the finite values only. */
  readonly ofFinite?: boolean;
  value(stats: TensorStats): string;
}

const ROWS: readonly Row[] = [
  { term: l10n.t('Shape'), value: ({ shape }) => formatExtent(shape) },
  { term: l10n.t('Values'), value: ({ count }) => formatCount(count) },
  { term: l10n.t('Smallest'), value: ({ min }) => formatNumber(min) },
  { term: l10n.t('Largest'), value: ({ max }) => formatNumber(max) },
  { term: l10n.t('Mean'), ofFinite: true, value: ({ mean }) => formatNumber(mean) },
  { term: l10n.t('Standard deviation'), ofFinite: true, value: ({ std }) => formatNumber(std) },
  { term: l10n.t('Negative'), value: ({ negative, count }) => withShare(negative, count) },
  { term: l10n.t('Zero'), value: ({ zero, count }) => withShare(zero, count) },
];
/** Rows that are shown only when a value is not finite. */
const BAD_ROWS: readonly Row[] = [
  { term: 'NaN', value: ({ nan, count }) => withShare(nan, count) },
  { term: l10n.t('Infinite'), value: ({ infinite, count }) => withShare(infinite, count) },
];

/** The statistics of one value. */
export interface StatisticsColumn {
  readonly head: string;
  readonly stats: TensorStats;
}

/** Statistics of one or several values, side by side. */
export function statisticsTable(): {
  readonly element: HTMLElement;
  show(columns: readonly StatisticsColumn[]): void;
} {
  const element = el('table', { class: 'statistics', 'aria-label': l10n.t('Statistics') });
  return {
    element,
    show(columns) {
      const bad = columns.some(({ stats: { nan, infinite } }) => nan + infinite > 0);
      fill(
        element,
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('td'),
            ...columns.map(({ head }) => el('th', { scope: 'col', class: 'number' }, head)),
          ),
        ),
        el(
          'tbody',
          {},
          ...[...ROWS, ...(bad ? BAD_ROWS : [])].map(({ term, ofFinite, value }) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, bad && ofFinite ? l10n.t('{0} of the finite values', term) : term),
              ...columns.map(({ stats }) => el('td', { class: 'number' }, value(stats))),
            ),
          ),
        ),
      );
    },
  };
}

function withShare(part: number, count: number): string {
  return part === 0 || count === 0
    ? formatCount(part)
    : `${formatCount(part)} (${formatShare(part / count)})`;
}
