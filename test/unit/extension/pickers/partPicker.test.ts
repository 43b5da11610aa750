import { beforeEach, expect, it } from 'vitest';
import { pickPart } from '../../../../src/extension/pickers/partPicker';
import { inputParts, type OpenedModel } from '../../../../src/shared/protocol';
import type { InputParts } from '../../../../src/shared/sources/inputParts';
import { FakeServer, fakeApp, PATH } from '../fakeApp';
import { forget, press } from '../fakeVscode';

let server: FakeServer;
beforeEach(() => {
  forget();
  server = new FakeServer();
});

const FILE = { kind: 'file', path: '/inputs/file' } as const;
const model = { modelId: 'open-1', path: PATH } as OpenedModel;
const pickOf = (
  parts: InputParts | null,
  source: { readonly member?: string; readonly sample?: number } = {},
) => {
  server.answers.set(inputParts.method, parts);
  return pickPart(fakeApp(server).app, model, 0, 'Input', { ...FILE, ...source });
};

it('offers the sequences by name, the rows and samples by number', async () => {
  press.item = 'TP53';
  expect(await pickOf({ kind: 'sequences', count: 2, names: ['BRCA1', 'TP53'] })).toEqual({
    ...FILE,
    member: 'TP53',
  });
  press.item = 'Row 2';
  expect(await pickOf({ kind: 'rows', count: 2, names: ['450, 3', '200, 2'] })).toEqual({
    ...FILE,
    member: '2',
  });
  press.item = 'Sample 0';
  expect(await pickOf({ kind: 'samples', count: 2, names: [] }, { member: 'x' })).toEqual({
    ...FILE,
    member: 'x',
    sample: 0,
  });
  expect(server.last(inputParts)).toEqual({ modelId: 'open-1', input: 0, source: { ...FILE, member: 'x' } });
});

it('asks for the number of a part where there are too many to list', async () => {
  press.text = '1717';
  expect(await pickOf({ kind: 'rows', count: 5000, names: [] })).toEqual({ ...FILE, member: '1717' });
});

it('asks nothing where there is nothing to choose, or the part is known', async () => {
  expect(await pickOf(null)).toEqual(FILE);
  const rows = { kind: 'rows', count: 2, names: ['1', '2'] } as const;
  expect(await pickOf(rows, { member: '2' })).toEqual({ ...FILE, member: '2' });
  expect(await pickOf({ kind: 'samples', count: 2, names: [] }, { sample: 1 })).toEqual({
    ...FILE,
    sample: 1,
  });
});

it('chooses nothing when the user cancels', async () => {
  expect(await pickOf({ kind: 'samples', count: 2, names: [] })).toBeUndefined();
  expect(await pickOf({ kind: 'rows', count: 5000, names: [] })).toBeUndefined();
});
