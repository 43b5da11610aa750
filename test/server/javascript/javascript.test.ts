import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeAction, CodeLens, Hover } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Shown, WHOLE } from '../language/shown';
import { type ServerProcess, startServer } from '../serverProcess';

const CODE = `import * as tf from '@tensorflow/tfjs';

const model = tf.sequential();
model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }));
model.add(tf.layers.lstm({ units: 4 }));
`;

const folder = mkdtempSync(join(tmpdir(), 'layerglass-javascript-'));
let server: ServerProcess;
let shown: Shown;

beforeAll(async () => {
  mkdirSync(join(folder, 'saved'));
  writeFileSync(join(folder, 'saved', 'model.json'), '{}');
  server = await startServer(join(__dirname, '../../../dist/server.js'));
  server.connection.onRequest('workspace/configuration', () => [undefined]);
  server.connection.onRequest('workspace/workspaceFolders', () => []);
  server.connection.onRequest('client/registerCapability', () => null);
  shown = new Shown(server);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string, languageId: string, text: string): Promise<string> {
  const uri = pathToFileURL(join(folder, name)).href;
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId, version: 1, text },
  });
  return uri;
}

test.each(['javascript', 'typescript', 'javascriptreact', 'typescriptreact'])(
  'a file of %s has hints, a problem with its line, and a hover',
  async (language) => {
    const uri = await open(`hints-${language}`, language, CODE);
    expect(await shown.hintsOf(uri)).toEqual(['3:84 (None, 26, 26, 8) · 80 params']);
    const [problem, ...rest] = await shown.problemsOf(uri);
    expect(rest).toEqual([]);
    expect(problem?.range.start).toEqual({ line: 4, character: 10 });
    expect(problem?.message).toBe('LSTM takes an input of 3 axes but gets (None, 26, 26, 8), which has 4.');
    const hover = await server.connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 3, character: 24 },
    });
    expect(JSON.stringify(hover)).toMatch(
      /Conv2D.*conv2d\\\\_Conv2D1.*\(None, 28, 28, 1\).*\(None, 26, 26, 8\).*floor.*80.*48,672/,
    );
  },
);

test('code that mentions no TensorFlow.js has none', async () => {
  const uri = await open(
    'other.js',
    'javascript',
    CODE.replace('@tensorflow/tfjs', './tf').replaceAll('tf.', 'other.'),
  );
  expect(await shown.hintsOf(uri)).toEqual([]);
  const code = await open('other.go', 'go', CODE);
  expect(await shown.hintsOf(code)).toEqual([]);
});

test.each([
  [
    'x',
    'repeatVector({ n: 3 }).apply(x)',
    'Insert flatten()',
    'tf.layers.repeatVector({ n: 3 }).apply(tf.layers.flatten().apply(x))',
  ],
  [
    'window',
    'conv2d({ filters: 4, kernelSize: 9 }).apply(x)',
    "Add padding: 'same'",
    "tf.layers.conv2d({ filters: 4, kernelSize: 9, padding: 'same' }).apply(x)",
  ],
  [
    'comma',
    "conv2d({ filters: 4, padding: 'valid', kernelSize: 9, }).apply(x)",
    "Add padding: 'same'",
    "tf.layers.conv2d({ filters: 4, padding: 'same', kernelSize: 9, }).apply(x)",
  ],
])('a problem has a quick fix: %s', async (name, call, title, after) => {
  const text = `import * as tf from '@tensorflow/tfjs';\nconst x = tf.input({ shape: [8, 8, 3] });\nconst y = tf.layers.${call};\n`;
  const uri = await open(`fix-${name}.js`, 'javascript', text);
  const diagnostics = await shown.problemsOf(uri);
  const [action] = await server.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: WHOLE,
    context: { diagnostics },
  });
  expect(action?.title).toBe(title);
  const document = TextDocument.create(uri, 'javascript', 1, text);
  expect(TextDocument.applyEdits(document, action?.edit?.changes?.[uri] ?? [])).toContain(after);
});

test('lenses stand over the model files that code loads and saves', async () => {
  const uri = await open(
    'files.js',
    'javascript',
    `const tf = require('@tensorflow/tfjs-node');
async function main() {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  await model.save('file://saved');
  const loaded = await tf.loadLayersModel('file://./saved/model.json');
  const graph = await tf.loadGraphModel('file://saved/model.json');
  const missing = await tf.loadLayersModel('https://example.com/saved/model.json');
}
main();
`,
  );
  const lenses = await server.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
    textDocument: { uri },
  });
  expect(lenses.map(({ range, command }) => `${range.start.line} ${command?.title}`)).toEqual([
    '3 Open model.json',
    '3 Explain Prediction',
    '3 Compare with Code',
    '4 Open model.json',
    '4 Explain Prediction',
    '4 Compare with Code',
    '5 Open model.json',
    '5 Explain Prediction',
  ]);
  expect(lenses[0]?.command?.arguments).toEqual([join(folder, 'saved', 'model.json')]);
});
