import { beforeEach, expect, it } from 'vitest';
import { startOnModelText } from '../../../src/extension/models/startOnModelText';
import {
  activeEditor,
  EventEmitter,
  edited,
  forget,
  onDisk,
  saved,
  seen,
  Uri,
  window,
  workspace,
} from './fakeVscode';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

const documentOf = (
  text: string,
  languageId = 'python',
  path = '/work/code/net/look.py',
  scheme = 'file',
) => ({
  languageId,
  getText: () => text,
  uri: { scheme, path, fsPath: path },
});

function clientOf() {
  const client = {
    started: false,
    starts: 0,
    start: async () => {
      client.starts += 1;
      client.started = true;
    },
    restart: async () => {},
    onStateChanged: new EventEmitter<never>().event,
  };
  return client;
}

let client: ReturnType<typeof clientOf>;
let ends: { dispose(): unknown }[] = [];
beforeEach(() => {
  for (const end of ends) end.dispose();
  forget();
  workspace.workspaceFolders = [{ uri: Uri.file('/work') }];
  window.visibleTextEditors.length = 0;
  client = clientOf();
  ends = startOnModelText(client);
});

it('starts for Python that names an existing model beside it or in a parent folder', async () => {
  onDisk('/work/models/cat.keras');
  activeEditor.fire({ document: documentOf('m = load_model("models/cat.keras")') });
  await tick();
  expect(client.starts).toBe(1);
});

it('starts for a notebook cell that is already open', async () => {
  onDisk('/work/cat.h5');
  const cell = documentOf("load_model('cat.h5')", 'python', '/work/look.ipynb', 'vscode-notebook-cell');
  window.visibleTextEditors.push({ document: cell });
  ends.push(...startOnModelText(client));
  await tick();
  expect(client.starts).toBe(1);
});

it('starts for Python that imports Keras, also while that is typed', async () => {
  const code = documentOf('from tensorflow import keras');
  edited.fire({ document: code, contentChanges: [{ text: 'k' }] });
  await tick();
  expect(client.starts).toBe(0);
  edited.fire({ document: code, contentChanges: [{ text: '\n' }] });
  await tick();
  expect(client.starts).toBe(1);
});

it('starts when the name is saved', async () => {
  onDisk('/work/code/net/cat.keras');
  saved.fire(documentOf('load_model("cat.keras")'));
  await tick();
  expect(client.starts).toBe(1);
});

it.each([
  ['a model that is not there', documentOf('load_model("dog.keras")')],
  ['no model', documentOf('open("notes.json"); print("cat")')],
  ['another language', documentOf('load("cat.keras")', 'ruby')],
  ['more text than is looked through', documentOf(`${' '.repeat(1_000_001)}"cat.keras"`)],
])('does not start for %s', async (_, document) => {
  onDisk('/work/code/net/cat.keras');
  activeEditor.fire({ document });
  await tick();
  expect(client.starts).toBe(0);
});

it.each(['../../../secret.keras', '/home/secret.keras', 'net/../../../../secret.keras'])(
  'looks for nothing outside the workspace, as at %s',
  async (name) => {
    onDisk('/secret.keras', '/home/secret.keras');
    activeEditor.fire({ document: documentOf(`load_model("${name}")`) });
    await tick();
    expect(seen.looked).toEqual([]);
    expect(client.starts).toBe(0);
  },
);

it('never checks a UNC path, and checks a limited number of names', async () => {
  onDisk();
  const names = Array.from({ length: 500 }, (_, i) => `"m${i}.keras"`).join(' ');
  activeEditor.fire({ document: documentOf(`"//evil/share/cat.keras" '\\\\evil\\cat.h5' ${names}`) });
  await tick();
  await tick();
  expect(seen.looked.length).toBeGreaterThan(0);
  expect(seen.looked.length).toBeLessThanOrEqual(20 * 5);
  expect(seen.looked.filter((path) => path.includes('evil'))).toEqual([]);
});

it.each([
  ['a package of TensorFlow.js', "import * as tf from '@tensorflow/tfjs-node';", 'typescript', 1],
  ['the global of a script', 'const model = tf.sequential();', 'javascript', 1],
  ['other code', "import { sequential } from './tf';\nconst x = tf.range(3);", 'javascript', 0],
  ['the same words in another language', "import '@tensorflow/tfjs'", 'go', 0],
  ['more text than is looked through', `${' '.repeat(1_000_001)}tf.sequential()`, 'javascript', 0],
])('with %s in a script the server starts where it is used', async (_, text, language, starts) => {
  activeEditor.fire({ document: documentOf(text, language, '/work/code/net/look.js') });
  await tick();
  expect(client.starts).toBe(starts);
});
