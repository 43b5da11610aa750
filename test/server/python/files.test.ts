import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, assert, beforeAll, expect, test } from 'vitest';
import type {
  CodeLens,
  CompletionItem,
  Hover,
  Location,
  Registration,
  RegistrationParams,
} from 'vscode-languageserver/node';
import * as protocol from '../../../src/shared/protocol';
import { fixture } from '../cliProcess';
import { type ServerProcess, startServer } from '../serverProcess';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'layerglass-code-')));
const workspace = join(folder, 'project');
const code = join(workspace, 'code');
const beside = join(code, 'toy.keras');
const URI = pathToFileURL(join(code, 'train.py')).href;
/** As in the file, but for one layer that is larger, one that is new and one that is missing. */
const CODE = `import keras
from keras import layers

x = keras.Input((4, 4, 1), name="x")
y = layers.Conv2D(2, 3, name="conv1")(x)
y = layers.Flatten(name="flatten")(y)
y = layers.Dropout(0.5, name="drop")(y)
y = layers.Dense(5, name="dense")(y)
model = keras.Model(x, y)
model.get_layer("dense")
model.save("toy.keras")
old = keras.models.load_model("toy.keras")
old.get_layer("")
keras.models.load_model("../../secret.keras")
keras.models.load_model("link.keras")
keras.models.load_model("models/kept.keras")
keras.models.load_model("missing.keras")
model.load_weights("models/only.weights.h5")
keras.models.load_model("kept.keras")
keras.models.load_model("exported/saved_model.pb")
keras.models.load_model("web/model.json")
`;

let server: ServerProcess;
let isShown: unknown;
let refreshed: () => void = () => undefined;
const registered: Registration[] = [];

beforeAll(async () => {
  mkdirSync(join(workspace, 'models'), { recursive: true });
  mkdirSync(code);
  const toy = fixture('golden/toy.keras');
  for (const path of [
    beside,
    join(folder, 'secret.keras'),
    join(workspace, 'models/kept.keras'),
    join(workspace, 'models/only.weights.h5'),
  ])
    copyFileSync(toy, path);
  symlinkSync(join(folder, 'secret.keras'), join(code, 'link.keras'));
  server = await startServer(join(__dirname, '../../../dist/server.js'));
  server.connection.onRequest('workspace/configuration', () => [isShown]);
  server.connection.onRequest('client/registerCapability', (sent: RegistrationParams) => {
    registered.push(...sent.registrations);
    return null;
  });
  server.connection.onRequest('workspace/workspaceFolders', () => [
    { uri: pathToFileURL(workspace).href, name: 'project' },
  ]);
  server.connection.onRequest('workspace/codeLens/refresh', () => {
    refreshed();
    return null;
  });
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: URI, languageId: 'python', version: 1, text: CODE },
  });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const lensesOf = (uri: string): Promise<CodeLens[]> =>
  server.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });

const at = (line: number, character: number): object => ({
  textDocument: { uri: URI },
  position: { line, character },
});

test('the model files that exist in the project have lenses, and no others', async () => {
  const lenses = await lensesOf(URI);
  expect(lenses.map(({ range, command }) => `${range.start.line} ${command?.title}`)).toEqual([
    ...['10 Open toy.keras', '10 Explain Prediction', '10 Compare with Code'],
    ...['11 Open toy.keras', '11 Explain Prediction', '11 Compare with Code'],
    ...['15 Open kept.keras', '15 Explain Prediction', '15 Compare with Code'],
    '17 Open only.weights.h5',
  ]);
  expect(lenses[0]?.command).toMatchObject({ command: 'layerglass.code.open', arguments: [beside] });
});

const compareWith = async (params: Omit<protocol.CompareWithCodeParams, 'path'>) => {
  const compared = await server.request(protocol.compareWithCode, { path: beside, ...params });
  return compared.ok ? compared.value : compared.error;
};

