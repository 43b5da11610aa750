import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { arrayInput } from '../arrays/arrayInput';
import { boundedCount } from '../inputLimits';
import { type InputSpec, isInteger, type LoadedInput, shapeText } from '../loadedInput';
import { type Cell, isEmpty, numberOf, type RowChoice, rowNumber, type Table } from './table';

const COLUMNS_SHOWN = 10;
const SET_COLUMNS = l10n.t(
  'State "columns" in the settings file beside the model (<model file>.layerglass.json): their names in the model\'s order.',
);

/** Which rows of a table an input needs: all for a model that takes a table, or a batch, else one, by default the first. */
export function rowsFor(spec: InputSpec, member: string | undefined, file: string): RowChoice {
  if (member !== undefined) return rowNumber(member, file);
  return spec.wholeBatch || takesMatrix(spec) ? 'all' : 1;
}

const LABEL_COLUMNS = ['label', 'labels', 'class', 'target'];

/** Which column of a table says the classes of its rows, by its name; `null` where none does, or where the model takes it. */
export function labelColumn(header: readonly string[], { columns = [] }: InputSpec): number | null {
  const found = header.findIndex(
    (name) => LABEL_COLUMNS.includes(name.toLowerCase()) && !columns.includes(name),
  );
  return found < 0 ? null : found;
}

/** Whether rows are one axis of an example: time steps, say. */
export const takesMatrix = ({ shape }: InputSpec): boolean => shape?.length === 3;

/**
 * Rows of a table as a model's input: one row for a model that takes [columns], all rows for one that takes [rows, columns]. Columns
 * are found by their names if the settings beside the model state them (`spec.columns`), else taken in the file's order, with a notice
 * if the file has a header.
 *
 * @param table as `rowsFor` says.
 * @throws Failure `wrong-shape` for another number of columns, `bad-input` for what is no number, and what `arrayInput` throws.
 */
export function tableInput(
  table: Table,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const rank = spec.shape?.length ?? 2;
  if (rank > 3) {
    fail(
      'wrong-shape',
      l10n.t(
        '{0} holds a table, and input "{1}" takes {2}.',
        basename(file),
        spec.name,
        shapeText(spec.shape),
      ),
      { remedy: l10n.t('A table is for a model that takes [columns] or [rows, columns].'), subject: file },
    );
  }
  const { indices, names, notices } = chooseColumns(
    table,
    file,
    spec,
    rank === 1 ? 1 : (spec.shape?.at(-1) ?? null),
  );
  const { rows } = table;
  const values = new Float32Array(boundedCount([rows.length, indices.length], spec.name));
  let rounded = false;
  for (const [i, row] of rows.entries()) {
    for (const [k, index] of indices.entries()) {
      const value = numberIn(row[index], () => place(table, file, i, index), spec);
      if (Number.isInteger(value) && Math.fround(value) !== value) rounded = true;
      values[i * indices.length + k] = value;
    }
  }
  const shape = rank === 1 ? [rows.length] : [rows.length, indices.length];
  const loaded = arrayInput({ dtype: 'float32', shape, values, rounded }, file, spec, preprocessing);
  const first =
    table.rowCount > 1 && rows.length === 1 && table.from === 1
      ? [l10n.t('{0} holds {1} rows; the first one is taken.', basename(file), table.rowCount)]
      : [];
  return {
    ...loaded,
    ...(names !== null && !takesMatrix(spec) ? { names: { kind: 'columns', values: names } } : {}),
    notices: [...first, ...notices, ...loaded.notices],
  };
}

interface Columns {
  /** Of the cells that are used, in the model's order. */
  readonly indices: readonly number[];
  readonly names: readonly string[] | null;
  readonly notices: readonly string[];
}

function chooseColumns(table: Table, file: string, spec: InputSpec, wanted: number | null): Columns {
  const { header, rows } = table;
  const width = header?.length ?? rows[0]?.length ?? 0;
  for (const [i, row] of rows.entries()) {
    if (row.length === width) continue;
    fail(
      'bad-input',
      header
        ? l10n.t(
            '{0}: row {1} has {2} cells, and the header has {3}.',
            basename(file),
            table.from + i,
            row.length,
            width,
          )
        : l10n.t(
            '{0}: row {1} has {2} cells, and the first row has {3}.',
            basename(file),
            table.from + i,
            row.length,
            width,
          ),
      { remedy: l10n.t('Correct the row.'), subject: file },
    );
  }
  const { columns } = spec;
  if (columns !== undefined && wanted !== null && columns.length !== wanted) {
    fail(
      'bad-config',
      l10n.t(
        'The settings beside the model name {0} columns, and input "{1}" takes {2}.',
        columns.length,
        spec.name,
        wanted,
      ),
      { remedy: l10n.t('Correct "columns" in the settings file.'), subject: file },
    );
  }
  if (columns !== undefined && header !== null) return columnsByName(columns, header, file, spec);
  const count = columns?.length ?? wanted ?? width;
  const label = header && labelColumn(header, spec);
  if (header !== null && label !== null && width === count + 1) return withoutColumn(header, label, file);
  if (width !== count) {
    fail('wrong-shape', columnsMisfit(header, width, count, basename(file), spec.name), {
      remedy: header ? SET_COLUMNS : l10n.t('Write the columns that the model takes.'),
      subject: file,
    });
  }
  const notices = header
    ? [
        l10n.t(
          'The columns of {0} are taken in the order of the file: the model does not say how its columns are called.',
          basename(file),
        ),
      ]
    : [];
  return { indices: Array.from({ length: width }, (_, i) => i), names: columns ?? header, notices };
}

