import { describe, expect, it } from 'vitest';
import { parseNpy, writeNpy } from '../../../src/server/inputs/arrays/npy';
import { failureOf, fromBase64, recorded } from './numpyFiles';

describe('parseNpy', () => {
  it.each(recorded.npy)('reads $name as numpy wrote it', ({ npy, dtype, shape, values }) => {
    const array = parseNpy(fromBase64(npy), 'x.npy');
    expect(array.dtype).toBe(dtype);
    expect(array.shape).toEqual(shape ?? [2, 3]);
    expect([...array.values]).toEqual(values ?? [0, 1, 2, 3, 100, 127]);
  });

  it('reads strings of both kinds', () => {
    expect(parseNpy(fromBase64(recorded.strings.text), 'x.npy').strings).toEqual(['cat', 'dog']);
    expect(parseNpy(fromBase64(recorded.strings.bytes), 'x.npy').strings).toEqual(['cat']);
  });

  it.each(Object.entries(recorded.bad))('refuses %s', async (_, npy) => {
    expect(await failureOf(() => parseNpy(fromBase64(npy), '/a/x.npy'))).toMatch(/^bad-input: x\.npy holds/);
  });

  it('calls a file with too few values truncated, before allocating them', async () => {
    const good = Buffer.from(writeNpy(new Float32Array(6), [2, 3]));
    expect(await failureOf(() => parseNpy(good.subarray(0, -1), 'x.npy'))).toMatch(/^truncated: x\.npy/);
    expect(await failureOf(() => parseNpy(good.subarray(0, 9), 'x.npy'))).toMatch(/^truncated/);
    const huge = Buffer.from(good);
    huge.write('(999999999999, 3), }', huge.indexOf('(2, 3)'), 'latin1');
    expect(await failureOf(() => parseNpy(huge, 'x.npy'))).toMatch(/^truncated/);
  });

  it.each(['(2, -3)', '(2, x)', '(1e3,)', '2      '])('refuses the shape %s', async (shape) => {
    const bytes = Buffer.from(writeNpy(new Float32Array(6), [2, 3]));
    bytes.write(shape, bytes.indexOf('(2, 3)'), 'latin1');
    expect(await failureOf(() => parseNpy(bytes, 'x.npy'))).toMatch(/^bad-input/);
  });

  it('refuses other versions and other files', async () => {
    const bytes = Buffer.from(writeNpy(new Float32Array(1), [1]));
    bytes[6] = 9;
    expect(await failureOf(() => parseNpy(bytes, 'x.npy'))).toMatch(/^bad-input: .*version 9/);
    expect(await failureOf(() => parseNpy(Buffer.from('name,age,city\n'), 'x.npy'))).toMatch(/^bad-input/);
  });
});

describe('writeNpy', () => {
  it.each([
    ['float32', new Float32Array([1.5, -2, 0, 3e-8, 4, 5]), [2, 3]],
    ['int32', new Int32Array([-1, 2]), [2]],
    ['uint8', new Uint8Array([255]), []],
  ] as const)('writes %s that reads back', (dtype, values, shape) => {
    const bytes = writeNpy(values, shape);
    expect(parseNpy(bytes, 'x.npy')).toEqual({ dtype, shape: [...shape], values: Float32Array.from(values) });
    // numpy aligns the data so that the file can be mapped into memory.
    expect((bytes.length - values.byteLength) % 64).toBe(0);
  });

  it('writes byte for byte what numpy writes', () => {
    const numpy = recorded.npy.find(({ name }) => name === '<f4')?.npy ?? '';
    const ours = writeNpy(new Float32Array([0, 1, 2, 3, 100, 127]), [2, 3]);
    expect(ours.toString('base64')).toBe(numpy);
  });

  it('refuses a shape of another size', () => {
    expect(() => writeNpy(new Float32Array(5), [2, 3])).toThrow(RangeError);
  });
});
