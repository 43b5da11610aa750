import { basename } from 'node:path';
import type { InputSource } from '../../shared/inputs';
import { readFile, statOf } from '../io/openFile';
import { arrayInput, countNeeded } from './arrays/arrayInput';
import { type NpyArray, type NpyHeader, parseNpy } from './arrays/npy';
import { readNpz } from './arrays/npz';
import { MAX_INPUT_BYTES, MAX_INPUT_VALUES } from './inputLimits';
import type { InputSpec } from './loadedInput';
import { readInput } from './readInput';
import { sniffInput } from './sniffInput';
import { parseCsv } from './text/csv';
import { rowNumber, type Table } from './text/table';
import { tableInput } from './text/tableInput';
import { MAX_TABLE_BYTES, textOf } from './text/textFile';

type FileSource = Extract<InputSource, { kind: 'file' }>;
type Content =
  | { readonly kind: 'array'; readonly array: NpyArray; readonly name: string }
  | { readonly kind: 'table'; readonly table: Table };

/** Values of an array that are kept between two requests; 64 MB. */
const MAX_KEPT_VALUES = 2 ** 24;

/**
 * Reads many inputs, most of them parts of the same file: the array or table that was read last is kept, so that a file of 10,000 samples is not
 * unpacked 10,000 times. What it reads is what `readInput` reads.
 */
export class PartReader {
  private kept: { readonly key: string; readonly content: Content } | null = null;

  readonly read: typeof readInput = async (source, spec, preprocessing) => {
    const content =
      source.kind === 'file' && spec.dtype !== 'string' ? await this.contentOf(source, spec) : null;
    if (content === null || source.kind !== 'file') return readInput(source, spec, preprocessing);
    const chosen = preprocessing ?? { name: 'none' as const };
    if (content.kind === 'array') return { ...arrayInput(content.array, content.name, spec, chosen), source };
    const row = rowNumber(source.member ?? '', source.path);
    const { table } = content;
    const cells = table.rows[row - 1];
    // A row that is not there is reported as by a reader of one row.
    if (cells === undefined) return readInput(source, spec, preprocessing);
    return { ...tableInput({ ...table, rows: [cells], from: row }, source.path, spec, chosen), source };
  };

  /** To be called when nothing more is read for now: forgets what takes much memory. */
  rest(): void {
    if (this.kept?.content.kind === 'array' && this.kept.content.array.values.length > MAX_KEPT_VALUES)
      this.kept = null;
  }

  /** `null` for what is not one of many parts of a file. */
  private async contentOf(source: FileSource, spec: InputSpec): Promise<Content | null> {
    const { path, member, sample } = source;
    const isArray = sample !== undefined && /\.(npy|npz)$/i.test(path);
    const isRow = member !== undefined && /\.(csv|tsv)$/i.test(path);
    if (!isArray && !isRow) return null;
    const stat = statOf(path);
    // The shape decides which values are needed, and the name which array of an archive is meant.
    const key = JSON.stringify([path, stat?.mtimeMs, stat?.size, isArray && [member, spec.name, spec.shape]]);
    if (this.kept?.key === key) return this.kept.content;
    this.kept = null;
    const content = isRow ? readTable(path) : await readArray(source, spec);
    if (content !== null) this.kept = { key, content };
    return content;
  }
}

function readTable(path: string): Content {
  const bytes = readFile(path, MAX_TABLE_BYTES);
  return { kind: 'table', table: parseCsv(textOf(bytes, path, MAX_TABLE_BYTES), path, 'all') };
}

/** As many values of an array as an input may have: those of all samples that can be read. `null` for what is no array. */
async function readArray({ path, member }: FileSource, spec: InputSpec): Promise<Content | null> {
  const bytes = readFile(path, MAX_INPUT_BYTES);
  const { sample: _, ...first } = spec;
  const taken = (header: NpyHeader): number => {
    countNeeded(header, path, first);
    const whole = header.shape.reduce((product, size) => product * size, 1);
    return Math.min(whole, MAX_INPUT_VALUES);
  };
  switch (sniffInput(bytes)) {
    case 'npy':
      return { kind: 'array', array: parseNpy(bytes, path, taken), name: path };
    case 'zip': {
      const array = await readNpz(bytes, path, member, spec.name, taken);
      return { kind: 'array', array, name: `${basename(path)}:${array.member}` };
    }
    default:
      return null;
  }
}
