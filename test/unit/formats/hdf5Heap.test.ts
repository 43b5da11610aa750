import { describe, expect, test } from 'vitest';
import { isBrokenHeap } from '../../../src/server/formats/hdf5/hdf5Heap';
import type { ByteSource } from '../../../src/server/io/byteSource';

/** A file with one heap at its start: its signature, its declared size, then objects of an index and a size each. */
function fileOf(
  signature: string,
  claim: bigint,
  objects: readonly (readonly [index: number, size: bigint])[] = [],
): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.write(signature, 'latin1');
  bytes.writeBigUInt64LE(claim, 8);
  let at = 16;
  for (const [index, size] of objects) {
    bytes.writeUInt16LE(index, at);
    bytes.writeBigUInt64LE(size, at + 8);
    at += index === 0 ? Number(size) : 16 + Math.ceil(Number(size) / 8) * 8;
  }
  return bytes;
}

function isBroken(bytes: Buffer): boolean {
  const source: ByteSource = {
    size: bytes.length,
    read: (target, position) =>
      bytes.copy(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), 0, position),
  };
  return isBrokenHeap(source, 0, bytes.subarray(0, 4096));
}

describe('a local heap', () => {
  test.each([
    ['that the file holds', 8192n, false],
    ['of more than the file holds', 8193n, true],
    ['of 2 GB', 2n ** 31n, true],
    ['of more than a number can say', 2n ** 64n - 1n, true],
  ])('%s', (_, claim, expected) => {
    expect(isBroken(fileOf('HEAP\0\0\0\0', claim))).toBe(expected);
  });
});

describe('a global heap', () => {
  test.each([
    [
      'whose objects fill it',
      4096n,
      [
        [1, 100n],
        [0, 4096n - 136n],
      ],
      false,
    ],
    ['of more than the file holds', 8193n, [[0, 8177n]], true],
    ['with an object that reaches beyond it', 4096n, [[1, 5000n]], true],
    ['with free space of no size, which the library would read for ever', 4096n, [[0, 0n]], true],
  ] as const)('%s', (_, claim, objects, expected) => {
    expect(isBroken(fileOf('GCOL\x01\0\0\0', claim, objects))).toBe(expected);
  });
});

test('another value that starts like one is not a heap', () => {
  expect(isBroken(fileOf('HEAPS of text', 2n ** 40n))).toBe(false);
  expect(isBroken(fileOf('weights', 2n ** 40n))).toBe(false);
});
