import type { BatchReport, ReportRow } from '../shared/batch/batchReport';
import { UNSURE_MARGIN } from '../shared/gallery/galleryFilter';
import type { MethodId } from '../shared/methods';
import { placeOf } from './data';

export const SHOWN = ['all', 'wrong', 'right', 'unsure', 'failed'] as const;
export type Shown = (typeof SHOWN)[number];

/** Which inputs the gallery shows, in which order. */
export interface ReportFilter {
  readonly show: Shown;
  /** Predicted and true class; null for any. */
  readonly predicted: number | null;
  readonly truth: number | null;
  /** Where most of the evidence of `method` lies; null for anywhere. */
  readonly place: number | null;
  readonly method: MethodId | null;
  /** Part of the name. */
  readonly search: string;
  readonly order: 'listed' | 'unsure';
}

const SHOWS: Readonly<Record<Shown, (row: ReportRow) => boolean>> = {
  all: () => true,
  wrong: ({ correct }) => correct === false,
  right: ({ correct }) => correct === true,
  unsure: ({ margin }) => margin !== null && margin < UNSURE_MARGIN,
  failed: ({ error, maps }) => error !== null || maps.some((map) => map.error !== null),
};

export const isShown = (row: ReportRow, show: Shown): boolean => SHOWS[show](row);

/** Places in `rows` of the inputs that a filter shows, in its order. */
export function shownRows({ rows }: BatchReport, filter: ReportFilter): number[] {
  const { show, predicted, truth, place, method, search, order } = filter;
  const sought = search.trim().toLowerCase();
  const fits = (row: ReportRow): boolean =>
    isShown(row, show) &&
    (predicted === null || row.predictions[0]?.index === predicted) &&
    (truth === null || row.truth === truth) &&
    (place === null || placeOf(row, method) === place) &&
    (sought === '' || row.name.toLowerCase().includes(sought));
  const places = rows.flatMap((row, at) => (fits(row) ? [at] : []));
  if (order === 'listed') return places;
  const key = (at: number): number => rows[at]?.margin ?? Number.POSITIVE_INFINITY;
  return places.sort((a, b) => key(a) - key(b) || a - b);
}
