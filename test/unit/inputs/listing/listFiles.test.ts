import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeNpy, writeNpyStrings } from '../../../../src/server/inputs/arrays/npy';
import { type ListRequest, listFiles } from '../../../../src/server/inputs/listing/listFiles';
import type { InputSpec } from '../../../../src/server/inputs/loadedInput';
import { folderEntries } from '../../../../src/server/io/folderEntries';
import { zipOf } from '../../../server/zipFile';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-listing-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const VECTOR: InputSpec = { name: 'x', shape: [null, 2], dtype: 'float32' };
const IMAGE: InputSpec = { name: 'x', shape: [null, 8, 8, 1], dtype: 'float32' };
const PETS = { names: ['cat', 'dog'], count: 2 };

const list = (spec: InputSpec, request: Partial<ListRequest> = {}) =>
  listFiles({
    paths: [folder],
    extensions: ['png', 'npy', 'npz', 'csv'],
    specs: [spec],
    classes: PETS,
    modelFolder: '/elsewhere',
    pause: async () => {},
    ...request,
  });

const floats = (...shape: number[]): Buffer =>
  writeNpy(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
const ints = (...values: number[]): Buffer => writeNpy(Int32Array.from(values), [values.length]);

function write(name: string, content: string | Buffer = ''): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}
const npz = (name: string, arrays: Readonly<Record<string, Buffer>>): string =>
  write(name, zipOf(Object.fromEntries(Object.entries(arrays).map(([key, data]) => [`${key}.npy`, data]))));

describe('labels of an archive', () => {
  const truthsOf = async (y: Buffer, name = 'y') => {
    const { inputs, notices } = await list(VECTOR, { paths: [npz('t.npz', { x: floats(3, 2), [name]: y })] });
    return { truths: inputs.map(({ truth }) => truth), notices };
  };

  it.each([
    ['numbers', ints(1, 0, 1), 'y'],
    ['numbers of another name', ints(1, 0, 1), 'labels'],
    ['y_test', ints(1, 0, 1), 'y_test'],
    ['names in any case', writeNpyStrings(['dog', 'Cat', 'dog'], [3]), 'y'],
    ['one-hot rows', writeNpy(Uint8Array.of(0, 1, 1, 0, 0, 1), [3, 2]), 'y'],
    ['a column', writeNpy(Int32Array.of(1, 0, 1), [3, 1]), 'y'],
  ])('%s', async (_, y, name) => {
    expect(await truthsOf(y, name)).toEqual({ truths: [1, 0, 1], notices: [] });
  });

  it('pairs x_test with y_test and x_train with y_train', async () => {
    const arrays = { x_train: floats(2, 2), y_train: ints(0, 0), x_test: floats(2, 2), y_test: ints(1, 1) };
    const { inputs } = await list(VECTOR, { paths: [npz('t.npz', arrays)] });
    expect(inputs.map(({ name, truth }) => [name, truth])).toEqual([
      ['t.npz [x_train], sample 0', 0],
      ['t.npz [x_train], sample 1', 0],
      ['t.npz [x_test], sample 0', 1],
      ['t.npz [x_test], sample 1', 1],
    ]);
    expect(inputs[2]?.sources).toEqual([
      { kind: 'file', path: join(folder, 't.npz'), member: 'x_test', sample: 0 },
    ]);
  });

  it.each([
    ['another number', ints(1, 0), 'its shape is (2), and there are 3 samples'],
    ['no class', ints(7, 8, 9), '7 is none of the model\'s classes ("cat", "dog")'],
    ['several classes of a row', writeNpy(Uint8Array.of(1, 1, 1, 0, 0, 1), [3, 2]), 'do not mark one class'],
  ])('%s gets a sentence and no labels', async (_, y, why) => {
    const { truths, notices } = await truthsOf(y);
    expect(truths).toEqual([null, null, null]);
    expect(notices).toEqual([expect.stringContaining(why)]);
  });

  it('a few that are no classes leave the others', async () => {
    const { truths, notices } = await truthsOf(ints(1, 5, 0));
    expect(truths).toEqual([1, null, 0]);
    expect(notices).toEqual([expect.stringContaining('1 of 3 are none of')]);
  });
});

