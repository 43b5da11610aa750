import { type ByteSource, readBytes } from '../../io/byteSource';

const GLOBAL_HEAP = Buffer.from('GCOL');
/** The signature, version 0 and three reserved bytes. */
const LOCAL_HEAP = Buffer.from('HEAP\0\0\0\0');
const HEADER_BYTES = 16;

/** The HDF5 library gives strings of variable length a heap of at least this size and reads that much first. */
const FIRST_READ_BYTES = 4096;
/** Objects of a global heap count from 1 in two bytes. */
const MAX_OBJECTS = 2 ** 16;

/**
 * True when an HDF5 heap starts at `position` that declares more bytes than the file has, or a "global heap collection" whose
 * objects do not fit into it. The library (2.0.0) allocates what the first declares and never returns from the second, and
 * nothing in this process could stop it, so it must not read them.
 * Source: HDF5 File Format Specification 3.0, "Level 1D - Local Heap" and "Level 1E - Global Heap", with lengths of eight
 * bytes.
 */
export function isBrokenHeap(source: ByteSource, position: number, head: Uint8Array): boolean {
  const startsWith = (signature: Buffer): boolean =>
    head.byteLength >= HEADER_BYTES && signature.equals(head.subarray(0, signature.length));
  const declaredSize = (): bigint => readBytes(source, position, HEADER_BYTES).readBigUInt64LE(8);
  if (startsWith(LOCAL_HEAP)) return declaredSize() > BigInt(source.size);
  const isFirstRead = head.byteLength >= FIRST_READ_BYTES || position + head.byteLength >= source.size;
  if (!isFirstRead || !startsWith(GLOBAL_HEAP)) return false;
  const size = declaredSize();
  return size > BigInt(source.size - position) || hasBrokenObjects(source, position, Number(size));
}

function hasBrokenObjects(source: ByteSource, position: number, size: number): boolean {
  let at = HEADER_BYTES;
  for (let objects = 0; at + HEADER_BYTES <= size; objects++) {
    const header = readBytes(source, position + at, HEADER_BYTES);
    if (objects > MAX_OBJECTS || header.length < HEADER_BYTES) return true;
    const isFreeSpace = header.readUInt16LE(0) === 0;
    const length = header.readBigUInt64LE(8);
    if (length > BigInt(size - at)) return true;
    // Free space counts its own header, other objects do not; all are padded to eight bytes.
    const step = isFreeSpace ? Number(length) : HEADER_BYTES + Math.ceil(Number(length) / 8) * 8;
    if (step < HEADER_BYTES) return true;
    at += step;
  }
  return at > size;
}
