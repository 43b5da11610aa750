import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OpenModels } from '../../../src/server/session/openModels';
import { readSidecar } from '../../../src/server/session/sidecar';

const FOLDER = join(__dirname, '../../../samples/3-binary/spot');

test('a model given as its folder is the model of the file in it, with the settings beside that file', async () => {
  const models = new OpenModels({ strict: true });
  const ofFolder = await models.open(FOLDER);
  const ofFile = await models.open(join(FOLDER, 'model.json'));
  expect(ofFolder.path).toBe(join(FOLDER, 'model.json'));
  expect(readSidecar(ofFolder.path)?.labels).toEqual(['no digit', 'digit']);
  expect(ofFolder.id).toBe(ofFile.id);
  expect(models.find(FOLDER)).toBe(models.find(ofFile.path));
});

test('a model that is closed at once is released before others are opened', async () => {
  const released: string[] = [];
  const models = new OpenModels({ strict: true }, ({ id }, close) => {
    if (close()) released.push(id);
  });
  const first = await models.open(FOLDER);
  await models.open(FOLDER);
  models.close(first.id, true);
  expect(released).toEqual([]);
  models.close(first.id, true);
  expect(released).toEqual([first.id]);
  expect(() => models.get(first.id)).toThrow('no longer open');
});
