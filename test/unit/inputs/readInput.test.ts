import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import { type InputSpec, readInput } from '../../../src/server/inputs/readInput';
import { encodePng } from '../../../src/server/render/png';
import { Failure } from '../../../src/shared/errors';
import { resizeBilinear } from '../../../src/shared/maps/resize';
import { mulberry32 } from '../../../src/shared/random';
import { imageFixture, npyBytes } from './npyFixture';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-inputs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spec = (shape: InputSpec['shape'], more: Partial<InputSpec> = {}): InputSpec => ({
  name: 'image',
  shape,
  dtype: 'float32',
  ...more,
});
const file = (path: string) => ({ kind: 'file', path }) as const;

function write(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const array = (name: string, values: readonly number[], shape: readonly number[]): string =>
  write(name, writeNpy(Float32Array.from(values), shape));

async function failure(path: string, wanted: InputSpec): Promise<{ kind: string; message: string }> {
  const thrown: unknown = await readInput(file(path), wanted, undefined).then(
    () => null,
    (error) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`no Failure: ${String(thrown)}`);
  expect(thrown.error.remedy).toBeTruthy();
  return { kind: thrown.error.kind, message: thrown.error.message };
}

describe('an image', () => {
  it('keeps its size and pixels where the model leaves the size open', async () => {
    const loaded = await readInput(file(imageFixture('png-rgb.png')), spec([null, null, null, 3]), undefined);
    expect(loaded.shape).toEqual([1, 27, 37, 3]);
    expect([...loaded.values]).toEqual([...npyBytes('png-rgb.npy')]);
    expect(loaded.image).toEqual({ width: 37, height: 27, rgb: npyBytes('png-rgb.npy') });
    expect(loaded.notices).toEqual([]);
  });

  it('is resized as tf.image.resize does, then preprocessed', async () => {
    const pixels = Float32Array.from(npyBytes('png-rgb.npy'));
    const resized = resizeBilinear(pixels, [27, 37, 3], 16, 20);
    const loaded = await readInput(file(imageFixture('png-rgb.png')), spec([null, 16, 20, 3]), {
      name: '0..1',
    });
    expect(loaded.shape).toEqual([1, 16, 20, 3]);
    expect(loaded.values).toEqual(resized.map((v) => v / 255));
    expect(loaded.image?.rgb).toEqual(Uint8Array.from(resized, Math.round));
    expect(loaded.notices.join()).toContain('37 x 27');
  });

  it('becomes grey by the luma of Pillow, with or without a channel axis', async () => {
    const path = write(
      'colours.png',
      encodePng(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 200, 77), 2, 2),
    );
    // Image.convert('L') of Pillow 12.3.
    const grey = [76, 150, 29, 129];
    const withAxis = await readInput(file(path), spec([null, 2, 2, 1]), undefined);
    expect([withAxis.shape, [...withAxis.values]]).toEqual([[1, 2, 2, 1], grey]);
    const flat = await readInput(file(path), spec([null, 2, 2]), undefined);
    expect([flat.shape, [...flat.values]]).toEqual([[1, 2, 2], grey]);
    expect([...(flat.image?.rgb ?? [])].slice(0, 4)).toEqual([76, 76, 76, 150]);
  });

  it('is transposed for channels-first models, after preprocessing', async () => {
    const path = write('two.png', encodePng(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, 1));
    const loaded = await readInput(file(path), spec([null, 3, null, null], { channelsFirst: true }), {
      name: 'custom',
      mean: [1, 2, 3],
      scale: [1, 1, 3],
    });
    expect([loaded.shape, [...loaded.values]]).toEqual([
      [1, 3, 1, 2],
      [0, 3, 0, 3, 0, 1],
    ]);
  });

  it('keeps alpha for four channels', async () => {
    const path = write('alpha.png', encodePng(Uint8Array.of(1, 2, 3, 128), 1, 1));
    const loaded = await readInput(file(path), spec([null, 1, 1, 4]), undefined);
    expect([...loaded.values]).toEqual([1, 2, 3, 128]);
  });

  it('is refused by an input for vectors', async () => {
    const { kind, message } = await failure(imageFixture('png-rgb.png'), spec([null, 784]));
    expect(kind).toBe('wrong-shape');
    expect(message).toBe('png-rgb.png is an image, but input "image" takes values of shape (None, 784).');
  });
});