function columnsMisfit(
  header: readonly string[] | null,
  width: number,
  count: number,
  file: string,
  input: string,
): string {
  if (header === null) {
    return width === 1
      ? l10n.t('{0} has 1 column, and input "{1}" takes {2}.', file, input, count)
      : l10n.t('{0} has {1} columns, and input "{2}" takes {3}.', file, width, input, count);
  }
  const names = listed(header);
  return width === 1
    ? l10n.t('{0} has 1 column ({1}), and input "{2}" takes {3}.', file, names, input, count)
    : l10n.t('{0} has {1} columns ({2}), and input "{3}" takes {4}.', file, width, names, input, count);
}

/** All columns but the one of the labels. */
function withoutColumn(header: readonly string[], label: number, file: string): Columns {
  const name = header[label] ?? '';
  return {
    indices: header.flatMap((_, i) => (i === label ? [] : [i])),
    names: header.filter((_, i) => i !== label),
    notices: [
      l10n.t('The column "{0}" of {1} holds the labels and is not given to the model.', name, basename(file)),
    ],
  };
}

function columnsByName(
  columns: readonly string[],
  header: readonly string[],
  file: string,
  spec: InputSpec,
): Columns {
  const indices = columns.map((name) => {
    const index = header.indexOf(name);
    if (index >= 0 && header.indexOf(name, index + 1) < 0) return index;
    return fail(
      'bad-input',
      index < 0
        ? l10n.t(
            '{0} has no column "{1}", which input "{2}" takes; it has {3}.',
            basename(file),
            name,
            spec.name,
            listed(header),
          )
        : l10n.t('{0} has several columns "{1}".', basename(file), name),
      { remedy: l10n.t('Name the columns as the settings file beside the model does.'), subject: file },
    );
  });
  const used = new Set(indices);
  const unused = header.filter((_, i) => !used.has(i));
  const notices =
    unused.length === 0
      ? []
      : [
          unused.length === 1
            ? l10n.t('{0} has a column that the model does not take: {1}.', basename(file), listed(unused))
            : l10n.t('{0} has columns that the model does not take: {1}.', basename(file), listed(unused)),
        ];
  return { indices, names: columns, notices };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, COLUMNS_SHOWN).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return rest === 0 ? shown.join(', ') : l10n.t('{0} and {1} more', shown.join(', '), rest);
}

function place({ header, from }: Table, file: string, row: number, index: number): string {
  const name = header?.[index];
  return name === undefined
    ? l10n.t('{0}: row {1}, column {2}', basename(file), from + row, index + 1)
    : l10n.t('{0}: row {1}, column "{2}"', basename(file), from + row, name);
}

/**
 * A cell as a number. True and false are 1 and 0.
 *
 * @param where names the cell in messages.
 * @throws Failure `bad-input`.
 */
export function numberIn(cell: Cell, where: () => string, spec: InputSpec): number {
  const value = numberOf(cell);
  if (value === null) {
    const what = typeof cell === 'string' ? `"${cell.slice(0, 100)}"` : typeof cell;
    return fail(
      'bad-input',
      isEmpty(cell)
        ? l10n.t('{0} is empty.', where())
        : l10n.t('{0} holds {1}, which is not a number.', where(), what),
      {
        remedy: l10n.t('Write numbers with a decimal point; "nan" stands for a missing one.'),
        subject: spec.name,
      },
    );
  }
  if (isInteger(spec.dtype) && !Number.isInteger(value)) {
    return fail(
      'bad-input',
      l10n.t('{0} holds {1}, and input "{2}" takes whole numbers.', where(), value, spec.name),
      {
        remedy: l10n.t('Give it whole numbers.'),
        subject: spec.name,
      },
    );
  }
  return value;
}
