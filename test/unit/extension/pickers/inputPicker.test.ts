import { beforeEach, expect, it } from 'vitest';
import { QuickPickItemKind } from 'vscode';
import type { App } from '../../../../src/extension/app';
import { pickInputs } from '../../../../src/extension/pickers/inputPicker';
import type { InputSource } from '../../../../src/shared/inputs';
import type { NamedTensor } from '../../../../src/shared/model';
import { fittingInputs, type OpenedModel } from '../../../../src/shared/protocol';
import { withoutExports } from '../../../../src/shared/sources/exportedFiles';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget, inWorkspace, press, seen } from '../fakeVscode';

let server: FakeServer;
let app: App;
beforeEach(() => {
  forget();
  server = new FakeServer();
  server.sidecar = { version: '0 1', settings: { ok: true, value: null } };
  app = fakeApp(server).app;
});

const IMAGE: NamedTensor = { name: 'x', shape: [null, 8, 8, 3], dtype: 'float32' };

async function opened(...inputs: NamedTensor[]): Promise<OpenedModel> {
  server.inputs = inputs;
  const lease = await app.models.acquire(PATH);
  const model = lease.ok ? await lease.value.model() : lease;
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

/** The rows of the last list, separators in brackets. */
const rows = (): string[] =>
  (seen.lists.at(-1) ?? []).map(({ label, kind }) =>
    kind === QuickPickItemKind.Separator ? `[${label}]` : label,
  );

const file = (path: string): InputSource => ({ kind: 'file', path });

it("lists the last input of this model first, then how else to give one, then its folder's files", async () => {
  const model = await opened(IMAGE);
  inWorkspace('/other/far.png', '/models/near.jpg', '/models/shape.npy');
  server.answers.set(fittingInputs.method, [false]);
  await app.settings.remember('/models/another.keras', { lastInputs: [file('/other/table.csv')] });
  await app.settings.remember('/models/another.keras', { lastInputs: [file('/other/used.png')] });
  await app.settings.remember(PATH, { lastInputs: [file('/models/last.png')] });
  expect(await pickInputs(app, model)).toBeUndefined();
  expect(server.last(fittingInputs)).toMatchObject({
    input: 0,
    paths: ['/models/shape.npy'],
  });
  expect(rows()).toEqual([
    ...['[last used with this model]', 'last.png', '[]', 'Browse…', 'Random…'],
    ...["[in the model's folder]", 'near.jpg', '[recent]', 'used.png', '[in the workspace]', 'far.png'],
  ]);
});

it.each([
  ['a colour image', [null, 8, 8, 3], ['a.png', 'b.npz']],
  ['an image of free channels first', [null, 3, null, null], ['a.png', 'b.npz']],
  ['a stack of maps', [null, 8, 8, 16], ['b.npz']],
  ['a volume', [null, 8, 8, 8, 1], ['b.npz']],
  ['a row of a table', [null, 4], ['b.npz', 'c.csv']],
])('offers for %s the kinds of files that can be one', async (_, shape, expected) => {
  inWorkspace('/models/a.png', '/models/b.npz', '/models/c.csv', '/models/a-grad-cam.overlay.png');
  await pickInputs(app, await opened({ ...IMAGE, shape }));
  expect(rows().filter((row) => /^[abc]/.test(row))).toEqual(expected);
});

it('asks which of several inputs is to be another, with names, shapes and what it is now', async () => {
  const model = await opened({ ...IMAGE, name: 'left' }, { ...IMAGE, name: 'right' });
  const current = [file('/models/a.png'), file('/models/b.png')];
  Object.assign(press, { item: 'right' });
  inWorkspace('/models/right');
  await pickInputs(app, model, { current });
  expect(seen.lists[0]?.map(({ label, description }) => [label, description])).toEqual([
    ['left', '(None, 8, 8, 3), now a.png'],
    ['right', '(None, 8, 8, 3), now b.png'],
    ['All Inputs', undefined],
  ]);
});

it('takes exported maps for no inputs', () => {
  const maps = ['cat-grad-cam.map.png', 'cat-grad-cam.0.overlay.png', 'x.side-by-side.png', 'cat-lime.npy'];
  const set = ['set/heat-map.png', 'set/heat-map.npy', 'set/original.png', 'set/grad-cam.png'];
  const inputs = ['cat.png', 'maps.npy', 'input.npy', 'overlay.png', 'key-map.png', 'sublime.npy'];
  const all = [...maps, ...set, ...inputs].map((name) => `/work/${name}`);
  expect(withoutExports(all)).toEqual(inputs.map((name) => `/work/${name}`));
});
