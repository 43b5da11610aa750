import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DroppedFiles, draggedPath } from '../../../src/extension/models/droppedFiles';
import { ExplainPanels } from '../../../src/extension/panels/explainPanels';
import { defaultBase } from '../../../src/extension/panels/exportMap';
import { explain } from '../../../src/shared/protocol';
import { MAX_DROPPED_BYTES } from '../../../src/shared/sources/droppedFile';
import type { ExplainChoice } from '../../../src/shared/view';
import { FakeServer, fakeApp } from './fakeApp';
import { env, forget, seen, Uri } from './fakeVscode';

let storage = '';
let dropped: DroppedFiles;
beforeEach(() => {
  forget();
  env.remoteName = undefined;
  storage = mkdtempSync(join(tmpdir(), 'layerglass-dropped-'));
  dropped = new DroppedFiles(Uri.file(storage) as unknown as ConstructorParameters<typeof DroppedFiles>[0]);
});
afterEach(() => rmSync(storage, { recursive: true }));

const MODEL = '/models/cat.keras';
const bytes = (text: string) => Buffer.from(text);

describe('a dropped file', () => {
  it('is kept in the storage of the extension, once for the same content', async () => {
    const path = await dropped.keep('cat 1.png', bytes('cat'));
    expect(path.startsWith(join(storage, 'dropped'))).toBe(true);
    expect(basename(path)).toBe('cat 1.png');
    expect(readFileSync(path, 'utf8')).toBe('cat');
    expect(await dropped.keep('cat 1.png', bytes('cat'))).toBe(path);
    expect([dropped.isKept(path), dropped.isKept('/work/cat.png')]).toEqual([true, false]);
  });

  it.each([
    ['../../evil.sh', '_.._evil.sh'],
    ['a/b\\c:d|e?.npy', 'a_b_c_d_e_.npy'],
    ['..', 'dropped'],
    ['.png', 'png'],
    [`${'x'.repeat(300)}.png`, `${'x'.repeat(50)}.png`],
  ])('named %j cannot leave its folder', async (name, expected) => {
    const path = await dropped.keep(name, bytes('x'));
    expect(basename(path)).toBe(expected);
    expect(dirname(dirname(path))).toBe(join(storage, 'dropped'));
  });

  it('is refused beyond the limit', async () => {
    await expect(dropped.keep('big.npy', new Uint8Array(MAX_DROPPED_BYTES + 1))).rejects.toMatchObject({
      error: { kind: 'too-large', remedy: expect.stringContaining('"Input"') },
    });
    expect(readdirSync(storage)).toEqual([]);
  });

  it('displaces the oldest of twenty', async () => {
    const first = await dropped.keep('0.txt', bytes('0'));
    await utimes(first, 1, 1);
    for (let i = 1; i < 20; i++) await dropped.keep(`${i}.txt`, bytes(String(i)));
    expect(readFileSync(first, 'utf8')).toBe('0');
    await dropped.keep('20.txt', bytes('20'));
    expect(() => readFileSync(first)).toThrow();
    expect(readdirSync(join(storage, 'dropped'))).toHaveLength(20);
  });
});

describe('a file dragged from the explorer', () => {
  it('is used in place if it is in the workspace or beside the model', () => {
    expect(draggedPath('file:///work/data/cat%201.png', MODEL)).toBe('/work/data/cat 1.png');
    expect(draggedPath('file:///models/cat.png', MODEL)).toBe('/models/cat.png');
    env.remoteName = 'ssh-remote';
    expect(draggedPath('vscode-remote://ssh-remote+host/work/cat.png', MODEL)).toBe('/work/cat.png');
  });

  it.each([
    ['file:///etc/passwd', 'passwd is neither in this workspace nor beside the model.'],
    ['file:///work/../etc/passwd', 'passwd is neither in this workspace nor beside the model.'],
    ['file:///models/../etc/passwd', 'passwd is neither in this workspace nor beside the model.'],
    ['https://example.org/cat.png', 'cat.png is not a file on this machine.'],
    ['vscode-remote://ssh-remote+host/work/cat.png', 'cat.png is not a file on this machine.'],
    ['cat.png', 'cat.png is not a file on this machine.'],
  ])('is refused as %s', (uri, message) => {
    expect(() => draggedPath(uri, MODEL)).toThrow(message);
  });
});

it('becomes the input of the page, and exports go beside the model', async () => {
  const server = new FakeServer();
  const { app } = fakeApp(server, storage);
  const panels = new ExplainPanels(app, async () => undefined);
  await panels.explain(MODEL);
  const panel = seen.panels.at(-1);
  const dragged = await panel?.call('dropUri', 0, 'file:///models/cat.png');
  expect(dragged).toMatchObject({ value: { inputNames: ['cat.png'] } });
  await panel?.call('dropContents', 0, 'dog.png', bytes('a dog').toString('base64'));
  await panel?.call('explain', null, null);
  const { inputs } = server.last<ExplainChoice>(explain) ?? {};
  const [input] = inputs ?? [];
  const path = input?.kind === 'file' ? input.path : '';
  expect(readFileSync(path, 'utf8')).toBe('a dog');
  expect(defaultBase(app, { ...(panels.shown as ExplainChoice) })).toBe('/models/dog-grad-cam');
  expect(await panel?.call('dropUri', 0, 'file:///etc/passwd')).toMatchObject({
    error: { kind: 'file-unreadable' },
  });
  expect(panels.shown?.inputs).toEqual(inputs);
});
