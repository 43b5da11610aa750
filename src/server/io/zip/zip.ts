import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { Failure, fail } from '../../../shared/errors';
import type { OpenFile } from '../openFile';
import { possibleSize, unpackEntry, unsupportedReason } from './zipEntry';

/** A `.keras` file has three entries and possibly some assets. */
const MAX_ENTRIES = 10_000;

const DOWNLOAD_AGAIN = l10n.t('The download or the copy is not complete; get the file again.');

/** Opens the directory of a zip archive; the caller keeps and closes `file`. Throws `truncated`. */
export async function openZip(file: OpenFile): Promise<ZipFile> {
  try {
    return await fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
  } catch {
    fail(
      'truncated',
      l10n.t('{0} starts like a zip archive, but the directory at its end is missing.', basename(file.path)),
      {
        remedy: DOWNLOAD_AGAIN,
        subject: file.path,
      },
    );
  }
}

/**
 * The entries by name; of equal names the last, as in Python.
 * Throws `path-escape` for a name that leads out of the archive, `too-large`, `truncated`.
 */
export async function entriesOf(zip: ZipFile, path: string): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (zip.entryCount > MAX_ENTRIES) {
    fail(
      'too-large',
      l10n.t('{0} states {1} entries, which no Keras model has.', basename(path), zip.entryCount),
      {
        remedy: l10n.t('Choose a .keras file as model.save writes it.'),
        subject: path,
      },
    );
  }
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/absolute path|relative path|invalid characters in fileName/.test(reason)) {
      fail(
        'path-escape',
        l10n.t('{0} has an entry whose name leads out of the archive ({1}).', basename(path), reason),
        {
          remedy: l10n.t('Keras writes no such file; get it again from a source you trust.'),
          subject: path,
        },
      );
    }
    fail('truncated', l10n.t('{0}: its zip directory is damaged ({1}).', basename(path), reason), {
      remedy: DOWNLOAD_AGAIN,
      subject: path,
    });
  }
  return entries;
}

function checkMethod(entry: Entry, path: string): void {
  const reason = unsupportedReason(entry, path);
  if (reason === null) return;
  fail('unsupported-format', reason, {
    remedy: l10n.t(
      'Unpack the archive and zip its files again, stored or deflated (in Python, zipfile.ZIP_STORED), or save the model again with model.save.',
    ),
    subject: path,
  });
}

/** The file offset of the data of a stored (uncompressed) entry. Throws `truncated`, also for a damaged local header. */
export async function storedDataOffset(zip: ZipFile, entry: Entry, file: OpenFile): Promise<number> {
  const { fileName, compressedSize } = entry;
  const bad = (why: string): never =>
    fail('truncated', l10n.t('{0}: {1} in it cannot be read ({2}).', basename(file.path), fileName, why), {
      remedy: DOWNLOAD_AGAIN,
      subject: file.path,
    });
  const { fileDataStart } = await zip
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .catch((error: unknown) => bad(error instanceof Error ? error.message : String(error)));
  return fileDataStart + compressedSize > file.size
    ? bad(l10n.t('it reaches beyond the end'))
    : fileDataStart;
}

/**
 * The unpacked bytes of an entry of `file`, at most `limit`. Throws `too-large`, `unsupported-format` for an encrypted entry and
 * for a compression other than deflate, bzip2 and LZMA, or `truncated` when they cannot be read.
 */
export async function unpack(zip: ZipFile, entry: Entry, limit: number, file: OpenFile): Promise<Uint8Array> {
  const { fileName, uncompressedSize } = entry;
  const { path } = file;
  checkMethod(entry, path);
  const possible = possibleSize(entry, zip.fileSize);
  if (uncompressedSize > limit || uncompressedSize > possible) {
    fail(
      'too-large',
      l10n.t(
        '{0}: {1} would unpack to {2} bytes; the limit is {3}.',
        basename(path),
        fileName,
        uncompressedSize,
        Math.min(limit, possible),
      ),
      {
        remedy: l10n.t('If you trust the file, load it in Keras and save it again with model.save.'),
        subject: path,
      },
    );
  }
  try {
    const bytes = new Uint8Array(uncompressedSize);
    let done = 0;
    for await (const chunk of unpackEntry(zip, entry, file)) {
      bytes.set(chunk, done);
      done += chunk.length;
    }
    return bytes;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    fail('truncated', l10n.t('{0}: {1} in it cannot be unpacked ({2}).', basename(path), fileName, reason), {
      remedy: DOWNLOAD_AGAIN,
      subject: path,
    });
  }
}
