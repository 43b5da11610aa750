import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Diagnostic, DocumentSymbol, Hover, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import { type ServerProcess, startServer } from '../serverProcess';

const layer = (class_name: string, config: object) => ({ class_name, config });
const INNER = layer('Sequential', {
  name: 'inner',
  layers: [layer('Flatten', { name: 'flat' }), layer('Dense', { name: 'scores', units: 3 })],
});
const modelOf = (kernel: number) =>
  layer('Sequential', {
    name: 'net',
    layers: [
      layer('InputLayer', { name: 'image', batch_shape: [null, 8, 8, 1] }),
      layer('Conv2D', { name: 'conv', filters: 2, kernel_size: [kernel, kernel], strides: [1, 1] }),
      INNER,
    ],
  });
const textOf = (json: object): string => JSON.stringify(json, null, 1);

let server: ServerProcess;
const told: PublishDiagnosticsParams[] = [];
let heard: () => void = () => undefined;
const registered: string[] = [];

beforeAll(async () => {
  server = await startServer(join(__dirname, '../../../dist/server.js'));
  server.connection.onRequest(
    'client/registerCapability',
    ({ registrations }: { registrations: { method: string }[] }) => {
      registered.push(...registrations.map(({ method }) => method));
      return null;
    },
  );
  server.connection.onNotification('textDocument/publishDiagnostics', (sent: PublishDiagnosticsParams) => {
    told.push(sent);
    heard();
  });
});
afterAll(() => server?.stop());

/** The problems of a version of a document, when they are told. */
async function problemsOf(uri: string, version: number): Promise<readonly Diagnostic[]> {
  for (;;) {
    const found = told.find((sent) => sent.uri === uri && sent.version === version);
    if (found !== undefined) return found.diagnostics;
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
  }
}

const open = (uri: string, text: string, languageId = 'json') =>
  server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId, version: 1, text },
  });

interface Outline {
  readonly [title: string]: Outline;
}
const outlineOf = (symbols: readonly DocumentSymbol[]): Outline =>
  Object.fromEntries(
    symbols.map(({ name, detail, children }) => [`${name}: ${detail}`, outlineOf(children ?? [])]),
  );
const symbolsOf = async (uri: string): Promise<Outline> =>
  outlineOf(
    await server.connection.sendRequest<DocumentSymbol[]>('textDocument/documentSymbol', {
      textDocument: { uri },
    }),
  );

test('the layers of a model.json are its outline, with shapes and parameters', async () => {
  const uri = 'file:///models/model.json';
  await open(uri, textOf({ format: 'layers-model', modelTopology: { model_config: modelOf(3) } }));
  expect(await symbolsOf(uri)).toEqual({
    'image: ': {},
    'conv: Conv2D (None, 6, 6, 2) · 20 params': {},
    'inner: Sequential (None, 3) · 219 params': {
      'flat: Flatten (None, 72)': {},
      'scores: Dense (None, 3) · 219 params': {},
    },
  });
  expect(registered).toContain('textDocument/documentSymbol');
  expect(await problemsOf(uri, 1)).toEqual([]);
});

test('what does not fit is told at its layer while the text is edited', async () => {
  const uri = 'file:///models/model_b.json';
  const text = textOf(modelOf(9));
  await open(uri, text);
  const problems = await problemsOf(uri, 1);
  expect(problems.map(({ message }) => message)).toEqual([
    'Layer "conv" has a window of 9, larger than its input of 8.',
  ]);
  const name = text.indexOf('"conv"');
  const line = text.slice(0, name).split('\n').length - 1;
  const character = name - text.lastIndexOf('\n', name) - 1;
  expect(problems[0]?.range).toEqual({
    start: { line, character },
    end: { line, character: character + '"conv"'.length },
  });
  await server.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: text.replaceAll('9', '3') }],
  });
  expect(await problemsOf(uri, 2)).toEqual([]);
});

test('a hover tells of the text in the editor, not of the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-json-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'model.json');
  writeFileSync(path, textOf(modelOf(3)));
  const uri = pathToFileURL(path).href;
  const text = textOf(modelOf(5));
  await open(uri, text);
  const line = text.split('\n').findIndex((part) => part.includes('"Conv2D"'));
  const { contents } = await server.connection.sendRequest<Hover>('textDocument/hover', {
    textDocument: { uri },
    position: { line, character: 5 },
  });
  expect(contents).toMatchObject({ value: expect.stringContaining('(None, 4, 4, 2)') });
});

test.each([
  ['model-settings.json', '{"name": "not a model"}'],
  ['model.keras.layerglass.json', textOf(modelOf(9))],
  ['package.json', textOf(modelOf(9))],
])('nothing is told of %s', async (name, text) => {
  const uri = `file:///models/${name}`;
  await open(uri, text);
  expect(await symbolsOf(uri)).toEqual({});
  // A model that is opened after it is told of.
  const after = `file:///models/model_after_${name}`;
  await open(after.replace('.layerglass', ''), textOf(modelOf(3)));
  await problemsOf(after.replace('.layerglass', ''), 1);
  expect(told.filter((sent) => sent.uri === uri)).toEqual([]);
});
