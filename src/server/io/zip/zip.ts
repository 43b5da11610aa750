import { basename } from 'node:path';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { Failure, fail } from '../../../shared/errors';
import type { OpenFile } from '../openFile';
import { possibleSize, unpackEntry, unsupportedReason } from './zipEntry';

/** A `.keras` file has three entries and possibly some assets. */
const MAX_ENTRIES = 10_000;

const DOWNLOAD_AGAIN = 'The download or the copy is not complete; get the file again.';

/** Opens the directory of a zip archive; the caller keeps and closes `file`. Throws `truncated`. */
export async function openZip(file: OpenFile): Promise<ZipFile> {
  try {
    return await fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
  } catch {
    fail(
      'truncated',
      `${basename(file.path)} starts like a zip archive, but the directory at its end is missing.`,
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
    fail('too-large', `${basename(path)} states ${zip.entryCount} entries, which no Keras model has.`, {
      remedy: 'Choose a .keras file as model.save writes it.',
      subject: path,
    });
  }
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/absolute path|relative path|invalid characters in fileName/.test(reason)) {
      fail('path-escape', `${basename(path)} has an entry whose name leads out of the archive (${reason}).`, {
        remedy: 'Keras writes no such file; get it again from a source you trust.',
        subject: path,
      });
    }
    fail('truncated', `${basename(path)}: its zip directory is damaged (${reason}).`, {
      remedy: DOWNLOAD_AGAIN,
      subject: path,
    });
  }
  return entries;
}

function checkMethod(entry: Entry, path: string): void {
  const reason = unsupportedReason(entry);
  if (reason === null) return;
  fail('unsupported-format', `${basename(path)}: ${entry.fileName} in it ${reason}.`, {
    remedy:
      'Unpack the archive and zip its files again, stored or deflated (in Python, zipfile.ZIP_STORED), or save the model again with model.save.',
    subject: path,
  });
}

/** The file offset of the data of a stored (uncompressed) entry. Throws `truncated`, also for a damaged local header. */
export async function storedDataOffset(zip: ZipFile, entry: Entry, file: OpenFile): Promise<number> {
  const { fileName, compressedSize } = entry;
  const bad = (why: string): never =>
    fail('truncated', `${basename(file.path)}: ${fileName} in it cannot be read (${why}).`, {
      remedy: DOWNLOAD_AGAIN,
      subject: file.path,
    });
  const { fileDataStart } = await zip
    .readLocalFileHeaderPromise(entry, { minimal: true })
    .catch((error: unknown) => bad(error instanceof Error ? error.message : String(error)));
  return fileDataStart + compressedSize > file.size ? bad('it reaches beyond the end') : fileDataStart;
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
      `${basename(path)}: ${fileName} would unpack to ${uncompressedSize} bytes; the limit is ${Math.min(limit, possible)}.`,
      {
        remedy: 'If you trust the file, load it in Keras and save it again with model.save.',
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
    fail('truncated', `${basename(path)}: ${fileName} in it cannot be unpacked (${reason}).`, {
      remedy: DOWNLOAD_AGAIN,
      subject: path,
    });
  }
}