describe('an array', () => {
  it.each([
    ['with', [1, 2, 2, 1]],
    ['without', [2, 2, 1]],
  ])('is taken as it is %s its batch axis, and shown', async (_, shape) => {
    const path = array('a.npy', [-1, 0, 1, 3], shape);
    const loaded = await readInput(file(path), spec([null, 2, 2, 1]), undefined);
    expect([loaded.shape, [...loaded.values], loaded.notices]).toEqual([[1, 2, 2, 1], [-1, 0, 1, 3], []]);
    expect([...(loaded.image?.rgb ?? [])].filter((_v, i) => i % 3 === 0)).toEqual([0, 64, 128, 255]);
  });

  it('shows values within 0..1 and 0..255 on those scales', async () => {
    const unit = await readInput(file(array('u.npy', [0, 0.5], [1, 2, 1])), spec([null, 1, 2, 1]), undefined);
    expect(unit.image?.rgb[3]).toBe(128);
    const bytes = await readInput(
      file(array('b.npy', [10, 90], [1, 2, 1])),
      spec([null, 1, 2, 1]),
      undefined,
    );
    expect(bytes.image?.rgb[3]).toBe(90);
  });

  it('gives the first of a batch and says so', async () => {
    const loaded = await readInput(file(array('x.npy', [1, 2, 3, 4], [2, 2])), spec([null, 2]), undefined);
    expect([loaded.shape, [...loaded.values]]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(loaded.notices).toEqual(['x.npy holds 2 samples; the first one is taken.']);
    expect(loaded.image).toBeNull();
  });

  it('is preprocessed when asked, along the channel axis of the model', async () => {
    const path = array('first.npy', [0, 255, 51, 51, 102, 102], [3, 1, 2]);
    const loaded = await readInput(file(path), spec([null, 3, 1, 2], { channelsFirst: true }), {
      name: 'caffe',
    });
    const expected = [102 - 103.939, 102 - 103.939, 51 - 116.779, 51 - 116.779, -123.68, 255 - 123.68];
    expect([...loaded.values]).toEqual([...Float32Array.from(expected)]);
    expect([...(loaded.image?.rgb ?? [])]).toEqual([0, 51, 102, 255, 51, 102]);
  });

  it('of another shape is refused with both shapes', async () => {
    const { kind, message } = await failure(array('w.npy', [1, 2, 3], [3]), spec([null, 28, 28, 1]));
    expect(kind).toBe('wrong-shape');
    expect(message).toBe('w.npy has shape (3,), and input "image" takes (None, 28, 28, 1).');
  });

  it('with NaN or infinity is taken as it is, and a notice says how many and where the first is', async () => {
    const values = [0, 1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY];
    const loaded = await readInput(file(array('n.npy', values, [1, 2, 3])), spec([null, 2, 3]), undefined);
    expect([...loaded.values]).toEqual(values);
    expect(loaded.notices).toEqual([
      'n.npy holds 2 values that are NaN or infinite in float32, the first at [0, 1, 0] (NaN); the model runs on them as they are.',
    ]);
  });
});

describe('random values', () => {
  const random = (seed: number) => ({ kind: 'random', seed }) as const;

  it('are mulberry32', () => {
    const next = mulberry32(1);
    expect([next(), next(), next()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('are the same for the same seed, and pixels for images', async () => {
    const wanted = spec([null, 4, 4, 3]);
    const [a, b, c] = await Promise.all([7, 7, 8].map((seed) => readInput(random(seed), wanted, undefined)));
    expect(a?.values).toEqual(b?.values);
    expect(a?.values).not.toEqual(c?.values);
    expect([...(a?.image?.rgb ?? [])]).toEqual([...(a?.values ?? [])]);
  });

  it('fill open sizes and say so', async () => {
    const image = await readInput(random(1), spec([null, null, null, 3]), { name: '0..1' });
    expect(image.shape).toEqual([1, 224, 224, 3]);
    expect(image.notices.join()).toContain('(1, 224, 224, 3)');
    expect(Math.max(...image.values.subarray(0, 1000))).toBeLessThanOrEqual(1);
    const sequence = await readInput(random(1), spec([null, null, 8]), undefined);
    expect(sequence.shape).toEqual([1, 16, 8]);
  });

  it('are standard normal for vectors, 0..9 for integers and 0 or 1 for bool', async () => {
    const { values } = await readInput(random(3), spec([null, 10_000]), undefined);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    const tokens = await readInput(random(3), spec([null, 500], { dtype: 'int32' }), undefined);
    expect(new Set(tokens.values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const flags = await readInput(random(3), spec([null, 50], { dtype: 'bool' }), undefined);
    expect(new Set(flags.values)).toEqual(new Set([0, 1]));
  });

  it('are refused where they would fill the memory', async () => {
    const huge = readInput(random(1), spec([null, 100_000, 100_000, 3]), undefined);
    await expect(huge).rejects.toMatchObject({ error: { kind: 'too-large' } });
  });
});

describe('a file that is not an input', () => {
  const wanted = spec([null, 2]);

  it.each([
    ['notes.md', '# a,b', 'notes.md is in no format that Layerglass reads.'],
    ['clip.gif', 'GIF89a', 'clip.gif is in no format that Layerglass reads.'],
  ])('%s is a bad input', async (name, content, message) => {
    expect(await failure(write(name, content), wanted)).toEqual({ kind: 'bad-input', message });
  });

  it('has its own error when it is missing, empty or a folder', async () => {
    expect((await failure(join(folder, 'nowhere.npy'), wanted)).kind).toBe('file-not-found');
    expect((await failure(write('empty.npy', ''), wanted)).kind).toBe('empty-file');
    mkdirSync(join(folder, 'folder.npy'));
    expect((await failure(join(folder, 'folder.npy'), wanted)).kind).toBe('file-unreadable');
  });

  it('has no random strings', async () => {
    const text = readInput({ kind: 'random', seed: 1 }, spec([null, 1], { dtype: 'string' }), undefined);
    await expect(text).rejects.toMatchObject({ error: { kind: 'not-applicable' } });
  });
});
