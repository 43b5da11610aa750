import { beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../../src/extension/app';
import type { OpenedModel } from '../../../src/shared/protocol';
import { writeSidecar } from '../../../src/shared/protocol';
import { sidecarPath } from '../../../src/shared/sidecar';
import { FakeServer, fakeApp, PATH, SIDECAR } from './fakeApp';
import { forget, onDisk, stats } from './fakeVscode';

let server: FakeServer;
let app: App;
let model: OpenedModel;
/** When the sidecar was written last. */
let written = 0;

beforeEach(async () => {
  forget();
  written = 0;
  stats(() => ({ mtime: written, size: 1 }));
  server = new FakeServer();
  app = fakeApp(server).app;
  const lease = await app.models.acquire(PATH);
  const opened = lease.ok ? await lease.value.model() : lease;
  if (!opened.ok) throw new Error(opened.error.message);
  model = opened.value;
  server.sent.length = 0;
});

describe('settings of a model', () => {
  it('are those of the sidecar, overridden by choices in this workspace', async () => {
    expect(await app.settings.of(model)).toEqual(SIDECAR);
    await app.settings.remember(PATH, { labels: ['tabby', 'husky'] });
    expect(await app.settings.of(model)).toEqual({ ...SIDECAR, labels: ['tabby', 'husky'] });
    expect(server.names).toEqual([]);
  });

  it('are saved into the sidecar, and only the last input stays in the workspace', async () => {
    const lastInputs = [{ kind: 'file', path: '/inputs/cat.png' }] as const;
    await app.settings.remember(PATH, { labels: ['tabby', 'husky'], lastInputs });
    const saved = await app.settings.saveBeside(model);
    expect(saved).toMatchObject({ ok: true, value: { path: sidecarPath(PATH) } });
    const settings = { labels: ['tabby', 'husky'], lastInputs };
    expect(server.last(writeSidecar)).toMatchObject({ settings });

    // A colleague's version of the file comes: nothing that was saved hides it.
    written = 9;
    server.sidecar = { version: '9 1', settings: { ok: true, value: { labels: ['a', 'b'] } } };
    expect(await app.settings.of(model)).toEqual({ labels: ['a', 'b'], lastInputs });
    await app.settings.of(model);
    expect(server.names).toEqual(['writeSidecar', 'readSidecar']);
  });

  it('no longer include the sidecar when it is deleted', async () => {
    onDisk(PATH);
    server.sidecar = { version: null, settings: { ok: true, value: null } };
    expect(await app.settings.of(model)).toEqual({});
  });

  it('keep inputs without the edits that were made on a page', async () => {
    const plain = { kind: 'random', seed: 3 } as const;
    const edited = { ...plain, edits: [{ kind: 'values', at: [0], to: [1] }] } as const;
    await app.settings.remember(PATH, { lastInputs: [edited] });
    expect((await app.settings.of(model)).lastInputs).toEqual([plain]);
    expect(app.settings.recentInputs()).toEqual([plain]);
    await app.settings.rememberStep(PATH, [edited]);
    expect((await app.settings.of(model)).lastInputs).toEqual([plain]);
  });

  it('keep recent inputs, each once, newest first', async () => {
    for (const seed of [1, 2, 1]) {
      await app.settings.remember(PATH, { lastInputs: [{ kind: 'random', seed }] });
    }
    expect(app.settings.recentInputs()).toEqual([
      { kind: 'random', seed: 1 },
      { kind: 'random', seed: 2 },
    ]);
    for (let seed = 3; seed < 30; seed++) {
      await app.settings.remember(PATH, { lastInputs: [{ kind: 'random', seed }] });
    }
    expect(app.settings.recentInputs()).toHaveLength(8);
  });
});
