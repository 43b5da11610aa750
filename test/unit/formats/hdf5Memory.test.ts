import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hdf5Library } from '../../../src/server/formats/hdf5/hdf5Library';
import { openModelFile } from '../../../src/server/formats/open';
import { MAX_HDF5_MEMORY_BYTES } from '../../../src/server/io/limits';
import { writeRepeatedString } from '../../server/hdf5Bomb';

const folder = mkdtempSync(join(tmpdir(), 'layerglass-hdf5-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the library still works after files that declare more memory than it may use', async () => {
  const bombs = await Promise.all(
    [100, 1000].map(async (count) => {
      const path = join(folder, `${count}.h5`);
      writeFileSync(path, await writeRepeatedString(path, count));
      return path;
    }),
  );
  for (const bomb of [...bombs, ...bombs, ...bombs]) {
    await expect(openModelFile(bomb)).rejects.toThrow(
      /model_config (cannot be read|contains more than .* of text)\./,
    );
    const model = await openModelFile(join(__dirname, '../../fixtures/formats/tiny3.h5'));
    const { entries } = await model.weights.index();
    for (const key of entries.keys()) expect((await model.weights.read(key)).length).toBeGreaterThan(0);
    model.close();
  }
  expect((await hdf5Library()).HEAPU8.length).toBeLessThanOrEqual(MAX_HDF5_MEMORY_BYTES);
});

test('a library that has used up its memory is replaced, and open files keep theirs', async () => {
  const path = join(__dirname, '../../fixtures/formats/tiny3.h5');
  const firstLibrary = await hdf5Library();
  const first = await openModelFile(path);
  // What damaged files leave behind, and more than anything could need.
  while (firstLibrary._malloc(2 ** 16) !== 0);
  const second = await openModelFile(path);
  const [key = ''] = (await second.weights.index()).entries.keys();
  const values = await second.weights.read(key);
  expect(values.length).toBeGreaterThan(0);
  expect(await hdf5Library()).not.toBe(firstLibrary);
  expect((await hdf5Library()).HEAPU8.length).toBeLessThan(MAX_HDF5_MEMORY_BYTES / 4);
  first.close();
  second.close();
});

test('a library that gives up while it opens a file says so, and the next file has another one', async () => {
  const path = join(__dirname, '../../fixtures/formats/tiny3.h5');
  const library = await hdf5Library();
  const { open } = library;
  // It is full, although it has just been made.
  library.open = (...args) => {
    while (library._malloc(2 ** 16) !== 0);
    while (library._malloc(16) !== 0);
    return open(...args);
  };
  await expect(openModelFile(path)).rejects.toThrow(/damaged|more memory than the HDF5 library may use/);
  (await openModelFile(path)).close();
  expect(await hdf5Library()).not.toBe(library);
});
