import { type ByteSource, readBytes } from '../io/byteSource';

const SIGNATURE = Buffer.from('GCOL');
const HEADER_BYTES = 16;

/** The HDF5 library gives texts of variable length a heap of at least this size and reads that much first. */
const FIRST_READ_BYTES = 4096;

/**
 * True when a "global heap collection" of HDF5 begins at `position` whose objects do not fit into it. On such damage
 * the library (2.0.0) goes round in circles for ever, and nothing in this process could stop it: do not let it see it.
 * Source: HDF5 File Format Specification 3.0, "Disk Format: Level 1E - Global Heap", with lengths of eight bytes.
 */
export function isBrokenHeap(source: ByteSource, position: number, head: Uint8Array): boolean {
  if (head.byteLength < FIRST_READ_BYTES || !SIGNATURE.equals(head.subarray(0, SIGNATURE.length)))
    return false;
  const size = readBytes(source, position, HEADER_BYTES).readBigUInt64LE(8);
  if (size > BigInt(source.size - position)) return true;
  const heap = readBytes(source, position, Number(size));
  let at = HEADER_BYTES;
  while (at + HEADER_BYTES <= heap.length) {
    const isFreeSpace = heap.readUInt16LE(at) === 0;
    const length = heap.readBigUInt64LE(at + 8);
    if (length > BigInt(heap.length - at)) return true;
    // Free space counts its own header, other objects do not; all are padded to eight bytes.
    const step = isFreeSpace ? Number(length) : HEADER_BYTES + Math.ceil(Number(length) / 8) * 8;
    if (step < HEADER_BYTES) return true;
    at += step;
  }
  return at > heap.length;
}