describe('folders', () => {
  it('named as classes say the class of their files, as people count', async () => {
    for (const name of ['dog/10.png', 'dog/2.png', 'cat/1.png', 'loose.png', '.hidden/1.png']) write(name);
    const { inputs, notices } = await list(IMAGE);
    expect(inputs.map(({ name, truth }) => [name, truth])).toEqual([
      ['loose.png', null],
      ['1.png', 0],
      ['2.png', 1],
      ['10.png', 1],
    ]);
    expect(notices).toEqual([]);
  });

  it('without names are the classes in their order, and a sentence says so', async () => {
    for (const name of ['zebra/1.png', 'ant/1.png']) write(name);
    const { inputs, notices } = await list(IMAGE, { classes: { names: [], count: 2 } });
    expect(inputs.map(({ truth }) => truth)).toEqual([0, 1]);
    expect(notices).toEqual([expect.stringContaining('in the order of their names')]);
  });

  it('of other names say nothing, and a sentence says so', async () => {
    for (const name of ['left/1.png', 'right/1.png']) write(name);
    const { inputs, notices } = await list(IMAGE);
    expect(inputs.map(({ truth }) => truth)).toEqual([null, null]);
    expect(notices).toEqual([expect.stringContaining('not named as classes')]);
  });

  it("beside the model are looked at only if they are classes; the model's own files are none", async () => {
    for (const name of ['docs/1.png', 'dog/1.png', 'labels.txt', 'cat-grad-cam.map.png']) write(name);
    const { inputs } = await list(IMAGE, { modelFolder: folder, extensions: ['png', 'txt'] });
    expect(inputs.map(({ truth }) => truth)).toEqual([1]);
  });

  it('are read only so far, and links to folders are not followed', async () => {
    for (let i = 0; i < 5; i++) write(`${i}.png`);
    symlinkSync(folder, join(folder, 'loop'));
    symlinkSync(join(folder, '0.png'), join(folder, 'link.png'));
    const all = await folderEntries(folder, 100);
    expect([all.files.length, all.folders, all.isCut]).toEqual([6, [], false]);
    expect(await folderEntries(folder, 3)).toMatchObject({ isCut: true });
    expect(await folderEntries(join(folder, 'missing'), 3)).toEqual({ files: [], folders: [], isCut: false });
  });
});

describe('tables', () => {
  it('have their classes in a column, in words or numbers', async () => {
    const path = write('t.csv', 'a,b,label\n1,2,dog\n3,4,\n5,6,0\n');
    const { inputs, notices } = await list(VECTOR, { paths: [path] });
    expect(inputs.map(({ name, truth }) => [name, truth])).toEqual([
      ['t.csv, row 1', 1],
      ['t.csv, row 2', null],
      ['t.csv, row 3', 0],
    ]);
    expect(notices).toEqual([]);
  });

  it('whose column the model takes have no labels', async () => {
    const path = write('t.csv', 'a,class\n1,2\n3,4\n');
    const { inputs } = await list({ ...VECTOR, columns: ['a', 'class'] }, { paths: [path] });
    expect(inputs.map(({ truth }) => truth)).toEqual([null, null]);
  });
});

describe('what is left out is said', () => {
  it('arrays of another shape, damaged and missing files', async () => {
    const paths = [write('a.npy', floats(3, 5)), write('b.npy', 'no array'), join(folder, 'gone.png')];
    const { inputs, notices } = await list(VECTOR, { paths });
    expect(inputs).toEqual([]);
    expect(notices).toEqual([
      'One file is left out: its arrays have another shape than the model takes.',
      'gone.png no longer exists.',
      expect.stringMatching(/^b\.npy is left out: /),
    ]);
  });

  it('files that several inputs cannot share', async () => {
    const path = write('a.npy', floats(3, 2));
    const { notices } = await listFiles({
      paths: [path],
      extensions: [],
      specs: [VECTOR, { ...VECTOR, name: 'z' }],
      classes: PETS,
      modelFolder: '/elsewhere',
      pause: async () => {},
    });
    expect(notices).toEqual([expect.stringContaining('the model takes 2 inputs')]);
  });
});
