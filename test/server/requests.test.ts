import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackNumbers } from '../../src/shared/wireNumbers';
import { fixture } from './cliProcess';
import { type ServerProcess, startServer } from './serverProcess';

/** Requests that no client of ours sends: each is answered with a sentence, and the server goes on. */

const SERVER = resolve(import.meta.dirname, '../../dist/server.js');

let server: ServerProcess;
let modelId = '';
beforeAll(async () => {
  server = await startServer(SERVER, { backend: 'wasm' });
  const opened = (await send('openModel', { path: fixture('golden/toy.keras') })) as {
    value: { modelId: string };
  };
  modelId = opened.value.modelId;
});
afterAll(() => server.stop());

const send = async (method: string, params: unknown): Promise<unknown> =>
  unpackNumbers(await server.connection.sendRequest(`layerglass/${method}`, params));

/** The sound request with one value changed; `undefined` leaves it out. */
const explaining = (change: object): object => ({
  modelId,
  inputs: [{ kind: 'random', seed: 1 }],
  preprocessing: { name: 'none' },
  method: 'saliency',
  layer: 'auto',
  target: { index: 'auto' },
  ...change,
});
const exporting = (change: object): object =>
  explaining({ folder: '/tmp', base: 'x', formats: [], colourMap: 'turbo', opacity: 0.5, ...change });
const tiling = (change: object): object =>
  explaining({ layer: 'x', stage: 'post', from: 0, count: 1, colourMap: 'turbo', ...change });

/** Method, parameters, and the place that the sentence names. */
const WRONG: readonly [string, () => unknown, string][] = [
  ['openModel', () => ({}), 'path'],
  ['openModel', () => ({ path: 5 }), 'path'],
  ['openModel', () => ({ path: ['a'] }), 'path'],
  ['openModel', () => [{ path: 'a' }, 'b'], 'its parameters'],
  ['openModel', () => undefined, 'its parameters'],
  ['closeModel', () => ({ modelId: { toString: 1 } }), 'modelId'],
  ['readSidecar', () => ({}), 'modelId'],
  ['readSidecar', () => ({ modelId: null }), 'modelId'],
  ['writeSidecar', () => ({ modelId, settings: { labels: [1] } }), 'settings.labels.0'],
  ['writeSidecar', () => ({ modelId }), 'settings'],
  ['locateLayer', () => ({ path: fixture('golden/toy.keras'), layer: 3 }), 'layer'],
  ['explain', () => ({ modelId }), 'inputs'],
  ['explain', () => explaining({ inputs: 'file' }), 'inputs'],
  ['explain', () => explaining({ inputs: [{ kind: 'random', seed: '1' }] }), 'inputs.0'],
  ['explain', () => explaining({ inputs: [{ kind: 'file' }] }), 'inputs.0'],
  ['explain', () => explaining({ inputs: [null] }), 'inputs.0'],
  ['explain', () => explaining({ inputs: new Array(100_000).fill({ kind: 'random', seed: 1 }) }), 'inputs'],
  ['explain', () => explaining({ preprocessing: { name: '__proto__' } }), 'preprocessing.name'],
  ['explain', () => explaining({ preprocessing: null }), 'preprocessing'],
  ['explain', () => explaining({ method: 'constructor' }), 'method'],
  ['explain', () => explaining({ layer: 7 }), 'layer'],
  ['explain', () => explaining({ target: undefined }), 'target'],
  ['explain', () => explaining({ target: { index: '0' } }), 'target.index'],
  ['explain', () => explaining({ target: { index: 0.5 } }), 'target.index'],
  ['explain', () => explaining({ target: { index: 0, output: -1 } }), 'target.output'],
  ['explain', () => explaining({ knownInput: 5 }), 'knownInput'],
  ['explain', () => explaining({ labels: { length: 1e9 } }), 'labels'],
  ['explain', () => explaining({ insist: 'yes' }), 'insist'],
  ['layerValues', () => explaining({ layer: undefined }), 'layer'],
  ['channelTiles', () => tiling({ from: '0' }), 'from'],
  ['channelTiles', () => tiling({ count: 1e300 }), 'count'],
  ['channelTiles', () => tiling({ colourMap: 'toString' }), 'colourMap'],
  ['exportHeatMap', () => exporting({ formats: ['exe'] }), 'formats.0'],
  ['exportHeatMap', () => exporting({ opacity: null }), 'opacity'],
  ['exportHeatMap', () => exporting({ folder: undefined }), 'folder'],
];

test.each(WRONG)('%s names what is wrong (case %#)', async (method, params, place) => {
  expect(await send(method, params())).toMatchObject({
    ok: false,
    error: {
      kind: 'bad-input',
      message: `The request layerglass/${method} has a wrong or missing value for ${place}.`,
    },
  });
});

test.each(['constructor', '__proto__', 'toString'])(
  'a model or layer named %s is looked for like any other',
  async (name) => {
    expect(await send('closeModel', { modelId: name })).toEqual({ ok: true, value: null });
    expect(await send('readSidecar', { modelId: name })).toMatchObject({ error: { kind: 'closed' } });
    expect(await send('explain', explaining({ method: 'grad-cam', layer: name }))).toMatchObject({
      error: { kind: 'no-such-layer' },
    });
  },
);

test('a token that is not there is no second parameter', async () => {
  expect(await server.connection.sendRequest('layerglass/readSidecar', { modelId }, undefined)).toMatchObject(
    { ok: true },
  );
});

test('notifications and hovers of a wrong shape are passed over', async () => {
  const { connection } = server;
  for (const params of [{}, { path: 1 }, []])
    await connection.sendNotification('layerglass/activeModelChanged', params);
  await connection.sendNotification('textDocument/didOpen', {});
  await connection.sendNotification('textDocument/didChange', { textDocument: null, contentChanges: 1 });
  await connection.sendRequest('textDocument/hover', {}).catch(() => {});
  await connection.sendRequest('layerglass/nothing', {}).catch(() => {});
  expect(await send('explain', explaining({}))).toMatchObject({ ok: true });
});

test('options of a wrong shape are those that nobody set', async () => {
  for (const options of ['wasm', 7, [], { backend: 'gpu', customLayers: 'x', memoryLimit: '6' }]) {
    const other = await startServer(SERVER, options as object);
    expect(await other.connection.sendRequest('layerglass/readSidecar', { modelId: 'x' })).toMatchObject({
      error: { kind: 'closed' },
    });
    await other.stop();
  }
});
