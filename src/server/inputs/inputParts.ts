import type { InputSource } from '../../shared/inputs';
import { type InputParts, MAX_LISTED_PARTS } from '../../shared/sources/inputParts';
import { readFile } from '../io/openFile';
import { sampleCount } from './arrays/arrayInput';
import { parseNpy } from './arrays/npy';
import { samplesIn } from './arrays/samples';
import { MAX_INPUT_BYTES } from './inputLimits';
import type { InputSpec } from './loadedInput';
import { textFormat } from './readInput';
import { sniffInput } from './sniffInput';
import { parseCsv } from './text/csv';
import { fastaNames } from './text/fasta';
import { jsonRows } from './text/jsonInput';
import { takesMatrix } from './text/tableInput';
import { MAX_TABLE_BYTES, textOf } from './text/textFile';

const CELLS_SHOWN = 6;
const MAX_SHOWN = 80;

/**
 * What a file holds several of, of which an input takes one: the sequences of a FASTA file, the rows of a table, the samples of an array.
 *
 * @returns `null` where there is nothing to choose
 * @throws Failure as `readInput`
 */
export async function inputParts(source: InputSource, spec: InputSpec): Promise<InputParts | null> {
  const found = source.kind === 'file' ? await partsOf(source.path, source.member, spec) : null;
  return found !== null && found.count > 1 ? found : null;
}

async function partsOf(
  file: string,
  member: string | undefined,
  spec: InputSpec,
): Promise<InputParts | null> {
  const bytes = readFile(file, MAX_INPUT_BYTES);
  const content = sniffInput(bytes);
  if (content === 'npy')
    return samples(
      sampleCount(
        parseNpy(bytes, file, () => 0),
        file,
        spec,
      ),
    );
  if (content === 'zip') return samples(await samplesIn(file, member, spec));
  const format = textFormat(bytes, content, file);
  if (format === 'fasta') {
    const names = fastaNames(bytes, file);
    return { kind: 'sequences', count: names.length, names: names.slice(0, MAX_LISTED_PARTS) };
  }
  if (spec.dtype === 'string') return null;
  if (format === 'json') return rows(jsonRows(textOf(bytes, file), file, spec));
  if (format !== 'table' || takesMatrix(spec)) return null;
  const text = textOf(bytes, file, MAX_TABLE_BYTES);
  const { rowCount } = parseCsv(text, file, 1);
  if (rowCount > MAX_LISTED_PARTS) return rows({ count: rowCount, rows: [] });
  return rows({ count: rowCount, rows: parseCsv(text, file, 'all').rows });
}

const samples = (count: number): InputParts => ({ kind: 'samples', count, names: [] });

const rows = (found: {
  readonly count: number;
  readonly rows: readonly (readonly unknown[])[];
}): InputParts => ({
  kind: 'rows',
  count: found.count,
  names: found.count > MAX_LISTED_PARTS ? [] : found.rows.map(beginning),
});

/** The first cells of a row, as far as they fit into a line. */
function beginning(cells: readonly unknown[]): string {
  const line = cells
    .slice(0, CELLS_SHOWN)
    .map((cell) => (Array.isArray(cell) ? '[…]' : String(cell)))
    .join(', ');
  return line.length > MAX_SHOWN || cells.length > CELLS_SHOWN ? `${line.slice(0, MAX_SHOWN)}, …` : line;
}
