import { setImmediate } from 'node:timers/promises';
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

/** Why an entry cannot be unpacked, as the end of a sentence that starts with its name; `null` if it can. */
export function unsupportedReason(entry: Entry): string | null {
  const { compressionMethod: method } = entry;
  if (entry.isEncrypted()) return 'is encrypted';
  if ([STORED, DEFLATE, BZIP2, LZMA].includes(method)) return null;
  const name = OTHER_METHODS.get(method);
  return `is compressed by ${name === undefined ? '' : `${name}, `}method ${method} of zip archives, which Layerglass does not unpack`;
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
    if (done > size) throw new Error(`it holds more than the ${size} bytes that the archive states`);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (done < size) throw new Error(`it holds ${done} bytes where the archive states ${size}`);
  if (crc !== entry.crc32) throw new Error('its CRC-32 is not the one that the archive states');
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
