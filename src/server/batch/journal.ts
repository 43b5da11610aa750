import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type BatchHeader,
  type BatchRow,
  batchEnd,
  batchHeader,
  batchRow,
} from '../../shared/batch/batchRow';
import { fail } from '../../shared/errors';
import { packNumbers, unpackNumbers } from '../../shared/wireNumbers';
import { type FolderLock, lockFolder } from '../io/folderLock';
import { journalLines, openJournal } from '../io/journalFile';
import { listFolder, statOf } from '../io/openFile';
import { removeTemporaries } from '../io/writeFile';

/** The file in the folder of a batch that everything else there is made from. */
export const JOURNAL = 'rows.jsonl';

/** What a journal holds. */
export interface BatchRecord {
  readonly header: BatchHeader;
  /** Each input once, by its place. */
  readonly rows: readonly BatchRow[];
  /** All inputs are done. */
  readonly isDone: boolean;
}

/** The batch in a folder; null where there is none. @throws Failure `bad-input` for a journal of something else */
export function readRecord(folder: string): BatchRecord | null {
  const path = join(folder, JOURNAL);
  const [first, ...lines] = journalLines(path);
  if (first === undefined) return null;
  const header = batchHeader.safeParse(parsed(first));
  if (!header.success) return failForeign(path);
  const rows = new Map<string, BatchRow>();
  let isDone = false;
  for (const line of lines) {
    const value = parsed(line);
    const row = batchRow.safeParse(value);
    if (row.success) {
      rows.set(row.data.name, row.data);
      isDone = false;
    } else if (batchEnd.safeParse(value).success) isDone = true;
    else failForeign(path);
  }
  return { header: header.data, rows: [...rows.values()].sort((a, b) => a.at - b.at), isDone };
}

function parsed(line: string): unknown {
  try {
    return unpackNumbers(JSON.parse(line));
  } catch {
    return null;
  }
}

const failForeign = (path: string): never =>
  fail('bad-input', l10n.t('{0} is not the journal of a batch of this version.', path), {
    subject: path,
    remedy: l10n.t('Choose another folder.'),
  });

/** A journal that is being written. */
export interface Journal {
  /** What an earlier call has done, by name; a row that is added again replaces it. */
  readonly done: ReadonlyMap<string, BatchRow>;
  add(row: BatchRow): void;
  /** Says that all inputs are done. */
  end(): void;
  close(): void;
}

/**
 * Starts a batch in an empty folder, or goes on with the one that is there. Until it is closed, no other process may write into the folder.
 * @throws Failure `bad-input` for a folder with something else or that another process writes into, for a batch without `resume`, and for one of
 * another model or other options
 */
export function startJournal(folder: string, header: BatchHeader, resume: boolean): Journal {
  checkFolder(folder);
  const lock = lockFolder(folder);
  try {
    return lockedJournal(folder, header, resume, lock);
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

function lockedJournal(folder: string, header: BatchHeader, resume: boolean, lock: FolderLock): Journal {
  const record = readRecord(folder);
  if (record === null) checkEmpty(folder);
  else checkSame(folder, record.header, header, resume);
  const file = openJournal(join(folder, JOURNAL));
  for (const name of ['', 'inputs', ...header.methods.map((method) => `maps/${method}`)])
    removeTemporaries(join(folder, name));
  const write = (value: unknown): void => file.append(JSON.stringify(packNumbers(value)));
  let isEnded = record?.isDone ?? false;
  if (record === null) write(header);
  return {
    done: new Map(record?.rows.map((row) => [row.name, row])),
    add: (row) => {
      isEnded = false;
      write(row);
    },
    end: () => {
      if (!isEnded) write({ done: true });
    },
    close: () => {
      file.close();
      lock.release();
    },
  };
}

function checkFolder(folder: string): void {
  if (statOf(folder)?.isDirectory() !== false) return;
  fail('bad-input', l10n.t('{0} is a file, not a folder.', folder), {
    subject: folder,
    remedy: l10n.t('Choose a new or an empty folder.'),
  });
}

function checkEmpty(folder: string): void {
  const names = listFolder(folder).filter((name) => !name.startsWith('.') && name !== JOURNAL);
  if (names.length === 0) return;
  fail('bad-input', l10n.t('{0} is not empty, and no batch was written there.', folder), {
    subject: folder,
    remedy: l10n.t('Choose a new or an empty folder.'),
  });
}

function checkSame(folder: string, there: BatchHeader, asked: BatchHeader, resume: boolean): void {
  if (!resume) {
    fail('bad-input', l10n.t('{0} holds a batch already.', folder), {
      subject: folder,
      remedy: l10n.t('Add --resume to go on with it, or choose another folder.'),
    });
  }
  const same = (part: (header: BatchHeader) => unknown) =>
    JSON.stringify(part(there)) === JSON.stringify(part(asked));
  const name = basename(folder);
  const difference = !same(({ shard }) => shard)
    ? l10n.t('The batch in {0} is of another part.', name)
    : !same(({ input }) => input)
      ? l10n.t('The batch in {0} is of the inputs in {1}.', name, there.input)
      : !same(({ digest }) => digest)
        ? l10n.t('The batch in {0} is of another model or with other options.', name)
        : null;
  if (difference === null) return;
  fail('bad-input', difference, {
    subject: folder,
    remedy: l10n.t('Give the model and the options that it was started with, or choose another folder.'),
  });
}