test.each([
  ['at the call that names it', { line: 11, character: 6 }],
  ['that names it', undefined],
])('a model file is compared with what the code builds for it %s', async (_, position) => {
  const found = await compareWith({ uri: URI, ...(position && { position }) });
  const { comparison, places, modelAt } = 'comparison' in found ? found : assert.fail(found.message);
  expect(comparison).toMatchObject({
    ...{ isEqual: false, firstDifference: { path: 'relu1', by: 'layer' }, predictions: null },
    parameters: { a: 56, b: 65 },
  });
  const lineOf = (path: string) => places.find((place) => place.path === path)?.at.range.start.line;
  expect(
    comparison.layers.map(({ path, status, config }) => [path, status, config.length, lineOf(path)]),
  ).toEqual([
    ['conv1', 'same', 0, 4],
    ['relu1', 'removed', 0, undefined],
    ['flatten', 'same', 0, 5],
    ['drop', 'added', 0, 6],
    ['dense', 'changed', 4, 7],
  ]);
  expect(comparison.layers.at(-1)?.config).toEqual([
    { key: 'activation', a: '"relu"', b: '"linear"' },
    { key: 'units', a: '4', b: '5' },
    { key: 'output_shape', a: '[null,4]', b: '[null,5]' },
    { key: 'parameters', a: '36', b: '45' },
  ]);
  expect(modelAt).toMatchObject({ uri: URI, range: { start: { line: 8 } } });
});

test('code that builds nothing of the file is told', async () => {
  const uri = pathToFileURL(join(code, 'nothing.py')).href;
  writeFileSync(join(code, 'nothing.py'), 'import keras\nprint(keras.layers.Dense(3, name="lone"))\n');
  expect(await compareWith({ uri })).toMatchObject({ kind: 'not-applicable' });
});

test('the code that builds most layers of a file is found, open or not', async () => {
  const [most, some, none] = ['most.py', 'some.py', 'none.py'].map((name) => join(code, name));
  const program = (...names: string[]) =>
    `import keras\nm = keras.Sequential([keras.Input((4, 4, 1)), ${names.map((name) => `keras.layers.ReLU(name="${name}")`).join(', ')}])\n`;
  writeFileSync(most ?? '', program('conv1', 'relu1', 'flatten', 'dense'));
  writeFileSync(some ?? '', program('conv1'));
  writeFileSync(none ?? '', program('other'));
  const paths = [some ?? '', none ?? '', most ?? '', join(code, 'missing.py')];
  const found = await server.request(protocol.codeFor, { path: beside, paths });
  expect(found).toEqual({
    ok: true,
    value: [pathToFileURL(most ?? '').href, URI, pathToFileURL(some ?? '').href],
  });
  expect(await compareWith({ uri: pathToFileURL(most ?? '').href })).toMatchObject({
    comparison: { firstDifference: { path: 'conv1', by: 'layer' } },
  });
});

test('names of layers are completed from the code and from the file', async () => {
  const complete = (line: number, character: number): Promise<CompletionItem[]> =>
    server.connection.sendRequest('textDocument/completion', at(line, character));
  const ofCode = await complete(9, 18);
  expect(ofCode.map(({ label }) => label)).toEqual(['x', 'conv1', 'flatten', 'drop', 'dense']);
  expect(ofCode[1]).toMatchObject({
    detail: 'Conv2D',
    textEdit: { range: { start: { line: 9, character: 17 }, end: { line: 9, character: 22 } } },
  });
  const ofFile = await complete(12, 15);
  expect(ofFile.map(({ label }) => label)).toEqual(['x', 'conv1', 'relu1', 'flatten', 'dense']);
  expect(await complete(9, 3)).toEqual([]);
});

test('the name of a layer leads to the line that builds it', async () => {
  const define = (line: number, character: number): Promise<Location | null> =>
    server.connection.sendRequest('textDocument/definition', at(line, character));
  expect(await define(9, 18)).toMatchObject({ uri: URI, range: { start: { line: 7, character: 4 } } });
  expect(await define(12, 15)).toBeNull();
});

