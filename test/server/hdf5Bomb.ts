import { readFileSync } from 'node:fs';
import { File, ready } from 'h5wasm/node';

/** Bytes of an HDF5 file whose `model_config` is a list of `count` references to one string of 1 MiB; uses `path` for it. */
export async function writeRepeatedString(path: string, count: number): Promise<Buffer> {
  await ready;
  const file = new File(path, 'w', { track_order: false, libver: ['earliest', 'latest'] });
  const long = 'x'.repeat(2 ** 20);
  file.create_attribute('model_config', [long, ...new Array<string>(count - 1).fill('short')], [count], 'S');
  file.close();
  const bytes = readFileSync(path);
  // A reference to a string: its length, the address of its heap and its index there.
  const reference = 16;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(long.length);
  let at = bytes.indexOf(length);
  while (at >= 0 && bytes.readUInt32LE(at + reference) !== 'short'.length) at = bytes.indexOf(length, at + 1);
  if (at < 0) throw new Error('The references have another layout.');
  for (let i = 1; i < count; i++) bytes.copy(bytes, at + i * reference, at, at + reference);
  return bytes;
}

/** Offset of the end-of-file address in a superblock of version 0. */
const EOF_ADDRESS_OFFSET = 40;

/**
 * A copy of an HDF5 file in which every local or global heap claims `size` bytes.
 * @param end the end of the file that its superblock states, where it is not the real one
 */
export function claimingHeaps(file: string, signature: 'HEAP' | 'GCOL', size: number, end?: number): Buffer {
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) {
    bytes.writeBigUInt64LE(BigInt(size), at + 8);
  }
  if (end === undefined) return bytes;
  if (bytes.readBigUInt64LE(EOF_ADDRESS_OFFSET) !== BigInt(bytes.length))
    throw new Error('The superblock is not of version 0.');
  bytes.writeBigUInt64LE(BigInt(end), EOF_ADDRESS_OFFSET);
  return bytes;
}
