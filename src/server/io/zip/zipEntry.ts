import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import type { Entry, ZipFile } from 'yauzl';
import { type ByteSource, slice } from '../byteSource';
import { MAX_ZIP_RATIO, SMALL_ENTRY_BYTES } from '../limits';
import { unbzip2 } from './bzip2';
import { crc32 } from './crc32';
import { unlzma } from './lzma';

const [STORED, DEFLATE, BZIP2, LZMA] = [0, 8, 12, 14];

/** Names of unsupported methods (APPNOTE 4.4.5) that Python or archivers write, for messages. */
const OTHER_METHODS: ReadonlyMap<number, string> = new Map([
  [9, 'Deflate64'],
  [93, 'Zstandard'],
  [95, 'xz'],
]);

/** Bit 1 of an entry's flags: its LZMA data ends in a marker (APPNOTE 4.4.4). */
const LZMA_MARKED = 2;

/** Unpacking yields to the event loop after this time. */
const MAX_BLOCKING_MS = 20;

/** Why an entry of the archive `file` cannot be unpacked, as a sentence; `null` if it can. */
export function unsupportedReason(entry: Entry, file: string): string | null {
  const { compressionMethod: method, fileName } = entry;
  const archive = basename(file);
  if (entry.isEncrypted()) return l10n.t('{0}: {1} in it is encrypted.', archive, fileName);
  if ([STORED, DEFLATE, BZIP2, LZMA].includes(method)) return null;
  const name = OTHER_METHODS.get(method);
  return name === undefined
    ? l10n.t(
        '{0}: {1} in it is compressed by method {2} of zip archives, which Layerglass does not unpack.',
        archive,
        fileName,
        method,
      )
    : l10n.t(
        '{0}: {1} in it is compressed by {2}, method {3} of zip archives, which Layerglass does not unpack.',
        archive,
        fileName,
        name,
        method,
      );
}

/** The maximum size that an entry can unpack to, whatever it declares. */
export function possibleSize({ compressionMethod, compressedSize }: Entry, archiveBytes: number): number {
  const most = Math.min(compressedSize, archiveBytes) * MAX_ZIP_RATIO;
  const isDense = compressionMethod === BZIP2 || compressionMethod === LZMA;
  return isDense ? Math.max(most, SMALL_ENTRY_BYTES) : most;
}

/**
 * Unpacks an entry chunk by chunk. The result has exactly `uncompressedSize` bytes and the CRC-32 that the archive states; a
 * caller that stops early has unpacked no more than it took.
 * @param entry one for which `unsupportedReason` is `null`.
 * @param archive the bytes of the whole archive that `zip` was opened on.
 * @throws Error whose message is a clause, if the entry is damaged, truncated or differs from what the archive states.
 */
export async function* unpackEntry(
  zip: ZipFile,
  entry: Entry,
  archive: ByteSource,
): AsyncGenerator<Uint8Array> {
  const size = entry.uncompressedSize;
  let crc = 0;
  let done = 0;
  for await (const chunk of await chunksOf(zip, entry, archive)) {
    done += chunk.length;
    if (done > size)
      throw new Error(l10n.t('it holds more than the {0} bytes that the archive states', size));
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (done < size) throw new Error(l10n.t('it holds {0} bytes where the archive states {1}', done, size));
  if (crc !== entry.crc32) throw new Error(l10n.t('its CRC-32 is not the one that the archive states'));
}

async function chunksOf(zip: ZipFile, entry: Entry, archive: ByteSource): Promise<AsyncIterable<Uint8Array>> {
  const { compressionMethod, compressedSize, uncompressedSize, generalPurposeBitFlag } = entry;
  if (compressionMethod !== BZIP2 && compressionMethod !== LZMA) return zip.openReadStreamPromise(entry);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = slice(archive, fileDataStart, compressedSize);
  return yieldingToEventLoop(
    compressionMethod === BZIP2
      ? unbzip2(packed, uncompressedSize)
      : unlzma(packed, uncompressedSize, (generalPurposeBitFlag & LZMA_MARKED) !== 0),
  );
}

async function* yieldingToEventLoop(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let turn = performance.now();
  for (const chunk of chunks) {
    yield chunk;
    if (performance.now() - turn < MAX_BLOCKING_MS) continue;
    await setImmediate();
    turn = performance.now();
  }
}
