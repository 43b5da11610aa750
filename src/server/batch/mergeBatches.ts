import { basename, join, resolve } from 'node:path';
import type { BatchHeader, BatchRow } from '../../shared/batch/batchRow';
import { fail } from '../../shared/errors';
import { listFolder, readFile, statOf } from '../io/openFile';
import { writeFile } from '../io/writeFile';
import { type Control, checkpoint } from '../run/control';
import { writeResults } from './finish';
import { type BatchRecord, readRecord, startJournal } from './journal';

interface Part extends BatchRecord {
  readonly folder: string;
}

/** Bytes of one picture. */
const MAX_PICTURE_BYTES = 2 ** 28;

/**
 * Joins the parts of a batch to what one call would have written. Folders of parts may lie in the given folders.
 * @param out an empty folder, or one into which the same was merged before
 * @returns the rows and the paths of the tables and the report
 * @throws Failure `bad-input` for parts that do not belong together, are not complete or of which one is missing
 */
export async function mergeBatches(
  folders: readonly string[],
  out: string,
  control: Control,
): Promise<{ readonly record: BatchRecord; readonly files: readonly string[] }> {
  const parts = folders.flatMap((folder) => partsIn(resolve(folder)));
  const [first] = parts;
  if (first === undefined) {
    return fail(
      'bad-input',
      `${folders.map((name) => basename(name)).join(', ')}: no part of a batch lies there.`,
      {
        remedy: 'Give the folders that "layerglass batch --shard" wrote, or the one that holds them.',
      },
    );
  }
  checkParts(parts, first);
  const rows = joined(parts);
  const header: BatchHeader = { ...first.header, shard: null, notices: noticesOf(parts) };
  const target = resolve(out);
  const journal = startJournal(target, header, true);
  try {
    for (const [at, { row, folder }] of rows.entries()) {
      await checkpoint(control, at / rows.length, row.name);
      if (JSON.stringify(journal.done.get(row.name)) === JSON.stringify(row)) continue;
      for (const path of picturesOf(row)) copy(join(folder, path), join(target, path));
      journal.add(row);
    }
    journal.end();
    const record = { header, rows: rows.map(({ row }) => row), isDone: true };
    return { record, files: writeResults(target, record) };
  } finally {
    journal.close();
  }
}

/** A part, or the parts in a folder. */
function partsIn(folder: string): Part[] {
  const own = readRecord(folder);
  if (own !== null) return [{ ...own, folder }];
  return listFolder(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statOf(path)?.isDirectory())
    .flatMap((path) => {
      const part = readRecord(path);
      return part?.header.shard ? [{ ...part, folder: path }] : [];
    });
}

/** @throws Failure `bad-input` */
function checkParts(parts: readonly Part[], first: Part): void {
  const stranger = parts.find(({ header }) => header.digest !== first.header.digest);
  if (stranger !== undefined) {
    fail('bad-input', `${first.folder} and ${stranger.folder} are of different models or options.`, {
      subject: stranger.folder,
      remedy: 'Merge only the parts of one batch.',
    });
  }
  const unfinished = parts.find(({ isDone }) => !isDone);
  if (unfinished !== undefined) {
    fail('bad-input', `The part in ${unfinished.folder} is not complete.`, {
      subject: unfinished.folder,
      remedy: 'Run it again with --resume, then merge.',
    });
  }
  const { shard } = first.header;
  const count = shard?.count ?? 1;
  const numbers = new Set<number>();
  for (const { header, folder } of parts) {
    const { number, count: of } = header.shard ?? { number: 1, count: 1 };
    if (of === count && !numbers.has(number)) numbers.add(number);
    else
      fail('bad-input', `${folder} holds part ${number} of ${of}, which does not fit the other parts.`, {
        subject: folder,
        remedy: `Give each of the ${count} parts once.`,
      });
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((number) => !numbers.has(number));
  if (missing.length > 0) {
    fail(
      'bad-input',
      `Of ${count} parts, ${missing.length} are missing: ${missing.slice(0, 20).join(', ')}.`,
      {
        remedy: 'Run them, then merge.',
      },
    );
  }
}

/** All rows in the order of the list, each with the folder that its pictures lie in. */
const joined = (parts: readonly Part[]): { readonly row: BatchRow; readonly folder: string }[] =>
  parts
    .flatMap(({ rows, folder }) => rows.map((row) => ({ row, folder })))
    .sort((a, b) => a.row.at - b.row.at || (a.row.name < b.row.name ? -1 : 1));

/** What was said of all parts, once. */
const noticesOf = (parts: readonly Part[]): string[] => [
  ...new Set(parts.flatMap(({ header }) => header.notices)),
];

const picturesOf = ({ picture, maps }: BatchRow): string[] => [
  ...(picture === null ? [] : [picture]),
  ...maps.flatMap(({ overlays, heatMaps }) => [...overlays, ...heatMaps]),
];

const copy = (from: string, to: string): void =>
  writeFile(to, readFile(from, MAX_PICTURE_BYTES, { choose: 'Run the part again.' }));
