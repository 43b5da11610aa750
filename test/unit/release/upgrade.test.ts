import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import manifest from '../../../package.json' with { type: 'json' };
import { program } from '../../../src/cli/program';
import { Settings } from '../../../src/extension/settings/settings';
import { readSidecar, writeSidecar } from '../../../src/server/session/sidecar';
import { FakeServer, fakeApp, PATH } from '../extension/fakeApp';
import { forget } from '../extension/fakeVscode';

const OLD = join(__dirname, '../../fixtures/version_0_1');
const SIDECAR = 'pets.keras.layerglass.json';

const setting = z.looseObject({
  type: z.string(),
  default: z.unknown(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const settings = z.record(z.string(), setting);
const oldSettings = settings.parse(JSON.parse(readFileSync(join(OLD, 'settings.json'), 'utf8')));
const newSettings = settings.parse(manifest.contributes.configuration.properties);

const commands = z
  .object({ editor: z.array(z.string()), commandLine: z.record(z.string(), z.array(z.string())) })
  .parse(JSON.parse(readFileSync(join(OLD, 'commands.json'), 'utf8')));

const folder = mkdtempSync(join(tmpdir(), 'layerglass-upgrade-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Settings beside a model, as 0.1 wrote them, in absolute paths of a folder. */
const written = (place: string) => ({
  preprocessing: { name: 'custom', mean: [103.939, 116.779, 123.68], scale: [1, 1, 1] },
  labels: ['cat', 'dog'],
  lastInputs: [
    { kind: 'file', path: join(place, 'images/tom.png') },
    { kind: 'file', path: join(place, 'pairs.npz'), member: 'x' },
    { kind: 'random', seed: 7 },
  ],
});

test('the settings that 0.1 wrote beside a model are read whole, and written back as they were', () => {
  const model = join(folder, 'pets.keras');
  mkdirSync(join(folder, 'images'));
  for (const name of ['images/tom.png', 'pairs.npz']) writeFileSync(join(folder, name), '');
  cpSync(join(OLD, SIDECAR), join(folder, SIDECAR));
  const read = readSidecar(model);
  expect(read).toEqual(written(folder));
  const before = readFileSync(join(folder, SIDECAR), 'utf8');
  writeSidecar(model, read ?? {});
  expect(readFileSync(join(folder, SIDECAR), 'utf8')).toBe(before);
});

test.each(Object.entries(oldSettings))(
  'the setting %s of 0.1 still takes every value that it took',
  (name, old) => {
    const now = newSettings[name];
    expect(now?.type).toBe(old.type);
    expect(now?.enum ?? []).toEqual(expect.arrayContaining(old.enum ?? []));
    expect(now?.minimum ?? -Infinity).toBeLessThanOrEqual(old.minimum ?? -Infinity);
    expect(now?.maximum ?? Infinity).toBeGreaterThanOrEqual(old.maximum ?? Infinity);
    expect(now?.default).toEqual(old.default);
  },
);

test('every command of the editor of 0.1 is there, for the keys that users bound to it', () => {
  expect(manifest.contributes.commands.map(({ command }) => command)).toEqual(
    expect.arrayContaining(commands.editor),
  );
});

test.each(Object.entries(commands.commandLine))(
  'the command %s takes every option that it took in 0.1',
  async (name, args) => {
    const taken = program(() => {
      throw new Error('taken');
    }).parseAsync([name, ...args], { from: 'user' });
    await expect(taken).rejects.toThrow('taken');
  },
);

test('what 0.1 kept of a model in the storage of a workspace is read', async () => {
  forget();
  const server = new FakeServer();
  server.sidecar = { version: null, settings: { ok: true, value: null } };
  const lease = await fakeApp(server).app.models.acquire(PATH);
  const model = lease.ok ? await lease.value.model() : lease;
  if (!model.ok) throw new Error(model.error.message);
  const { lastInputs, ...rest } = written('/models');
  const stored = new Map<string, unknown>([
    [`layerglass.model:${PATH}`, { ...rest, lastInputs }],
    ['layerglass.recentInputs', lastInputs],
  ]);
  const storage = {
    keys: () => [...stored.keys()],
    get: (key: string) => stored.get(key) as never,
    update: async () => undefined,
  };
  const settings = new Settings(storage, server.client, { warn: () => undefined }, (path) => path);
  expect(await settings.of(model.value)).toEqual(written('/models'));
  expect(settings.recentInputs()).toEqual(lastInputs);
});
