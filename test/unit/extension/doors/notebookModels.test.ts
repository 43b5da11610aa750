import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { Kernel } from '../../../../src/extension/doors/jupyter';
import { NotebookModels } from '../../../../src/extension/doors/notebookModels';
import { FakeServer, fakeApp } from '../fakeApp';
import { extensions, forget, onDisk, registered, seen, Uri, workspace } from '../fakeVscode';

const storage = mkdtempSync(join(tmpdir(), 'layerglass-notebooks-'));
afterAll(() => rmSync(storage, { recursive: true, force: true }));

const NOTEBOOK = { uri: Uri.file('/work/train.ipynb') };
const VARIABLE = { name: 'model', type: 'Functional', fileName: { path: '/work/train.ipynb' } };
const usual = extensions.getExtension;
const log = { debug: () => undefined };
let models: NotebookModels;
let app: ReturnType<typeof fakeApp>['app'];

beforeEach(() => {
  forget();
  workspace.notebookDocuments.push(NOTEBOOK);
  app = fakeApp(new FakeServer()).app;
  models = new NotebookModels(Uri.file(storage) as never, { ...app, log: log as never });
});
afterEach(() => {
  models.dispose();
  extensions.getExtension = usual;
  workspace.notebookDocuments.length = 0;
});

/** A kernel that runs `work` for each code; without it, none was started. */
function jupyter(work: ((code: string) => readonly object[]) | null, language = 'python'): void {
  const kernel: Kernel = {
    language,
    executeCode: async function* (code) {
      for (const output of work?.(code) ?? []) yield output as never;
    },
  };
  const getKernel = async () => (work === null ? undefined : kernel);
  extensions.getExtension = () => ({ activate: async () => ({ kernels: { getKernel } }) }) as never;
}

const open = async (variable: unknown): Promise<void> => {
  await registered.get('layerglass.openNotebookModel')?.(variable);
};
const opened = (): string | undefined => {
  const [uri] = seen.commands.find(({ command }) => command === 'vscode.openWith')?.args ?? [];
  return (uri as Uri | undefined)?.fsPath;
};

/** What `model.save(path)` does. */
function save(code: string): readonly object[] {
  const [, name, path] = /^(\w+)\.save\((".*")\)$/.exec(code) ?? [];
  if (name === undefined || path === undefined) throw new Error(`unexpected code: ${code}`);
  writeFileSync(JSON.parse(path), 'a model');
  onDisk(JSON.parse(path));
  return [];
}

test('the kernel saves the model, which opens and is deleted once nothing shows it', async () => {
  jupyter(save);
  await open(VARIABLE);
  const path = opened() ?? '';
  expect(path).toMatch(/notebooks\/\d+-[0-9a-f]{16}\/[0-9a-f]{16}\/model\.keras$/);
  expect(existsSync(path)).toBe(true);
  expect(models.contains(path)).toBe(true);
  const lease = await app.models.acquire(path);
  if (lease.ok) lease.value.dispose();
  await expect.poll(() => existsSync(dirname(path))).toBe(false);
  expect(seen.notifications).toEqual([]);
});

test('what is left goes with the window', async () => {
  jupyter(save);
  await open(VARIABLE);
  models.dispose();
  expect(existsSync(dirname(opened() ?? ''))).toBe(false);
});

test.each([
  ['no model', {}, /no model to open in this variable/],
  ['code in place of a name', { ...VARIABLE, name: 'exit()#' }, /no model to open in this variable/],
  ['a variable of the debugger', { ...VARIABLE, frameId: 3 }, /no model to open in this variable/],
  [
    'a notebook that is closed',
    { ...VARIABLE, fileName: { path: '/other.ipynb' } },
    /notebook .* is not open/,
  ],
])('%s is refused before anything runs', async (_, variable, text) => {
  jupyter(() => {
    throw new Error('ran');
  });
  await open(variable);
  expect(seen.notifications).toMatchObject([{ level: 'error', text: expect.stringMatching(text) }]);
  expect(opened()).toBeUndefined();
});

test.each([
  ['the extension Jupyter is missing', () => undefined, /Jupyter is not installed/],
  ['no kernel runs', () => jupyter(null), /No Python kernel runs/],
  ['the kernel runs another language', () => jupyter(save, 'r'), /No Python kernel runs/],
  ['the kernel is on another machine', () => jupyter(saveElsewhere), /not on this machine/],
  [
    'the kernel raises an error',
    () => jupyter(() => [errorOutput('NameError', "name 'model' is not defined")]),
    /could not save model: NameError: name 'model' is not defined/,
  ],
  [
    'the user does not allow it',
    () =>
      jupyter(() => {
        throw Object.assign(new Error('no'), { name: 'vscode.jupyter.apiAccessRevoked' });
      }),
    /may not use the kernels.*Manage Access/,
  ],
])('where %s, a sentence says so', async (_, arrange, text) => {
  arrange();
  await open(VARIABLE);
  expect(seen.notifications).toMatchObject([{ level: 'error', text: expect.stringMatching(text) }]);
  expect(opened()).toBeUndefined();
});

function saveElsewhere(): readonly object[] {
  onDisk();
  return [];
}

const errorOutput = (name: string, message: string) => ({
  items: [
    {
      mime: 'application/vnd.code.notebook.error',
      data: new TextEncoder().encode(JSON.stringify({ name, message })),
    },
  ],
});
