import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { floatDigits } from '../../../shared/numberText';
import type { ExportTensorParams } from '../../../shared/protocol';
import type { TensorDtype } from '../../../shared/results/tensorSlice';
import { nonFiniteName } from '../../../shared/wireNumbers';
import { writeNpy } from '../../inputs/arrays/npy';
import { type StageValues, stageValues } from '../../inspect/stageValues';
import { axisNames } from '../../inspect/tensorAxes';
import { writeFile } from '../../io/writeFile';
import type { Run } from '../../session/runs';
import { sliceAxes, startOf, stridesOf } from './tensorSlice';

/** A text of so many values has about 500 MB. */
const MAX_CSV_VALUES = 40_000_000;
/** Rows that are joined at a time: a text has a limit that a file does not have. */
const ROWS_AT_A_TIME = 4096;

type Values = StageValues['data'];

/** What is written: an array with the names of its axes. */
interface Exported {
  readonly shape: readonly number[];
  readonly names: readonly string[];
  readonly values: Values;
  readonly dtype: TensorDtype;
}

/**
 * Writes the whole value of a layer, or a slice of it along two axes, as .npy or .csv. Overwrites an existing file.
 * @throws Failure as `stageValues` and `sliceAxes`, `write-failed`, and `too-large` for a .csv of too many values.
 */
export async function exportTensor(
  { trace }: Pick<Run, 'trace'>,
  params: ExportTensorParams,
): Promise<{ readonly shape: readonly number[] }> {
  const values = await stageValues(trace, params.layer, params.stage);
  const exported = params.axes ? sliceOf(values, params.axes) : wholeOf(values);
  const { shape } = exported;
  writeFile(
    params.path,
    params.format === 'npy' ? writeNpy(exported.values, shape) : csvOf(exported, params.layer),
  );
  return { shape };
}

const wholeOf = (values: StageValues): Exported => ({
  ...{ shape: values.shape, names: axisNames(values), dtype: values.dtype },
  values: values.data,
});

function sliceOf(values: StageValues, asked: NonNullable<ExportTensorParams['axes']>): Exported {
  const axes = sliceAxes(values, asked);
  const { shape, data, dtype } = values;
  const kept = [axes.rowAxis, axes.columnAxis].filter((axis) => axis !== null);
  const strides = stridesOf(shape);
  const start = startOf(axes, strides);
  const sizes = kept.map((axis) => shape[axis] ?? 1);
  const [rows = 1, columns = 1] = sizes;
  const [down = 0, right = 0] = kept.map((axis) => strides[axis] ?? 0);
  const taken = data.slice(0, rows * columns);
  for (let i = 0; i < taken.length; i++)
    taken[i] = data[start + Math.floor(i / columns) * down + (i % columns) * right] ?? 0;
  const names = axisNames(values);
  return { shape: sizes, names: kept.map((axis) => names[axis] ?? ''), values: taken, dtype };
}

/**
 * A table (RFC 4180) with one line for each place along all axes but the last, whose values are its columns: `height,width,0,1,2`.
 * Each float is written with the digits that give the same float32 again.
 */
function csvOf({ shape, names, values, dtype }: Exported, layer: string): Buffer {
  if (values.length > MAX_CSV_VALUES) {
    fail('too-large', l10n.t('The {0} values of "{1}" are too many for a .csv file.', values.length, layer), {
      subject: layer,
      remedy: l10n.t('Export a slice, or a .npy file.'),
    });
  }
  const columns = shape.length < 2 ? 1 : (shape.at(-1) ?? 1);
  const leading = shape.length < 2 ? shape : shape.slice(0, -1);
  const text = dtype === 'float32' ? floatCell : String;
  const heads = shape.length < 2 ? ['value'] : Array.from({ length: columns }, (_, i) => String(i));
  const parts = [Buffer.from(line([...names.slice(0, leading.length), ...heads]))];
  const rows = columns === 0 ? 0 : values.length / columns;
  const strides = stridesOf(leading);
  for (let from = 0; from < rows; from += ROWS_AT_A_TIME) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(rows, from + ROWS_AT_A_TIME); row++) {
      const index = strides.map((stride, axis) => Math.floor(row / stride) % (leading[axis] ?? 1));
      const cells = Array.from(values.subarray(row * columns, (row + 1) * columns), text);
      lines.push(line([...index, ...cells]));
    }
    parts.push(Buffer.from(lines.join('')));
  }
  return Buffer.concat(parts);
}

const line = (cells: readonly (string | number)[]): string => `${cells.join(',')}\r\n`;

const floatCell = (value: number): string => nonFiniteName(value) ?? floatDigits(value);
