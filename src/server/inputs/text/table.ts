import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';

/** What stands in one place of a table: text in CSV; JSON has numbers as well, and anything else is refused when it is used. */
export type Cell = unknown;

/** A cell as a number, as Python and JSON write it; true and false are 1 and 0. `null` for anything else, also for an empty cell. */
export function numberOf(cell: Cell): number | null {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return Number(cell);
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  if (/^(true|false)$/i.test(text)) return Number(text.toLowerCase() === 'true');
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  const [, sign, word] = /^([+-]?)(nan|inf)(?:inity)?$/i.exec(text) ?? [];
  if (word === undefined) return null;
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

export const isEmpty = (cell: Cell): boolean =>
  cell === undefined || cell === null || (typeof cell === 'string' && cell.trim() === '');

/** Rows of a table, cut to those that are used. */
export interface Table {
  /** Names of the columns; `null` where the file has none. */
  readonly header: readonly string[] | null;
  readonly rows: readonly (readonly Cell[])[];
  /** Number of the first of `rows`, counted from 1 for the first row of values. */
  readonly from: number;
  /** Of the whole file. */
  readonly rowCount: number;
}

/** Which rows are needed: one by its number, counted from 1, or all. */
export type RowChoice = number | 'all';

/** The number of a row that a user named. @throws Failure `bad-input` for anything but a number from 1 on. */
export function rowNumber(member: string, file: string): number {
  const row = /^\d{1,9}$/.test(member) ? Number(member) : 0;
  if (row > 0) return row;
  return fail('bad-input', l10n.t('"{0}" is no row of {1}.', member, basename(file)), {
    remedy: l10n.t('Give the number of a row, counted from 1 for the first row of values.'),
    subject: file,
  });
}

/** @throws Failure `bad-input` for a table without the row that is needed. */
export function checkRows({ rowCount }: Pick<Table, 'rowCount'>, row: RowChoice, file: string): void {
  if (rowCount === 0) {
    fail('bad-input', l10n.t('{0} has no row of values.', basename(file)), {
      remedy: l10n.t('Choose a table with at least one row below its header.'),
      subject: file,
    });
  }
  if (row !== 'all' && row > rowCount) {
    fail(
      'bad-input',
      rowCount === 1
        ? l10n.t('{0} has 1 row of values; there is no row {1}.', basename(file), row)
        : l10n.t('{0} has {1} rows of values; there is no row {2}.', basename(file), rowCount, row),
      { remedy: l10n.t('Name one from 1 to {0}.', rowCount), subject: file },
    );
  }
}
