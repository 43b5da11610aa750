import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../../shared/errors';
import type { InputSource } from '../../../shared/inputs';
import { openFile, readFile } from '../../io/openFile';
import { countNeeded, sampleCount } from '../arrays/arrayInput';
import { bytesNeeded, type NpyHeader } from '../arrays/npy';
import { npzEntries } from '../arrays/npz';
import { MAX_INPUT_BYTES } from '../inputLimits';
import { inputParts } from '../inputParts';
import type { InputSpec } from '../loadedInput';
import { parseCsv } from '../text/csv';
import { labelColumn, takesMatrix } from '../text/tableInput';
import { MAX_TABLE_BYTES, textOf } from '../text/textFile';
import { arrayLabels, isLabelArray, labelArrayOf } from './arrayLabels';
import type { RawLabels } from './trueClasses';

type FileSource = Extract<InputSource, { kind: 'file' }>;

/** What one file holds of the inputs of a model, in order. */
export interface FileParts {
  readonly count: number;
  /** One source for each input of the model. */
  sourcesAt(at: number): readonly FileSource[];
  nameAt(at: number): string;
  readonly labels: RawLabels | null;
}

export interface FoundParts {
  readonly parts: readonly FileParts[];
  /** Sentences about labels that cannot be used. */
  readonly notices: readonly string[];
}

/** Headers of .npy files are a few hundred bytes. */
const HEADER_BYTES = 4096;
/** Arrays of an archive that are looked at. */
const MAX_ARRAYS = 1000;

/**
 * The inputs in a file: the samples of an array, the arrays of an .npz file, the rows of a table, the sequences of a FASTA file, or the
 * file itself. A model of several inputs takes them from an .npz file with an array for each of them.
 *
 * @returns no parts for an array of another shape, and for a file that several inputs cannot share
 * @throws Failure of a file that cannot be read
 */
export async function fileParts(path: string, specs: readonly InputSpec[]): Promise<FoundParts> {
  if (/\.npz$/i.test(path)) return npzParts(path, specs);
  const [spec] = specs;
  if (spec === undefined || specs.length > 1) return NONE;
  if (/\.npy$/i.test(path)) return only(npyParts(path, spec));
  if (/\.(csv|tsv)$/i.test(path) && spec.dtype !== 'string' && !takesMatrix(spec)) {
    return only(tableParts(path, spec));
  }
  // A picture is one input, and its content is not read for it.
  if (!/\.(fasta|fa|faa|fna|json)$/i.test(path)) return only(single(path));
  const found = await inputParts({ kind: 'file', path }, spec);
  if (found === null) return only(single(path));
  const { kind, names } = found;
  const isNamed = kind === 'sequences';
  const memberAt = (at: number): string => (isNamed ? (names[at] ?? '') : String(at + 1));
  return only({
    // More sequences than are listed have no names here.
    count: isNamed ? names.length : found.count,
    sourcesAt: (at) =>
      kind === 'samples'
        ? [{ kind: 'file', path, sample: at }]
        : [{ kind: 'file', path, member: memberAt(at) }],
    nameAt: (at) =>
      isNamed ? `${basename(path)}, ${memberAt(at)}` : l10n.t('{0}, row {1}', basename(path), at + 1),
    labels: null,
  });
}

const NONE: FoundParts = { parts: [], notices: [] };
const only = (part: FileParts | null): FoundParts => (part === null ? NONE : { parts: [part], notices: [] });

const single = (path: string): FileParts => ({
  count: 1,
  sourcesAt: () => [{ kind: 'file', path }],
  nameAt: () => basename(path),
  labels: null,
});

function npyParts(path: string, spec: InputSpec): FileParts | null {
  const samples = samplesOf(npyHeader(path), path, spec);
  if (samples === null) return null;
  if (samples === 1) return single(path);
  return {
    count: samples,
    sourcesAt: (at) => [{ kind: 'file', path, sample: at }],
    nameAt: (at) => l10n.t('{0}, sample {1}', basename(path), at),
    labels: null,
  };
}

