import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CodeAction, Hover } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Shown, WHOLE } from '../language/shown';
import { type ServerProcess, startServer } from '../serverProcess';

const URI = 'file:///code/train.py';
const CODE = `import keras
from keras import layers

model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 3),
    layers.LSTM(4),
])
`;

let server: ServerProcess;
let style: unknown;
let shown: Shown;

beforeAll(async () => {
  server = await startServer(join(__dirname, '../../../dist/server.js'));
  server.connection.onRequest('workspace/configuration', () => [style]);
  server.connection.onRequest('client/registerCapability', () => null);
  shown = new Shown(server);
});
afterAll(() => server?.stop());

test('a Python file has hints, a problem with its line, and a hover', async () => {
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: URI, languageId: 'python', version: 1, text: CODE },
  });
  expect(await shown.hintsOf(URI)).toEqual(['4:29 (None, 28, 28, 1)', '5:24 (None, 26, 26, 8) · 80 params']);
  const [problem, ...rest] = await shown.problemsOf(URI);
  expect(rest).toEqual([]);
  expect(problem?.range.start).toEqual({ line: 6, character: 4 });
  expect(problem?.message).toBe('LSTM takes an input of 3 axes but gets (None, 26, 26, 8), which has 4.');
  const hover = await server.connection.sendRequest<Hover | null>('textDocument/hover', {
    textDocument: { uri: URI },
    position: { line: 5, character: 14 },
  });
  expect(JSON.stringify(hover)).toMatch(
    /Conv2D.*conv2d.*\(None, 28, 28, 1\).*\(None, 26, 26, 8\).*80.*48,672/,
  );
});

const hoverAt = async (uri: string, line: number, character: number): Promise<string> => {
  const hover = await server.connection.sendRequest<Hover | null>('textDocument/hover', {
    textDocument: { uri },
    position: { line, character },
  });
  return hover === null || typeof hover.contents !== 'object' || !('value' in hover.contents)
    ? ''
    : hover.contents.value;
};

test('a hover over a layer says how its sizes and parameters come about', async () => {
  expect(await hoverAt(URI, 5, 14)).toBe(
    [
      '**Conv2D** conv2d',
      'Input: `(None, 28, 28, 1)`',
      'Output: `(None, 26, 26, 8)`',
      'Axes 1, 2: `floor((28 - 3) / 1) + 1 = 26`',
      'Parameters: 80 = `kernel 3 * 3 * 1 * 8 + bias 8`',
      'Multiply-adds for one example: 48,672',
    ].join('\n\n'),
  );
});

test('a hover over the name of a model is its summary, of many layers the first', async () => {
  const uri = 'file:///code/summary.py';
  const text = `import keras
from keras import layers
model = keras.Sequential(name="a|b")
model.add(keras.Input((4,)))
for i in range(50):
    model.add(layers.Dense(4))
model.compile()
`;
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text },
  });
  const shown = await hoverAt(uri, 6, 2);
  expect(await hoverAt(uri, 2, 2)).toBe(shown);
  const lines = shown.split('\n');
  expect(lines[0]).toBe('**Sequential** a\\|b');
  expect(lines).toContain('| **Dense** dense\\_1 | `(None, 4)` | 20 |');
  expect(lines.filter((line) => line.startsWith('| **'))).toHaveLength(40);
  expect(lines).toContain('and 10 more layers');
  expect(lines.at(-1)).toBe('Parameters: 1,000');
  expect(await hoverAt(uri, 4, 2)).toBe('');
});

test('an edit changes the hints', async () => {
  await server.connection.sendNotification('textDocument/didChange', {
    textDocument: { uri: URI, version: 2 },
    contentChanges: [
      { range: { start: { line: 5, character: 18 }, end: { line: 5, character: 19 } }, text: '16' },
    ],
  });
  expect(await shown.hintsOf(URI)).toContain('5:25 (None, 26, 26, 16) · 160 params');
});

