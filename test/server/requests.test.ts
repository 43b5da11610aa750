import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackNumbers } from '../../src/shared/wireNumbers';
import { fixture } from './cliProcess';
import { type ServerProcess, saliency, startServer } from './serverProcess';

/** Requests that our own client never sends: the server refuses each with a sentence and keeps working. */

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

/** Valid parameters of `explain` with some values changed; `undefined` removes a value. */
const explainParams = (change: object): object => ({ ...saliency(modelId), ...change });
const exportParams = (change: object): object =>
  explainParams({ folder: '/tmp', base: 'x', formats: [], colourMap: 'turbo', opacity: 0.5, ...change });
const tilesParams = (change: object): object =>
  explainParams({ layer: 'x', stage: 'post', slice: 0, channels: [0], side: 64, ...change });

/** Method, parameters, and the value that the error must name. */
const INVALID: readonly [string, () => unknown, string][] = [
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
  ['compareWithCode', () => ({ path: 'a', uri: 'b', position: { line: -1, character: 0 } }), 'position.line'],
  ['layerInCode', () => ({ layer: 'a', names: ['a'], paths: [1] }), 'paths.0'],
  ['explain', () => ({ modelId }), 'inputs'],
  ['explain', () => explainParams({ inputs: 'file' }), 'inputs'],
  ['explain', () => explainParams({ inputs: [{ kind: 'random', seed: '1' }] }), 'inputs.0'],
  ['explain', () => explainParams({ inputs: [{ kind: 'file' }] }), 'inputs.0'],
  ['explain', () => explainParams({ inputs: [null] }), 'inputs.0'],
  [
    'explain',
    () => explainParams({ inputs: new Array(100_000).fill({ kind: 'random', seed: 1 }) }),
    'inputs',
  ],
  ['explain', () => explainParams({ preprocessing: { name: '__proto__' } }), 'preprocessing.name'],
  ['explain', () => explainParams({ preprocessing: null }), 'preprocessing'],
  ['explain', () => explainParams({ method: 'constructor' }), 'method'],
  ['explain', () => explainParams({ layer: 7 }), 'layer'],
  ['explain', () => explainParams({ target: undefined }), 'target'],
  ['explain', () => explainParams({ target: { index: '0' } }), 'target.index'],
  ['explain', () => explainParams({ target: { index: 0.5 } }), 'target.index'],
  ['explain', () => explainParams({ target: { index: 0, output: -1 } }), 'target.output'],
  ['explain', () => explainParams({ knownInput: 5 }), 'knownInput'],
  ['explain', () => explainParams({ labels: { length: 1e9 } }), 'labels'],
  ['explain', () => explainParams({ insist: 'yes' }), 'insist'],
  ['layerValues', () => explainParams({ layer: undefined }), 'layer'],
  ['openUnit', () => explainParams({ layer: 'x', unit: -1 }), 'unit'],
  ['openUnit', () => explainParams({ layer: 'x', position: [0.5] }), 'position.0'],
  ['trace', () => explainParams({ layer: undefined }), 'layer'],
  ['trace', () => explainParams({ layer: 'x', unit: -1 }), 'unit'],
  ['trace', () => explainParams({ layer: 'x', unit: 0, check: '1' }), 'check'],
  ['trace', () => explainParams({ layer: 'x', arithmetic: 1 }), 'arithmetic'],
  ['trace', () => explainParams({ layer: 'x', effective: 1 }), 'effective'],
  ['channelTiles', () => tilesParams({ slice: '0' }), 'slice'],
  ['channelTiles', () => tilesParams({ channels: [1e300] }), 'channels.0'],
  ['channelTiles', () => tilesParams({ side: 0 }), 'side'],
  ['channels', () => tilesParams({ stage: 'toString' }), 'stage'],
  ['channelMap', () => tilesParams({ channel: -1 }), 'channel'],
  ['tensorSlice', () => tilesParams({ axes: { rowAxis: 0.5, columnAxis: null, at: [] } }), 'axes.rowAxis'],
  ['exportTensor', () => tilesParams({ path: 7 }), 'path'],
  ['exportHeatMap', () => exportParams({ formats: ['exe'] }), 'formats.0'],
  ['exportHeatMap', () => exportParams({ opacity: null }), 'opacity'],
  ['exportHeatMap', () => exportParams({ folder: undefined }), 'folder'],
  ['exportSet', () => exportParams({ folder: 7 }), 'folder'],
  ['exportSet', () => exportParams({ overwrite: 'yes' }), 'overwrite'],
];

test.each(INVALID)('%s names the invalid parameter (case %#)', async (method, params, place) => {
  expect(await send(method, params())).toMatchObject({
    ok: false,
    error: {
      kind: 'bad-input',
      message: `The request layerglass/${method} has a wrong or missing value for ${place}.`,
    },
  });
});

test.each(['constructor', '__proto__', 'toString'])(
  'a model or layer named %s is handled like any other',
  async (name) => {
    expect(await send('closeModel', { modelId: name })).toEqual({ ok: true, value: null });
    expect(await send('readSidecar', { modelId: name })).toMatchObject({ error: { kind: 'closed' } });
    expect(await send('explain', explainParams({ method: 'grad-cam', layer: name }))).toMatchObject({
      error: { kind: 'no-such-layer' },
    });
  },
);

test('an undefined cancellation token is not taken for a second parameter', async () => {
  expect(await server.connection.sendRequest('layerglass/readSidecar', { modelId }, undefined)).toMatchObject(
    { ok: true },
  );
});

test('invalid notifications and hovers are ignored', async () => {
  const { connection } = server;
  for (const params of [{}, { path: 1 }, []])
    await connection.sendNotification('layerglass/activeModelChanged', params);
  await connection.sendNotification('textDocument/didOpen', {});
  await connection.sendNotification('textDocument/didChange', { textDocument: null, contentChanges: 1 });
  await connection.sendRequest('textDocument/hover', {}).catch(() => {});
  await connection.sendRequest('layerglass/nothing', {}).catch(() => {});
  expect(await send('explain', explainParams({}))).toMatchObject({ ok: true });
});

test('invalid initialization options are replaced by the defaults', async () => {
  for (const options of ['wasm', 7, [], { backend: 'gpu', customLayers: 'x', memoryLimit: '6' }]) {
    const other = await startServer(SERVER, options as object);
    expect(await other.connection.sendRequest('layerglass/readSidecar', { modelId: 'x' })).toMatchObject({
      error: { kind: 'closed' },
    });
    await other.stop();
  }
});
