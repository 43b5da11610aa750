import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { TensorSliceParams } from '../../../shared/protocol';
import { MAX_SLICE_COLUMNS, MAX_SLICE_ROWS, type TensorSlice } from '../../../shared/results/tensorSlice';
import { type StageValues, stagesOf, stageValues } from '../../inspect/stageValues';
import { axisLabels, firstAxes } from '../../inspect/tensorAxes';
import type { Run } from '../../session/runs';

/** The axes of the rows and columns of a slice, and where the other axes are fixed. */
export interface SliceAxes {
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
  /** One index per axis. */
  readonly at: readonly number[];
}

/**
 * A page of the exact values of a layer. Places beyond the end of an axis are moved to its last one, since another input may
 * have fewer.
 * @throws Failure as `stageValues`, and `bad-input` for axes that the value does not have.
 */
export async function tensorSlice(
  { trace }: Pick<Run, 'trace'>,
  params: TensorSliceParams,
): Promise<TensorSlice> {
  const stages = stagesOf(trace, params.layer);
  const stage = stages.includes(params.stage) ? params.stage : 'post';
  const values = await stageValues(trace, params.layer, stage);
  const axes = sliceAxes(values, params.axes ?? null);
  const { shape, dtype, data } = values;
  const size = (axis: number | null): number => (axis === null ? 1 : (shape[axis] ?? 1));
  const strides = stridesOf(shape);
  const stride = (axis: number | null): number => (axis === null ? 0 : (strides[axis] ?? 0));
  const row = firstOf(params.row, size(axes.rowAxis));
  const column = firstOf(params.column, size(axes.columnAxis));
  const isEmpty = data.length === 0;
  const rows = isEmpty ? 0 : Math.min(params.rows, MAX_SLICE_ROWS, size(axes.rowAxis) - row);
  const columns = isEmpty ? 0 : Math.min(params.columns, MAX_SLICE_COLUMNS, size(axes.columnAxis) - column);
  const start = startOf(axes, strides);
  return {
    ...{ stage, stages, shape, dtype, axes: axisLabels(values), ...axes, row, column },
    values: Array.from({ length: rows }, (_, i) =>
      Array.from(
        { length: columns },
        (__, k) =>
          data[start + (row + i) * stride(axes.rowAxis) + (column + k) * stride(axes.columnAxis)] ??
          Number.NaN,
      ),
    ),
  };
}

/** @param asked `null` for the axes that are shown first. @throws Failure `bad-input`. */
export function sliceAxes(values: StageValues, asked: SliceAxes | null): SliceAxes {
  const { shape } = values;
  const { rowAxis, columnAxis } = asked ?? firstAxes(values);
  const isAxis = (axis: number | null): boolean => axis === null || axis < shape.length;
  const isSame = rowAxis !== null && rowAxis === columnAxis;
  if (!isAxis(rowAxis) || !isAxis(columnAxis) || isSame) {
    fail(
      'bad-input',
      l10n.t(
        'A value of {0} axes has no rows along axis {1} and columns along axis {2}.',
        shape.length,
        String(rowAxis),
        String(columnAxis),
      ),
      {
        remedy: l10n.t('Choose two of its axes.'),
      },
    );
  }
  const at = shape.map((size, axis) => Math.max(0, Math.min(size - 1, asked?.at[axis] ?? 0)));
  return { rowAxis, columnAxis, at };
}

export const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));

/** The place in the data of the first value of a slice. */
export const startOf = ({ rowAxis, columnAxis, at }: SliceAxes, strides: readonly number[]): number =>
  at.reduce(
    (sum, index, axis) =>
      axis === rowAxis || axis === columnAxis ? sum : sum + index * (strides[axis] ?? 0),
    0,
  );

const firstOf = (asked: number, size: number): number => Math.max(0, Math.min(asked, size - 1));
