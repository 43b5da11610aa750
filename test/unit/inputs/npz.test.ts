import { describe, expect, it } from 'vitest';
import { readNpz } from '../../../src/server/inputs/arrays/npz';
import { failureOf, fromBase64, recorded } from './numpyFiles';

const { one, stored, deflated, none } = recorded.npz;
const read = (archive: string, member?: string, inputName = 'input_1') =>
  readNpz(fromBase64(archive), '/a/x.npz', member, inputName);

describe('readNpz', () => {
  it.each([
    ['the only array', one, undefined, 'input_1', 'x'],
    ['the array that was named', stored, 'image', 'input_1', 'image'],
    ['the array named like the input', stored, undefined, 'image', 'image'],
    ['a deflated array', deflated, 'image', 'input_1', 'image'],
  ] as const)('reads %s', async (_, archive, member, inputName, chosen) => {
    const array = await read(archive, member, inputName);
    expect(array.member).toBe(chosen);
    expect(array.shape).toEqual([2, 3]);
    expect([...array.values]).toEqual([0, 1, 2, 3, 100, 127]);
  });

  it('lists the arrays when it cannot choose', async () => {
    expect(await failureOf(() => read(stored))).toMatch(/^bad-input: x\.npz .*"image", "other"/);
    expect(await failureOf(() => read(stored, 'nope'))).toMatch(/^bad-input: .*"nope".*"image", "other"/);
    expect(await failureOf(() => read(none))).toMatch(/^bad-input/);
  });

  it('calls a damaged archive truncated', async () => {
    const bytes = fromBase64(deflated);
    const cut = bytes.subarray(0, bytes.length - 30);
    expect(await failureOf(() => readNpz(cut, 'x.npz', undefined, 'image'))).toMatch(/^truncated/);
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 60, 120);
    expect(await failureOf(() => readNpz(damaged, 'x.npz', 'image', 'x'))).toMatch(/^truncated/);
  });

  it('unpacks no more than the compressed bytes can hold', async () => {
    const bytes = fromBase64(deflated);
    const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    bytes.writeUInt32LE(400_000_000, directory + 24);
    expect(await failureOf(() => readNpz(bytes, 'x.npz', 'image', 'x'))).toMatch(/^too-large/);
  });
});