/** @throws Failure of a file that is no array */
function npyHeader(path: string): NpyHeader {
  const file = openFile(path);
  try {
    const start = Buffer.alloc(Math.min(HEADER_BYTES, file.size));
    file.read(start, 0);
    let found: NpyHeader | null = null;
    bytesNeeded(start, file.size, path, (header) => {
      found = header;
      return 0;
    });
    return (
      found ??
      fail('truncated', l10n.t('{0} ends before its array begins.', basename(path)), {
        remedy: l10n.t('Copy or download the file again.'),
        subject: path,
      })
    );
  } finally {
    file.close();
  }
}

/** How many samples of an input an array holds; `null` where it has another shape or holds something else. */
function samplesOf(header: NpyHeader, file: string, spec: InputSpec): number | null {
  try {
    countNeeded(header, file, spec);
    return sampleCount(header, file, spec);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.error.kind !== 'internal') return null;
    throw thrown;
  }
}

async function npzParts(path: string, specs: readonly InputSpec[]): Promise<FoundParts> {
  const bytes = readFile(path, MAX_INPUT_BYTES);
  const entries = await npzEntries(bytes, path, MAX_ARRAYS);
  const members = entries.map(({ member }) => member);
  const isAlone = entries.length === 1;
  const parts: FileParts[] = [];
  const notices: string[] = [];
  const add = async (taken: readonly string[], count: number) => {
    const [first = ''] = taken;
    const wanted = labelArrayOf(first, members);
    const header = entries.find(({ member }) => member === wanted);
    const labels = header ? await arrayLabels(bytes, path, header.member, header, count) : null;
    if (typeof labels === 'string') notices.push(labels);
    const file = basename(path);
    const name = isAlone || specs.length > 1 ? file : `${file} [${first}]`;
    parts.push({
      count,
      sourcesAt: (at) =>
        taken.map((member) => ({
          kind: 'file',
          path,
          ...(isAlone ? {} : { member }),
          ...(count > 1 ? { sample: at } : {}),
        })),
      nameAt: (at) => (count > 1 ? l10n.t('{0}, sample {1}', name, at) : name),
      labels: typeof labels === 'string' ? null : labels,
    });
  };
  if (specs.length > 1) {
    const found = specs.map((spec) => entries.find(({ member }) => member === spec.name));
    const counts = found.map((header, i) => {
      const spec = specs[i];
      return header && spec ? samplesOf(header, path, spec) : null;
    });
    const [count = null] = counts;
    if (count === null || counts.some((one) => one !== count)) return NONE;
    await add(
      specs.map(({ name }) => name),
      count,
    );
    return { parts, notices };
  }
  const [spec] = specs;
  if (spec === undefined) return NONE;
  const fitting = entries.flatMap((header) => {
    const count = samplesOf(header, path, spec);
    return count === null ? [] : [{ member: header.member, count }];
  });
  // Labels may have the shape of an input by chance.
  const inputs = fitting.filter(({ member }) => !isLabelArray(member) || fitting.length === 1);
  for (const { member, count } of inputs) await add([member], count);
  return { parts, notices };
}

function tableParts(path: string, spec: InputSpec): FileParts {
  const bytes = readFile(path, MAX_TABLE_BYTES);
  const table = parseCsv(textOf(bytes, path, MAX_TABLE_BYTES), path, 'all');
  const column = labelColumn(table.header ?? [], spec);
  const file = basename(path);
  return {
    count: table.rowCount,
    sourcesAt: (at) =>
      table.rowCount === 1 ? [{ kind: 'file', path }] : [{ kind: 'file', path, member: String(at + 1) }],
    nameAt: (at) => (table.rowCount === 1 ? file : l10n.t('{0}, row {1}', file, at + 1)),
    labels:
      column === null
        ? null
        : {
            from: l10n.t('The column "{0}" of {1}', table.header?.[column] ?? '', file),
            values: table.rows.map((row) => labelIn(row[column])),
          },
  };
}

function labelIn(cell: unknown): string | number | null {
  if (typeof cell === 'number') return cell;
  return typeof cell === 'string' && cell.trim() !== '' ? cell : null;
}
