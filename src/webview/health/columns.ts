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

export const COLUMNS: readonly Column[] = [
  {
    id: 'layer',
    label: 'Layer',
    isNumber: false,
    key: ({ path }) => path,
    cell: ({ path, output }) => (output === 0 ? path : `${path} [${output}]`),
  },
  { id: 'class', label: 'Class', isNumber: false, key: (row) => row.className, cell: (row) => row.className },
  {
    id: 'stage',
    label: 'Stage',
    title: 'Before or after the activation',
    isNumber: false,
    key: ({ stage }) => stage,
    cell: ({ stage }) => (stage === 'pre' ? 'before' : 'after'),
  },
  { id: 'shape', label: 'Shape', isNumber: false, key: countOf, cell: ({ shape }) => formatExtent(shape) },
  {
    id: 'distribution',
    label: 'Distribution',
    title: 'From the smallest to the largest finite value; sorted by their distance',
    isNumber: false,
    key: ({ histogram: { min, max } }) => max - min,
    cell: ({ histogram }) => sparkline(histogram),
  },
  number('min', 'Min'),
  number('max', 'Max'),
  number('mean', 'Mean', 'Of the finite values'),
  number('std', 'Std', 'Standard deviation of the finite values'),
  share('negative', 'Negative', 'Share of the values'),
  share('zero', 'Zero', 'Share of the values'),
  bad('nan', 'NaN', 'Number of values that are NaN'),
  bad('inf', 'Inf', 'Number of values that are infinite'),
  {
    id: 'dead',
    label: 'Dead',
    title: 'After a rectifier: channels, or units of a vector, that are 0 everywhere; sorted by their share',
    isNumber: true,
    key: ({ deadChannels, channels }) => deadChannels && deadChannels / Math.max(1, channels ?? 1),
    cell: ({ deadChannels, channels }) =>
      deadChannels === null ? '' : `${deadChannels} of ${channels ?? 0}`,
  },
  {
    id: 'saturated',
    label: 'Saturated',
    title: 'After a sigmoid, tanh and the like: share of the values where its slope is below 0.01',
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
