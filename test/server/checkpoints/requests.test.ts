import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as protocol from '../../../src/shared/protocol';
import { fixture } from '../cliProcess';
import { errorOf, type ServerProcess, startServer, value } from '../serverProcess';

/** The requests behind the page of checkpoints, as the extension sends them. */

const FOLDER = fixture('checkpoints');
let server: ServerProcess;
beforeAll(async () => {
  server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), { backend: 'wasm' });
});
afterAll(() => server.stop());

const list = (folder: string, member?: string) =>
  server.request(protocol.listCheckpoints, { folder, ...(member === undefined ? {} : { member }) });

const question = (modelId: string): protocol.EpochParams => ({
  modelId,
  inputs: [{ kind: 'file', path: `${FOLDER}/shape.png` }],
  preprocessing: { name: 'none' },
  layer: 'auto',
  target: { index: 'auto' },
});

test('lists the epochs of a folder in order, or those of the training of a file', async () => {
  const { files, orderedBy } = value(await list(`${FOLDER}/keras`));
  expect(files.map(({ name, number }) => [name, number])).toEqual(
    [1, 2, 3, 4, 5, 6].map((number) => [`epoch-0${number}.keras`, number]),
  );
  expect(orderedBy).toBe('number');
  expect(value(await list(`${FOLDER}/weights`, 'epoch-4.weights.h5')).files).toHaveLength(2);
  expect(errorOf(await list(`${FOLDER}/nowhere`)).kind).toBe('file-not-found');
});

test('computes one epoch after the other; each model is closed before the next', async () => {
  const dead: number[] = [];
  for (const { path } of value(await list(`${FOLDER}/keras`)).files) {
    const { modelId } = value(await server.request(protocol.openModel, { path }));
    const report = value(await server.request(protocol.epoch, question(modelId)));
    dead.push(report.layers.reduce((sum, layer) => sum + (layer.dead ?? 0), 0));
    expect(report.map?.values.shape).toEqual([16, 16]);
    expect(report.map?.input?.shape).toEqual([16, 16, 3]);
    expect(report.weights.map(({ layer }) => layer)).toEqual(['edges', 'parts', 'classes']);
    value(await server.request(protocol.closeModel, { modelId, atOnce: true }));
    expect(errorOf(await server.request(protocol.epoch, question(modelId))).kind).toBe('closed');
  }
  expect(dead).toEqual([2, 1, 1, 1, 14, 14]);
});

test('tells how far the weights moved between two epochs, and that they did not within one', async () => {
  const opened = async (name: string) =>
    value(await server.request(protocol.openModel, { path: `${FOLDER}/keras/${name}` })).modelId;
  const [first, second] = [await opened('epoch-01.keras'), await opened('epoch-02.keras')];
  const { inputs, preprocessing } = question(second);
  const changes = async (modelId: string, otherModelId: string) =>
    value(await server.request(protocol.weightChanges, { modelId, otherModelId, inputs, preprocessing }));
  const moved = await changes(second, first);
  expect(moved.map(({ layer }) => layer)).toEqual(['edges', 'parts', 'classes']);
  expect(moved.every(({ distance }) => (distance ?? 0) > 0.1)).toBe(true);
  expect((await changes(first, first)).map(({ distance }) => distance)).toEqual([0, 0, 0]);
  value(await server.request(protocol.closeModel, { modelId: first, atOnce: true }));
  const late = { modelId: second, otherModelId: first, inputs, preprocessing };
  expect(errorOf(await server.request(protocol.weightChanges, late)).kind).toBe('closed');
});

test('tells the rest of an epoch where the method gives no map, and fails with the input', async () => {
  const path = `${FOLDER}/keras/epoch-01.keras`;
  const { modelId } = value(await server.request(protocol.openModel, { path }));
  const asked = { ...question(modelId), method: 'attention' } as const;
  const report = value(await server.request(protocol.epoch, asked));
  expect(report.map).toBeNull();
  expect(report.mapProblem).toMatch(/attention/i);
  expect(report.predicted).toBe(2);
  const wrong = { ...question(modelId), inputs: [{ kind: 'file', path: `${FOLDER}/none.png` }] } as const;
  expect(errorOf(await server.request(protocol.epoch, wrong)).kind).toBe('file-not-found');
});
