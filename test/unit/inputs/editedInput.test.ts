import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { writeNpy } from '../../../src/server/inputs/arrays/npy';
import type { InputSpec } from '../../../src/server/inputs/loadedInput';
import { readInput } from '../../../src/server/inputs/readInput';
import { encodePng } from '../../../src/server/render/png';
import type { InputEdit } from '../../../src/shared/edits/inputEdit';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-edits-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const spec = (shape: InputSpec['shape'], more: Partial<InputSpec> = {}): InputSpec => ({
  name: 'x',
  shape,
  dtype: 'float32',
  ...more,
});

const read = (path: string, wanted: InputSpec, edits: readonly InputEdit[], member?: string) =>
  readInput(
    { kind: 'file', path, ...(member === undefined ? {} : { member }) },
    { ...wanted, edits },
    undefined,
  );

const red = { kind: 'colour', rgb: [255, 0, 16] } as const;

describe('an edited image', () => {
  it('is painted after it is resized and before it is preprocessed, whatever the order of its channels', async () => {
    const path = write('4x4.png', encodePng(new Uint8Array(48).fill(100), 4, 4));
    const edits: InputEdit[] = [{ kind: 'paint', size: [2, 2], runs: [1, 1], fill: red }];
    const last = { ...spec([null, 2, 2, 3]), edits };
    const loaded = await readInput({ kind: 'file', path }, last, { name: '0..1' });
    const grey = 100 / 255;
    const expected = [grey, grey, grey, 1, 0, 16 / 255, ...Array(6).fill(grey)].map(Math.fround);
    expect([...loaded.values]).toEqual(expected);
    expect([...(loaded.image?.rgb ?? [])].slice(0, 6)).toEqual([100, 100, 100, 255, 0, 16]);
    const first = { ...spec([null, 3, 2, 2], { channelsFirst: true }), edits };
    const turned = await readInput({ kind: 'file', path }, first, { name: 'none' });
    expect([...turned.values]).toEqual([100, 255, 100, 100, 100, 0, 100, 100, 100, 16, 100, 100]);
  });

  it('equals one that really has these pixels', async () => {
    const pixels = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
    const path = write('plain.png', encodePng(pixels, 4, 4));
    const edits: InputEdit[] = [
      { kind: 'paint', size: [4, 4], runs: [2, 3, 4, 1], fill: red },
      { kind: 'values', at: [0], to: [9] },
    ];
    const edited = await read(path, spec([null, 4, 4, 3]), edits);
    for (const pixel of [2, 3, 4, 9]) pixels.set(red.rgb, pixel * 3);
    pixels[0] = 9;
    const real = await read(write('real.png', encodePng(pixels, 4, 4)), spec([null, 4, 4, 3]), []);
    expect(edited.values).toEqual(real.values);
    expect(edited.image).toEqual(real.image);
  });

  it('that is an array is drawn in the range that it had', async () => {
    const path = write('unit.npy', writeNpy(Float32Array.of(0, 0.2, 0.4, 1), [1, 2, 2, 1]));
    const white: InputEdit = {
      kind: 'paint',
      size: [2, 2],
      runs: [0, 1],
      fill: { kind: 'colour', rgb: [255, 255, 255] },
    };
    const loaded = await read(path, spec([null, 2, 2, 1]), [white]);
    expect([...loaded.values]).toEqual([1, 0.2, 0.4, 1].map(Math.fround));
    expect([...(loaded.image?.rgb ?? [])].filter((_, i) => i % 3 === 0)).toEqual([255, 51, 102, 255]);
  });

  it('of another size says so', async () => {
    const path = write('small.png', encodePng(new Uint8Array(12), 2, 2));
    const edits: InputEdit[] = [{ kind: 'paint', size: [4, 4], runs: [0, 1], fill: red }];
    await expect(read(path, spec([null, 2, 2, 3]), edits)).rejects.toThrow(
      'A picture of 4 x 4 pixels was painted, and input "x" has 2 x 2 now.',
    );
  });
});

