import { closeSync, constants, fdatasyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { openFile, readWhole, statOf } from './openFile';
import { withWriteErrors } from './writeErrors';

/** Rows of a million inputs. */
const MAX_JOURNAL_BYTES = 2 ** 30;

/** A text file to which whole lines are appended; each is on disk when `append` returns. */
export interface JournalFile {
  append(line: string): void;
  close(): void;
}

/** The whole lines of a journal: what a crash left of a last one is no line. Empty where there is no file. @throws Failure */
export function journalLines(path: string): string[] {
  const stat = statOf(path);
  if (stat === null || stat.size === 0) return [];
  const file = openFile(path, {
    choose: l10n.t('Choose the folder in which {0} was written.', basename(path)),
  });
  try {
    return readWhole(file, MAX_JOURNAL_BYTES).toString('utf8').split('\n').slice(0, -1);
  } finally {
    file.close();
  }
}

/**
 * Opens a journal, or makes one, and cuts off what is behind its last whole line.
 * @throws Failure `write-failed`, also for a link
 */
export function openJournal(path: string): JournalFile {
  const kept = journalLines(path).reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
  const fd = withWriteErrors(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const opened = openSync(path, flags, 0o666);
    ftruncateSync(opened, kept);
    return opened;
  });
  return {
    append: (line) =>
      withWriteErrors(path, () => {
        const bytes = Buffer.from(`${line}\n`);
        for (let done = 0; done < bytes.byteLength; ) done += writeSync(fd, bytes, done);
        fdatasyncSync(fd);
      }),
    close: () => closeSync(fd),
  };
}
