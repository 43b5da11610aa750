import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/images/', import.meta.url));

export const imageFixture = (name: string): string => `${folder}${name}`;

/** Bytes of a uint8 .npy written by NumPy (version 1 header, C order), without our own reader. */
export function npyBytes(name: string): Uint8Array {
  const bytes = readFileSync(imageFixture(name));
  return new Uint8Array(bytes.subarray(10 + bytes.readUInt16LE(8)));
}
