import * as l10n from '@vscode/l10n';
import type { HealthRow } from '../../shared/results/health';
import { el } from '../dom';
import { formatExtent, formatNumber, formatShare } from '../format';
import { icon } from '../icons';
import { sparkline } from './sparkline';

/** A column of the health table. */
export interface Column {
  readonly id: string;
  readonly label: string;
  readonly title?: string;
  readonly isNumber: boolean;
  /** What rows are sorted by; rows without one come last. */
  key(row: HealthRow): number | string | null;
  cell(row: HealthRow): Node | string;
}

const countOf = ({ shape }: HealthRow): number => shape.reduce((a, b) => a * b, 1);
const shareOf = (row: HealthRow, part: number): number => part / Math.max(1, countOf(row));

const number = (id: 'min' | 'max' | 'mean' | 'std', label: string, title?: string): Column => ({
  ...{ id, label, isNumber: true },
  ...(title === undefined ? {} : { title }),
  key: (row) => row[id],
  cell: (row) => formatNumber(row[id]),
});

const share = (id: 'negative' | 'zero', label: string, title: string): Column => ({
  ...{ id, label, title, isNumber: true },
  key: (row) => shareOf(row, row[id]),
  cell: (row) => formatShare(shareOf(row, row[id])),
});

const bad = (id: 'nan' | 'inf', label: string, title: string): Column => ({
  ...{ id, label, title, isNumber: true },
  key: (row) => row[id],
  cell: (row) =>
    row[id] === 0
      ? el('span', { class: 'quiet' }, '0')
      : el('span', { class: 'bad' }, icon('warning'), ` ${row[id].toLocaleString('en-US')}`),
});

/** Where a value is: before or after the activation of its layer. */
export const stageText = (stage: HealthRow['stage']): string =>
  stage === 'pre' ? l10n.t('before') : l10n.t('after');

export const COLUMNS: readonly Column[] = [
  {
    id: 'layer',
    label: l10n.t('Layer'),
    isNumber: false,
    key: ({ path }) => path,
    cell: ({ path, output }) => (output === 0 ? path : `${path} [${output}]`),
  },
  {
    id: 'class',
    label: l10n.t('Class'),
    isNumber: false,
    key: (row) => row.className,
    cell: (row) => row.className,
  },
  {
    id: 'stage',
    label: l10n.t('Stage'),
    title: l10n.t('Before or after the activation'),
    isNumber: false,
    key: ({ stage }) => stage,
    cell: ({ stage }) => stageText(stage),
  },
  {
    id: 'shape',
    label: l10n.t('Shape'),
    isNumber: false,
    key: countOf,
    cell: ({ shape }) => formatExtent(shape),
  },
  {
    id: 'distribution',
    label: l10n.t('Distribution'),
    title: l10n.t('From the smallest to the largest finite value; sorted by their distance'),
    isNumber: false,
    key: ({ histogram: { min, max } }) => max - min,
    cell: ({ histogram }) => sparkline(histogram),
  },
  number('min', l10n.t('Min')),
  number('max', l10n.t('Max')),
  number('mean', l10n.t('Mean'), l10n.t('Of the finite values')),
  number('std', l10n.t('Std'), l10n.t('Standard deviation of the finite values')),
  share('negative', l10n.t('Negative'), l10n.t('Share of the values')),
  share('zero', l10n.t('Zero'), l10n.t('Share of the values')),
  bad('nan', 'NaN', l10n.t('Number of values that are NaN')),
  bad('inf', l10n.t('Inf'), l10n.t('Number of values that are infinite')),
  {
    id: 'dead',
    label: l10n.t('Dead'),
    title: l10n.t(
      'After a rectifier: channels, or units of a vector, that are 0 everywhere; sorted by their share',
    ),
    isNumber: true,
    key: ({ deadChannels, channels }) => deadChannels && deadChannels / Math.max(1, channels ?? 1),
    cell: ({ deadChannels, channels }) =>
      deadChannels === null ? '' : l10n.t('{0} of {1}', deadChannels, channels ?? 0),
  },
  {
    id: 'saturated',
    label: l10n.t('Saturated'),
    title: l10n.t('After a sigmoid, tanh and the like: share of the values where its slope is below 0.01'),
    isNumber: true,
    key: ({ saturated }) => saturated,
    cell: ({ saturated }) => (saturated === null ? '' : formatShare(saturated)),
  },
];

export type Direction = 'ascending' | 'descending';

/** Rows in the order of a column; equal ones, and rows without a value, stay in graph order. */
export function sorted(rows: readonly HealthRow[], column: Column, direction: Direction): HealthRow[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: column.key(row) }));
  const isMissing = (key: number | string | null): boolean => key === null || Number.isNaN(key);
  keyed.sort((a, b) => {
    if (isMissing(a.key) || isMissing(b.key)) return Number(isMissing(a.key)) - Number(isMissing(b.key));
    if (typeof a.key === 'string' || typeof b.key === 'string')
      return sign * String(a.key).localeCompare(String(b.key), 'en', { numeric: true });
    return a.key === b.key ? 0 : sign * ((a.key ?? 0) < (b.key ?? 0) ? -1 : 1);
  });
  return keyed.map(({ row }) => row);
}