test('a problem has a quick fix', async () => {
  const uri = 'file:///code/fix.py';
  const text = 'import keras\nx = keras.Input((8, 8, 3))\ny = keras.layers.RepeatVector(3)(x)\n';
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text },
  });
  const diagnostics = await shown.problemsOf(uri);
  const actions = await server.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: diagnostics[0]?.range,
    context: { diagnostics },
  });
  expect(actions.map(({ title }) => title)).toEqual(['Insert Flatten()', 'Insert GlobalAveragePooling2D()']);
});

test.each([
  ['Conv2D(4, 5)', 'Conv2D(4, 5, padding="same")'],
  ["Conv2D(4, 5, padding = 'valid', name='c')", 'Conv2D(4, 5, padding="same", name=\'c\')'],
])('a window that is too large can be padded: %s', async (before, after) => {
  const uri = `file:///code/${before.length}.py`;
  const text = `import keras\nx = keras.Input((4, 4, 3))\ny = keras.layers.${before}(x)\n`;
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text },
  });
  const diagnostics = await shown.problemsOf(uri);
  const [action] = await server.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: diagnostics[0]?.range,
    context: { diagnostics },
  });
  expect(action?.title).toBe('Add padding="same"');
  const document = TextDocument.create(uri, 'python', 1, text);
  const edits = action?.edit?.changes?.[uri] ?? [];
  expect(TextDocument.applyEdits(document, edits)).toContain(`keras.layers.${after}(x)`);
});

test('a quick fix may change another place than that of the problem', async () => {
  const uri = 'file:///code/other.py';
  const text = `import keras, numpy as np
from keras import layers
model = keras.Sequential([
    keras.Input((8, 8, 3)),
    layers.Dense(10, name="scores"),
])
model.compile("adam", "categorical_crossentropy")
model.fit(np.zeros((8, 8, 8, 3)), np.zeros((8, 10)))
model.get_layer(name="score")
`;
  await server.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text },
  });
  const diagnostics = await shown.problemsOf(uri);
  expect(diagnostics.map(({ range }) => range.start.line)).toEqual([7, 8]);
  const actions = await server.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: WHOLE,
    context: { diagnostics },
  });
  const document = TextDocument.create(uri, 'python', 1, text);
  const changed = actions.map(({ edit }) =>
    TextDocument.applyEdits(document, edit?.changes?.[uri] ?? [])
      .split('\n')
      .filter((line) => !text.split('\n').includes(line)),
  );
  expect(changed).toEqual([
    ['    layers.Flatten(),'],
    ['    layers.GlobalAveragePooling2D(),'],
    ['model.get_layer(name="scores")'],
  ]);
});

test('the cells of a notebook are one program, in their order', async () => {
  const book = 'file:///code/book.ipynb';
  const cell = (id: number): string => `vscode-notebook-cell:/code/book.ipynb#W${id}`;
  const texts = ['%matplotlib inline\nimport keras', 'y = keras.layers.Dense(3)(x)', 'x = keras.Input((5,))'];
  const document = (id: number) => ({ uri: cell(id), languageId: 'python', version: 1, text: texts[id] });
  await server.connection.sendNotification('notebookDocument/didOpen', {
    notebookDocument: {
      uri: book,
      notebookType: 'jupyter-notebook',
      version: 1,
      cells: [0, 2, 1].map((id) => ({ kind: 2, document: cell(id) })),
    },
    cellTextDocuments: [0, 1, 2].map(document),
  });
  expect(await shown.hintsOf(cell(1))).toEqual(['0:28 (None, 3) · 18 params']);
});

test('the setting says what is shown', async () => {
  style = 'off';
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  expect(await shown.hintsOf(URI)).toEqual([]);
  style = 'shapes';
  await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  expect(await shown.hintsOf(URI)).toContain('5:25 (None, 26, 26, 16)');
});
