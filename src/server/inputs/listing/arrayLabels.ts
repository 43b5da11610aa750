import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { toResult } from '../../../shared/errors';
import type { NpyHeader } from '../arrays/npy';
import { readNpz } from '../arrays/npz';
import { boundedCount } from '../inputLimits';
import type { RawLabels } from './trueClasses';

/** Names of arrays of labels, the likeliest first. */
const NAMES = ['y', 'labels', 'label', 'y_test', 'y_true', 'targets', 'target'];

export const isLabelArray = (member: string): boolean =>
  NAMES.includes(member) || /^y([_\d]|$)/i.test(member);

/** Which array may hold the labels of another one: `y_test` those of `x_test`, else one of the usual names. */
export function labelArrayOf(member: string, members: readonly string[]): string | null {
  const paired = /^x/i.test(member) ? [`y${member.slice(1)}`, `Y${member.slice(1)}`] : [];
  return [...paired, ...NAMES].find((name) => name !== member && members.includes(name)) ?? null;
}

/**
 * The labels in an array of an .npz file: one number or text per sample, or one-hot rows.
 *
 * @param count of the samples
 * @returns a sentence where the array cannot be the labels of so many samples
 */
export async function arrayLabels(
  bytes: Buffer,
  file: string,
  member: string,
  header: NpyHeader,
  count: number,
): Promise<RawLabels | string> {
  const from = l10n.t('The array "{0}" of {1}', member, basename(file));
  const [length = 1, width = 1, ...rest] = header.shape;
  if (rest.some((size) => size !== 1) || length !== count) {
    return l10n.t(
      '{0} is not used as the true classes: its shape is ({1}), and there are {2} samples.',
      from,
      header.shape.join(', '),
      count,
    );
  }
  const read = await toResult(() =>
    readNpz(bytes, file, member, member, ({ shape }) => boundedCount(shape, member)),
  );
  if (!read.ok) return l10n.t('{0} is not used as the true classes: {1}', from, read.error.message);
  const { values, strings } = read.value;
  if (strings) return { from, values: strings };
  if (width === 1)
    return { from, values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)) };
  const classes = oneHot(values, count, width);
  return classes === null
    ? l10n.t(
        '{0} is not used as the true classes: its rows of {1} values do not mark one class each.',
        from,
        width,
      )
    : { from, values: classes };
}

/** The place of the one value of each row that is not 0; `null` where a row has none or several. */
function oneHot(values: Float32Array, rows: number, width: number): number[] | null {
  const classes: number[] = [];
  for (let row = 0; row < rows; row++) {
    const cells = values.subarray(row * width, (row + 1) * width);
    const first = cells.findIndex((value) => value !== 0);
    if (first < 0 || cells[first] !== 1 || cells.some((value, i) => i !== first && value !== 0)) return null;
    classes.push(first);
  }
  return classes;
}
