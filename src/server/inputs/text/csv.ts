import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parse } from 'papaparse';
import { fail } from '../../../shared/errors';
import { MAX_INPUT_VALUES } from '../inputLimits';
import { checkRows, isEmpty, numberOf, type RowChoice, type Table } from './table';

/**
 * The rows of a CSV or TSV text. Its delimiter (comma, tab, semicolon or bar) is found in the first rows. The first row is a header if
 * one of its cells holds other text than a number. Empty lines are skipped.
 *
 * @param row which to keep; the others are only counted.
 * @throws Failure `bad-input` for damaged quotes or a missing row, `too-large`.
 */
export function parseCsv(text: string, file: string, row: RowChoice): Table {
  let header: readonly string[] | null = null;
  let seen = 0;
  let rowCount = 0;
  let cells = 0;
  const rows: (readonly string[])[] = [];
  parse<string[]>(text, {
    skipEmptyLines: 'greedy',
    step({ data, errors }) {
      const [damage] = errors.filter(({ type }) => type === 'Quotes');
      if (damage !== undefined) {
        fail('bad-input', l10n.t('{0}: row {1} has a quote that is not closed.', basename(file), seen + 1), {
          remedy: l10n.t('Write the table again, e.g. with pandas.DataFrame.to_csv.'),
          subject: file,
        });
      }
      if (seen++ === 0 && data.some((cell) => !isEmpty(cell) && numberOf(cell) === null)) {
        header = data.map((name) => name.trim());
        return;
      }
      rowCount++;
      if (row !== 'all' && row !== rowCount) return;
      cells += data.length;
      if (cells > MAX_INPUT_VALUES) {
        fail('too-large', l10n.t('{0} has more than {1} values.', basename(file), MAX_INPUT_VALUES), {
          remedy: l10n.t('Save only the rows that you want explained.'),
          subject: file,
        });
      }
      rows.push(data);
    },
  });
  checkRows({ rowCount }, row, file);
  return { header, rows, from: row === 'all' ? 1 : row, rowCount };
}