describe('an edited table, array, sequence and text', () => {
  const houses = 'rooms,area\n3,70\n5,120\n';

  test('a value of a row is another, before preprocessing', async () => {
    const path = write('houses.csv', houses);
    const edits: InputEdit[] = [{ kind: 'values', at: [1], to: [-0.5] }];
    expect([...(await read(path, spec([null, 2]), edits, '2')).values]).toEqual([5, -0.5]);
    const half = { ...spec([null, 2]), edits };
    const scaled = await readInput({ kind: 'file', path }, half, { name: 'custom', mean: [0], scale: [2] });
    expect([...scaled.values]).toEqual([1.5, -0.25]);
  });

  test('a NaN that is replaced is not complained about', async () => {
    const path = write('nan.npy', writeNpy(Float32Array.of(1, Number.NaN), [2]));
    expect((await read(path, spec([null, 2]), [])).notices).toHaveLength(1);
    const loaded = await read(path, spec([null, 2]), [{ kind: 'values', at: [1], to: [4] }]);
    expect([...loaded.values]).toEqual([1, 4]);
    expect(loaded.notices).toEqual([]);
  });

  test('letters of a FASTA file and of a one-hot array are others', async () => {
    const dna = spec([null, 3, 4]);
    const path = write('one.fasta', '>a\nGAT\n');
    const edits: InputEdit[] = [{ kind: 'letters', at: [2], to: ['C'] }];
    const loaded = await read(path, dna, edits);
    expect([...loaded.values]).toEqual([0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
    expect(loaded.names).toEqual({ kind: 'letters', values: ['G', 'A', 'C'] });
    const array = write('one.npy', writeNpy(Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1), [3, 4]));
    const known = { ...dna, alphabet: 'ACGT' };
    expect((await read(array, known, edits)).values).toEqual(loaded.values);
    await expect(read(array, known, [{ kind: 'letters', at: [0], to: ['X'] }])).rejects.toThrow(
      '"X" was set in input "x", and is not in its alphabet.',
    );
  });

  test('a text is another, from a file and typed', async () => {
    const wanted = spec([null, 1], { dtype: 'string' });
    const edits: InputEdit[] = [{ kind: 'text', at: 0, to: 'good' }];
    expect((await read(write('a.txt', 'bad\n'), wanted, edits)).strings).toEqual(['good']);
    const typed = await readInput({ kind: 'text', text: 'bad' }, { ...wanted, edits }, undefined);
    expect(typed.strings).toEqual(['good']);
  });

  test('random values are edited too', async () => {
    const source = { kind: 'random', seed: 5 } as const;
    const plain = await readInput(source, spec([null, 3]), undefined);
    const edits: InputEdit[] = [{ kind: 'values', at: [0], to: [7] }];
    const loaded = await readInput(source, { ...spec([null, 3]), edits }, undefined);
    expect([...loaded.values]).toEqual([7, plain.values[1], plain.values[2]]);
  });

  test.each<[string, Partial<InputSpec>, InputEdit]>([
    ['Place 2 of input "x" was edited, which has 2.', {}, { kind: 'values', at: [2], to: [1] }],
    [
      'The edits of input "x" hold painted pixels, and it is an array of numbers.',
      {},
      { kind: 'paint', size: [1, 2], runs: [0, 1], fill: red },
    ],
    [
      '0.5 was set in input "x", which takes whole numbers up to 2^24.',
      { dtype: 'int32' },
      { kind: 'values', at: [0], to: [0.5] },
    ],
    [
      '16777217 was set in input "x", which takes whole numbers up to 2^24.',
      { dtype: 'int32' },
      { kind: 'values', at: [0], to: [16777217] },
    ],
    [
      'The edits of input "x" hold changed letters, and it is an array of numbers.',
      {},
      { kind: 'letters', at: [0], to: ['A'] },
    ],
  ])('%s', async (message, more, edit) => {
    const path = write('pair.csv', '3,70\n');
    await expect(read(path, spec([null, 2], more), [edit])).rejects.toThrow(message);
  });
});
