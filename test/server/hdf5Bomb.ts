import { readFileSync } from 'node:fs';
import { File, ready } from 'h5wasm/node';

/** An HDF5 file at `path` whose `model_config` is so many texts, all of them the same one of 1 MiB. */
export async function writeRepeatedText(path: string, count: number): Promise<Buffer> {
  await ready;
  const file = new File(path, 'w', { track_order: false, libver: ['earliest', 'latest'] });
  const long = 'x'.repeat(2 ** 20);
  file.create_attribute('model_config', [long, ...new Array<string>(count - 1).fill('short')], [count], 'S');
  file.close();
  const bytes = readFileSync(path);
  // One reference to a text: its length, the address of its heap, its number there.
  const reference = 16;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(long.length);
  let at = bytes.indexOf(length);
  while (at >= 0 && bytes.readUInt32LE(at + reference) !== 'short'.length) at = bytes.indexOf(length, at + 1);
  if (at < 0) throw new Error('the references are not where they used to be');
  for (let i = 1; i < count; i++) bytes.copy(bytes, at + i * reference, at, at + reference);
  return bytes;
}

/** Where a superblock of version 0 keeps the end of the file. */
const END_AT = 40;

/** Every local or global heap of an HDF5 file claims `size` bytes. @param end where the file says that it ends, if elsewhere. */
export function claimingHeaps(file: string, signature: 'HEAP' | 'GCOL', size: number, end?: number): Buffer {
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) {
    bytes.writeBigUInt64LE(BigInt(size), at + 8);
  }
  if (end === undefined) return bytes;
  if (bytes.readBigUInt64LE(END_AT) !== BigInt(bytes.length))
    throw new Error('the superblock is another one');
  bytes.writeBigUInt64LE(BigInt(end), END_AT);
  return bytes;
}
