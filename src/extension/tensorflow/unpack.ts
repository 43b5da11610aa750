import { mkdir } from 'node:fs/promises';
import { posix } from 'node:path';
import type { ReadEntry } from 'tar/read-entry';
import { Failure, fail } from '../../shared/errors';
import type { Archive } from './archives';

/** Far more than any of the archives has. */
const MAX_ENTRIES = 20_000;

/**
 * Unpacks the wanted files of a `.tar.gz` file into a folder: regular files, and links to a file beside them. No path leaves the folder: `tar`
 * refuses those, and writes through no link.
 *
 * @throws Failure `download-failed` for an archive that is not what it should be; `too-large`; `write-failed`
 */
export async function unpack(
  archive: Pick<Archive, 'name' | 'strip' | 'wanted' | 'maxUnpackedBytes'>,
  file: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { name, strip, wanted, maxUnpackedBytes } = archive;
  let entries = 0;
  let bytes = 0;
  let trouble: Failure | undefined;
  /** Decides about an entry. After the first that must not be there, no more are unpacked. */
  const take = (path: string, entry: ReadEntry): boolean => {
    if (trouble !== undefined || signal.aborted) return false;
    entries += 1;
    if (entries > MAX_ENTRIES) trouble = bad(`${name} has more than ${MAX_ENTRIES} entries`);
    if (trouble !== undefined || !wanted.test(posix.normalize(path)) || entry.type === 'Directory')
      return false;
    bytes += entry.size;
    if (bytes > maxUnpackedBytes)
      trouble = bad(`${name} holds more than the ${maxUnpackedBytes / 1e6} MB that it should`);
    else if (!isFile(entry) && !isLinkBeside(entry))
      trouble = bad(`${name} holds ${path}, which is not a file (${entry.type})`);
    return trouble === undefined;
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { extract } = await import('tar/extract');
    await extract({
      file,
      strip,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      filter: (path, entry) => 'header' in entry && take(path, entry),
    });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    if (isOfArchive(thrown)) throw bad(`${name} cannot be unpacked (${why})`);
    fail('write-failed', `${name} could not be unpacked into ${folder}: ${why}`, {
      remedy: 'Free some space on that disk and try again.',
      subject: folder,
    });
  }
  if (trouble !== undefined) throw trouble;
  if (signal.aborted) fail('cancelled', 'Cancelled.');
}

const isFile = ({ type }: ReadEntry): boolean => type === 'File' || type === 'OldFile';

const isLinkBeside = ({ type, linkpath = '' }: ReadEntry): boolean =>
  type === 'SymbolicLink' && /^[\w.-]+$/.test(linkpath) && !/^\.+$/.test(linkpath);

const bad = (message: string): Failure =>
  new Failure({
    kind: 'download-failed',
    message: `${message}.`,
    remedy: 'Nothing of it was kept. Try again; a proxy or a scanner on the way may have changed it.',
  });

/** Errors of the format carry the codes of `tar` and zlib; others come from the file system. */
function isOfArchive(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return /^(?:TAR_|Z_)/.test(code);
}