test('a layer of a model is found in the code that builds most of the model', async () => {
  const other = join(code, 'other.py');
  const third = join(code, 'third.py');
  const model = (layer: string) =>
    `from keras import layers, Sequential, Input\nm = Sequential([Input((3,)), ${layer}])\n`;
  writeFileSync(other, model('layers.Dense(2, name="dense")'));
  writeFileSync(third, model('layers.Dense(2, name="relu1")'));
  const names = ['x', 'conv1', 'relu1', 'flatten', 'dense'];
  const paths = [other, third, join(code, 'none.py')];
  const found = async (layer: string) => {
    const places = await server.request(protocol.layerInCode, { layer, names, paths });
    return places.ok ? places.value.map(({ uri, range }) => [uri, range.start.line]) : places.error;
  };
  expect(await found('dense')).toEqual([[URI, 7]]);
  expect(await found('relu1')).toEqual([[pathToFileURL(third).href, 1]]);
  expect(await found('nowhere')).toEqual([]);
});

test('cells of a notebook have lenses', async () => {
  const cell = `vscode-notebook-cell:${pathToFileURL(join(code, 'book.ipynb')).pathname}#W1`;
  await server.connection.sendNotification('notebookDocument/didOpen', {
    notebookDocument: {
      uri: pathToFileURL(join(code, 'book.ipynb')).href,
      notebookType: 'jupyter-notebook',
      version: 1,
      cells: [{ kind: 2, document: cell }],
    },
    cellTextDocuments: [
      {
        uri: cell,
        languageId: 'python',
        version: 1,
        text: 'from keras.models import load_model\nm = load_model("toy.keras")',
      },
    ],
  });
  const titles = (await lensesOf(cell)).map(({ command }) => command?.title);
  expect(titles).toEqual(['Open toy.keras', 'Explain Prediction']);
});

test('a hover over the name of a layer opens no file outside the project', async () => {
  const hoverIn = async (name: string, load: string): Promise<Hover | null> => {
    const uri = pathToFileURL(join(code, name)).href;
    const text = `model = load_model(${JSON.stringify(load)})\nmodel.get_layer("conv1")\n`;
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text },
    });
    return server.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: { line: 1, character: 19 },
    });
  };
  expect(await hoverIn('inside.ts', '../models/kept.keras')).not.toBeNull();
  expect(await hoverIn('around.ts', 'models/kept.keras')).not.toBeNull();
  expect(await hoverIn('above.ts', '../../secret.keras')).toBeNull();
  expect(await hoverIn('absolute.ts', join(folder, 'secret.keras'))).toBeNull();
  expect(await hoverIn('link.ts', 'link.keras')).toBeNull();
});

test('files that appear and vanish make the editor ask for lenses again', async () => {
  const watched = registered.find(({ method }) => method === 'workspace/didChangeWatchedFiles');
  expect(watched?.registerOptions).toEqual({
    // Made and deleted, not changed.
    watchers: [{ globPattern: '**/{*.keras,*.h5,*.hdf5,model*.json,saved_model.pb}', kind: 1 + 4 }],
  });
  for (const [line, name] of [
    [16, 'missing.keras'],
    [19, 'exported/saved_model.pb'],
    [20, 'web/model.json'],
  ] as const) {
    const path = join(code, name);
    mkdirSync(dirname(path), { recursive: true });
    const told = async (type: number): Promise<readonly number[]> => {
      const asked = new Promise<void>((resolve) => {
        refreshed = resolve;
      });
      await server.connection.sendNotification('workspace/didChangeWatchedFiles', {
        changes: [{ uri: pathToFileURL(path).href, type }],
      });
      await asked;
      return (await lensesOf(URI)).map(({ range }) => range.start.line);
    };
    copyFileSync(beside, path);
    expect(await told(1)).toContain(line);
    rmSync(path);
    expect(await told(3)).not.toContain(line);
  }
});

test('the setting turns the lenses off', async () => {
  isShown = false;
  expect(await lensesOf(URI)).toEqual([]);
});
