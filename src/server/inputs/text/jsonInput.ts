import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Preprocessing } from '../../../shared/inputs';
import { arrayInput, sampleShape } from '../arrays/arrayInput';
import { boundedCount, MAX_INPUT_STRINGS } from '../inputLimits';
import { type InputSpec, type LoadedInput, shapeText } from '../loadedInput';
import { checkRows, type RowChoice, rowNumber, type Table } from './table';
import { numberIn, rowsFor, tableInput, takesMatrix } from './tableInput';

const WRITE_AS = l10n.t(
  'Write an array of numbers, nested as the input is, or an object of numbers by the names of the columns, or an array of such objects.',
);
/** A tensor of more axes is no input of a model. */
const MAX_AXES = 8;

type Row = Readonly<Record<string, unknown>>;

/**
 * JSON as a model's input: an array of numbers, nested as the input is, with or without the batch axis; or a row of a table as an object, or
 * several of them (see `tableInput`).
 *
 * @param member the number of one of several rows, counted from 1.
 * @throws Failure `bad-input`, `wrong-shape`, `too-large`.
 */
export function jsonInput(
  text: string,
  file: string,
  member: string | undefined,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const json = parseJson(text, file);
  const rows = isRow(json) ? [json] : json;
  if (Array.isArray(rows) && rows.length > 0 && rows.every(isRow)) {
    return tableInput(tableOf(rows, file, rowsFor(spec, member, file)), file, spec, preprocessing);
  }
  if (member === undefined) return numbers(json, text.length, file, spec, preprocessing);
  const all = Array.isArray(json) && Array.isArray(json[0]) ? json : [json];
  const row = rowNumber(member, file);
  checkRows({ rowCount: all.length }, row, file);
  return numbers(all[row - 1], text.length, file, spec, preprocessing);
}

/**
 * The rows of JSON of which an input takes one: objects, or arrays of the input's shape.
 * @throws Failure `bad-input`, `wrong-shape`
 */
export function jsonRows(
  text: string,
  file: string,
  spec: InputSpec,
): { readonly count: number; readonly rows: readonly (readonly unknown[])[] } {
  const json = parseJson(text, file);
  if (!Array.isArray(json)) return { count: 1, rows: [] };
  if (json.length > 0 && json.every(isRow)) {
    return takesMatrix(spec) ? { count: 1, rows: [] } : { count: json.length, rows: json.map(Object.values) };
  }
  const { samples } = sampleShape({ dtype: spec.dtype, shape: shapeOf(json) }, spec, file);
  return {
    count: samples,
    rows: samples > 1 ? json.map((row: unknown) => (Array.isArray(row) ? row : [row])) : [],
  };
}

/** JSON as strings for a model that takes them: one string, or an array of strings of the input's shape without the batch axis. */
export function jsonStrings(
  text: string,
  file: string,
  spec: InputSpec,
): { strings: string[]; shape: number[] } {
  const json = parseJson(text, file);
  const strings = (Array.isArray(json) ? json : [json]).filter((value) => typeof value === 'string');
  const sizes = spec.shape?.slice(1) ?? [];
  const shape = [1, ...sizes.map((size) => size ?? strings.length)];
  const isWhole = !Array.isArray(json) || strings.length === json.length;
  if (strings.length === 0 || !isWhole) {
    return fail(
      'bad-input',
      l10n.t('{0} holds no string or array of strings, which input "{1}" takes.', basename(file), spec.name),
      {
        remedy: l10n.t('Write a string in quotes, or an array of them.'),
        subject: file,
      },
    );
  }
  const count = strings.length > MAX_INPUT_STRINGS ? 0 : boundedCount(shape, spec.name);
  if (count === strings.length) return { strings, shape };
  return fail(
    'wrong-shape',
    strings.length === 1
      ? l10n.t(
          '{0} holds 1 string, and input "{1}" takes {2}.',
          basename(file),
          spec.name,
          shapeText(spec.shape),
        )
      : l10n.t(
          '{0} holds {1} strings, and input "{2}" takes {3}.',
          basename(file),
          strings.length,
          spec.name,
          shapeText(spec.shape),
        ),
    { remedy: l10n.t('Give it as many strings as the model takes.'), subject: file },
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail('bad-input', l10n.t('{0} is not valid JSON.', basename(file)), {
      remedy: WRITE_AS,
      subject: file,
    });
  }
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function tableOf(rows: readonly Row[], file: string, row: RowChoice): Table {
  checkRows({ rowCount: rows.length }, row, file);
  const taken = row === 'all' ? rows : rows.slice(row - 1, row);
  const header = Object.keys(taken[0] ?? {});
  boundedCount([taken.length, header.length], basename(file));
  return {
    header,
    rows: taken.map((one) => header.map((name) => (Object.hasOwn(one, name) ? one[name] : undefined))),
    from: row === 'all' ? 1 : row,
    rowCount: rows.length,
  };
}

/** The shape that an array has if its parts are all alike. */
function shapeOf(json: unknown): number[] {
  const shape: number[] = [];
  for (let at = json; Array.isArray(at) && shape.length < MAX_AXES; at = at[0]) shape.push(at.length);
  return shape;
}

function numbers(
  json: unknown,
  characters: number,
  file: string,
  spec: InputSpec,
  preprocessing: Preprocessing,
): Omit<LoadedInput, 'source'> {
  const shape = shapeOf(json);
  const unequal = (): never =>
    fail('bad-input', l10n.t('{0} holds arrays of unequal lengths.', basename(file)), {
      remedy: WRITE_AS,
      subject: file,
    });
  const count = boundedCount(shape, spec.name);
  // Each value takes a character at least: the shape may promise more than there is.
  const values = new Float32Array(count <= characters ? count : unequal());
  let [filled, rounded] = [0, false];
  const fill = (at: unknown, axis: number): void => {
    if (axis === shape.length) {
      const value = numberIn(at, () => l10n.t('{0}: value {1}', basename(file), filled + 1), spec);
      if (Number.isInteger(value) && Math.fround(value) !== value) rounded = true;
      values[filled++] = value;
      return;
    }
    const parts: readonly unknown[] = Array.isArray(at) && at.length === shape[axis] ? at : unequal();
    for (const part of parts) fill(part, axis + 1);
  };
  fill(json, 0);
  return arrayInput({ dtype: 'float32', shape, values, rounded }, file, spec, preprocessing);
}
