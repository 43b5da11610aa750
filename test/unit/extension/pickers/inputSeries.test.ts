import { beforeEach, expect, it } from 'vitest';
import type { App } from '../../../../src/extension/app';
import { inputSeries } from '../../../../src/extension/pickers/inputSeries';
import type { InputSource } from '../../../../src/shared/inputs';
import { inputParts, type OpenedModel } from '../../../../src/shared/protocol';
import type { InputParts } from '../../../../src/shared/sources/inputParts';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget, inWorkspace } from '../fakeVscode';

let server: FakeServer;
let app: App;
beforeEach(() => {
  forget();
  server = new FakeServer();
  app = fakeApp(server).app;
});

async function seriesOf(parts: InputParts | null, ...inputs: InputSource[]) {
  server.inputs = inputs.map((_, i) => ({ name: `x${i}`, shape: [null, 8, 8, 3], dtype: 'float32' }));
  server.answers.set(inputParts.method, Promise.resolve(parts));
  const lease = await app.models.acquire(PATH);
  const model = lease.ok ? await lease.value.model() : lease;
  if (!model.ok) throw new Error(model.error.message);
  return inputSeries(app, model.value satisfies OpenedModel, inputs);
}

const file = (
  path: string,
  more: { readonly member?: string; readonly sample?: number } = {},
): InputSource => ({
  kind: 'file',
  path,
  ...more,
});

it('steps through the samples of an array, those of several inputs together', async () => {
  const samples = { kind: 'samples', count: 4, names: [] } as const;
  const one = await seriesOf(samples, file('/a/x.npy'));
  expect(one).toMatchObject({ kind: 'samples', at: 0, count: 4 });
  expect(one?.inputsAt(3)).toEqual([file('/a/x.npy', { sample: 3 })]);
  expect([one?.inputsAt(4), one?.inputsAt(-1)]).toEqual([null, null]);
  const pair = ['left', 'right'].map((member) => file('/a/xy.npz', { member, sample: 2 }));
  const two = await seriesOf(samples, ...pair, file('/a/cat.png'));
  expect(server.last(inputParts)).toMatchObject({ source: { member: 'left' } });
  expect(two?.at).toBe(2);
  expect(two?.inputsAt(1)).toEqual([
    ...['left', 'right'].map((member) => file('/a/xy.npz', { member, sample: 1 })),
    file('/a/cat.png'),
  ]);
});

it('steps through the rows of a table and the sequences of a file', async () => {
  const rows = await seriesOf({ kind: 'rows', count: 5000, names: [] }, file('/a/t.csv', { member: '2' }));
  expect([rows?.at, rows?.inputsAt(0)]).toEqual([1, [file('/a/t.csv', { member: '1' })]]);
  const names = ['BRCA1', 'TP53'];
  const genes = await seriesOf({ kind: 'sequences', count: 2, names }, file('/a/g.fa', { member: 'TP53' }));
  expect([genes?.at, genes?.inputsAt(0)]).toEqual([1, [file('/a/g.fa', { member: 'BRCA1' })]]);
});

it('steps through the files of a folder as people count, without exported maps and other kinds', async () => {
  inWorkspace('/a/img10.png', '/a/img2.png', '/a/notes.txt', '/a/img2-grad-cam.map.png', '/b/other.png');
  const found = await seriesOf(null, file('/a/img2.png'));
  expect(found).toMatchObject({ kind: 'files', at: 0, count: 2 });
  expect(found?.inputsAt(1)).toEqual([file('/a/img10.png')]);
});

it('has nothing to step through for a single file, random values and several files', async () => {
  inWorkspace('/a/one.png', '/a/two.png', '/c/only.png');
  expect(await seriesOf(null, file('/c/only.png'))).toBeNull();
  expect(await seriesOf(null, { kind: 'random', seed: 1 })).toBeNull();
  expect(await seriesOf(null, file('/a/one.png'), file('/a/two.png'))).toBeNull();
});
