import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { parseCsv } from '../inputs/text/csv';
import { MAX_TABLE_BYTES, textOf } from '../inputs/text/textFile';
import { readFile } from '../io/openFile';

const NAME_COLUMNS = ['name', 'file', 'filename', 'file_name', 'path', 'image', 'input', 'id'];
const LABEL_COLUMNS = ['label', 'class', 'target', 'y', 'truth', 'true_label'];

/**
 * True classes from a table: a column of names of inputs, as `BatchRow.name` has them or without their folders, and one of classes, by name
 * or index. Without a header that names them they are the first two columns.
 *
 * @throws Failure of a file that cannot be read, `bad-input` for a table of fewer columns
 */
export function readTrueLabels(path: string): ReadonlyMap<string, string> {
  const advice = { choose: l10n.t('Choose a CSV file with the columns name and label.') };
  const text = textOf(readFile(path, MAX_TABLE_BYTES, advice), path, MAX_TABLE_BYTES);
  const { header, rows } = parseCsv(text, path, 'all');
  const columns = header?.map((name) => name.toLowerCase()) ?? [];
  const find = (names: readonly string[]) => columns.findIndex((column) => names.includes(column));
  const [nameAt, labelAt] = [find(NAME_COLUMNS), find(LABEL_COLUMNS)];
  const isNamed = nameAt >= 0 && labelAt >= 0;
  const [from, to] = isNamed ? [nameAt, labelAt] : [0, 1];
  // A first row of texts may be a header of other names or a row.
  const all = header === null || isNamed || nameAt >= 0 ? rows : [header, ...rows];
  const labels = new Map<string, string>();
  for (const row of all) {
    const [name, label] = [row[from], row[to]];
    if (typeof name === 'string' && typeof label === 'string' && label.trim() !== '')
      labels.set(name.trim().replaceAll('\\', '/').replace(/^\.\//, ''), label.trim());
  }
  if (labels.size > 0) return labels;
  return fail('bad-input', l10n.t('{0} names the class of no input.', basename(path)), {
    remedy: advice.choose,
    subject: path,
  });
}

/** The label of an input by its name, else by that of its file. */
export const labelFor = (labels: ReadonlyMap<string, string>, name: string): string | null =>
  labels.get(name) ?? labels.get(name.slice(name.lastIndexOf('/') + 1)) ?? null;
