import { parquetWriteBuffer } from 'hyparquet-writer';
import { unparse } from 'papaparse';
import type { BatchRow } from '../../shared/batch/batchRow';
import { placeName, strongestPart } from '../../shared/batch/evidence';
import { METHODS, type MethodId } from '../../shared/methods';

type Cell = string | number | boolean | null;
type ColumnType = 'STRING' | 'INT32' | 'DOUBLE' | 'BOOLEAN';

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  of(row: BatchRow): Cell;
}

const predicted = (row: BatchRow, place: number) => row.predictions[place];

/** @param prefix of the names, empty for the prediction itself */
const predictionColumns = (place: number, prefix: string): Column[] => [
  {
    name: `${prefix}class`,
    type: 'INT32',
    of: (row) => (row.kind === 'number' ? null : (predicted(row, place)?.index ?? null)),
  },
  { name: `${prefix}label`, type: 'STRING', of: (row) => predicted(row, place)?.label ?? null },
  { name: `${prefix}confidence`, type: 'DOUBLE', of: (row) => predicted(row, place)?.probability ?? null },
  { name: `${prefix}value`, type: 'DOUBLE', of: (row) => predicted(row, place)?.logit ?? null },
];

/** What is said of each input, in this order. `confidence` is a probability, `value` the number before the activation of the output. */
function columnsOf(
  rows: readonly BatchRow[],
  methods: readonly MethodId[],
  labels: readonly string[],
): Column[] {
  const hasTrust = rows.some(({ maps }) => maps.some(({ trust }) => trust !== null));
  return [
    { name: 'name', type: 'STRING', of: ({ name }) => name },
    ...predictionColumns(0, ''),
    { name: 'margin', type: 'DOUBLE', of: ({ margin }) => margin },
    ...predictionColumns(1, 'second_'),
    ...predictionColumns(2, 'third_'),
    { name: 'true_class', type: 'INT32', of: ({ truth }) => truth },
    {
      name: 'true_label',
      type: 'STRING',
      of: ({ truth }) => (truth === null ? null : (labels[truth] ?? null)),
    },
    { name: 'correct', type: 'BOOLEAN', of: ({ correct }) => correct },
    { name: 'non_finite', type: 'INT32', of: ({ nonFinite }) => nonFinite },
    ...methods.map(
      (method): Column => ({
        name: `evidence_${method}`,
        type: 'STRING',
        of: (row) => placeOf(row, method),
      }),
    ),
    ...(hasTrust ? methods.flatMap(trustColumns) : []),
    { name: 'error', type: 'STRING', of: errorOf },
  ];
}

/** Figures of a map in the tables, by their names there. */
const TRUST_FIGURES = {
  insertion_auc: 'insertionAuc',
  random_insertion_auc: 'randomInsertionAuc',
  deletion_auc: 'deletionAuc',
  random_deletion_auc: 'randomDeletionAuc',
  randomisation: 'randomisation',
  other_class: 'otherClass',
  sensitivity: 'sensitivity',
  certainty: 'certainty',
  steadiness: 'steadiness',
  completeness: 'completeness',
} as const;

/** The verdict on a map, and the figures behind it. */
function trustColumns(method: MethodId): Column[] {
  const trustOf = ({ maps }: BatchRow) => maps.find((map) => map.method === method)?.trust;
  return [
    { name: `trust_${method}`, type: 'STRING', of: (row) => trustOf(row)?.verdict ?? null },
    ...Object.entries(TRUST_FIGURES).map(
      ([name, key]): Column => ({
        name: `${name}_${method}`,
        type: 'DOUBLE',
        of: (row) => trustOf(row)?.[key] ?? null,
      }),
    ),
  ];
}

/** The part of the input that holds most of the evidence, in words. */
function placeOf({ maps }: BatchRow, method: MethodId): string | null {
  const evidence = maps.find((map) => map.method === method)?.evidence ?? null;
  const part = strongestPart(evidence);
  return part === null ? null : placeName(part, evidence?.length ?? 0);
}

/** Why there is no prediction, or no map. */
function errorOf({ error, maps }: BatchRow): string | null {
  if (error !== null) return error;
  const missing = maps.flatMap((map) =>
    map.error === null ? [] : [`${METHODS[map.method].label}: ${map.error}`],
  );
  return missing.length === 0 ? null : missing.join(' ');
}

/**
 * A CSV file as spreadsheets and pandas read it. Numbers have six significant digits, so that they do not depend on the machine. A text
 * that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function csvOf(
  rows: readonly BatchRow[],
  methods: readonly MethodId[],
  labels: readonly string[],
): string {
  const columns = columnsOf(rows, methods, labels);
  const data = rows.map((row) => columns.map((column) => csvCell(column.of(row))));
  return unparsed(
    columns.map(({ name }) => name),
    data,
  );
}

/** How long each input took, which is different each time and therefore apart from what was predicted. */
export const timesOf = (rows: readonly BatchRow[]): string =>
  unparsed(
    ['name', 'seconds'],
    rows.map(({ name, seconds }) => [name, Number(seconds.toFixed(4))]),
  );

const unparsed = (fields: readonly string[], data: readonly (readonly Cell[])[]): string =>
  `${unparse({ fields: [...fields], data: data.map((row) => [...row]) }, { newline: '\n', escapeFormulae: true })}\n`;

const DIGITS = 6;

function csvCell(cell: Cell): Cell {
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'number') return cell;
  // As pandas and numpy write them.
  if (!Number.isFinite(cell)) return Number.isNaN(cell) ? 'nan' : cell > 0 ? 'inf' : '-inf';
  return Number(cell.toPrecision(DIGITS));
}

/** The same as `csvOf`, with types and all digits, as an Apache Parquet file. */
export function parquetOf(
  rows: readonly BatchRow[],
  methods: readonly MethodId[],
  labels: readonly string[],
): Uint8Array {
  const columns = columnsOf(rows, methods, labels);
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(({ name, type, of }) => ({ name, type, data: rows.map(of), nullable: true })),
    }),
  );
}
