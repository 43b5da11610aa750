import { mkdir } from 'node:fs/promises';
import { posix } from 'node:path';
import * as l10n from '@vscode/l10n';
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
    if (entries > MAX_ENTRIES) trouble = bad(l10n.t('{0} has more than {1} entries.', name, MAX_ENTRIES));
    if (trouble !== undefined || !wanted.test(posix.normalize(path)) || entry.type === 'Directory')
      return false;
    bytes += entry.size;
    if (bytes > maxUnpackedBytes)
      trouble = bad(l10n.t('{0} holds more than the {1} MB that it should.', name, maxUnpackedBytes / 1e6));
    else if (!isFile(entry) && !isLinkBeside(entry))
      trouble = bad(l10n.t('{0} holds {1}, which is not a file ({2}).', name, path, entry.type));
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
    if (isOfArchive(thrown)) throw bad(l10n.t('{0} cannot be unpacked ({1}).', name, why));
    fail('write-failed', l10n.t('{0} could not be unpacked into {1}: {2}', name, folder, why), {
      remedy: l10n.t('Free some space on that disk and try again.'),
      subject: folder,
    });
  }
  if (trouble !== undefined) throw trouble;
  if (signal.aborted) fail('cancelled', l10n.t('Cancelled.'));
}

const isFile = ({ type }: ReadEntry): boolean => type === 'File' || type === 'OldFile';

const isLinkBeside = ({ type, linkpath = '' }: ReadEntry): boolean =>
  type === 'SymbolicLink' && /^[\w.-]+$/.test(linkpath) && !/^\.+$/.test(linkpath);

const bad = (message: string): Failure =>
  new Failure({
    kind: 'download-failed',
    message,
    remedy: l10n.t('Nothing of it was kept. Try again; a proxy or a scanner on the way may have changed it.'),
  });

/** Errors of the format carry the codes of `tar` and zlib; others come from the file system. */
function isOfArchive(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return /^(?:TAR_|Z_)/.test(code);
}
