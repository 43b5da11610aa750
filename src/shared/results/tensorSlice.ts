import type { Stage } from '../layerValues';

/** A page of the exact values of a tensor: along two of its axes, at fixed places along the others. */
export interface TensorSlice {
  readonly stage: Stage;
  /** What can be asked for. */
  readonly stages: readonly Stage[];
  /** Of the whole tensor, batch axis first. */
  readonly shape: readonly number[];
  readonly dtype: TensorDtype;
  /** What each axis is: `height`, `channel`, `axis 3`. */
  readonly axes: readonly string[];
  /** The axes of the rows and columns; `null` for a tensor without such an axis. */
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
  /** Where the others are fixed; one index per axis. */
  readonly at: readonly number[];
  /** The first row and column of the page. */
  readonly row: number;
  readonly column: number;
  /** Row-major, at most `MAX_SLICE_ROWS` x `MAX_SLICE_COLUMNS`. */
  readonly values: readonly (readonly number[])[];
}

export type TensorDtype = 'float32' | 'int32' | 'bool';

/** Values that a page shows at once. */
export const MAX_SLICE_ROWS = 100;
export const MAX_SLICE_COLUMNS = 32;

export const EXPORT_FORMATS = ['npy', 'csv'] as const;
export type TensorExportFormat = (typeof EXPORT_FORMATS)[number];
