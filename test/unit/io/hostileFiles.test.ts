import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { openFile, readFile } from '../../../src/server/io/openFile';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { readSidecar } from '../../../src/server/session/sidecar';
import { Failure, type LayerglassError } from '../../../src/shared/errors';
import { sidecarPath } from '../../../src/shared/sidecar';

const FIXTURES = join(__dirname, '../../fixtures');
const isWindows = process.platform === 'win32';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-io-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function failure(work: () => unknown): Promise<LayerglassError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error.error;
    throw error;
  }
  throw new Error('nothing failed');
}

/** A copy of a fixture in a folder of its own. */
function copied(name: string): string {
  const copy = mkdtempSync(join(folder, 'copy-'));
  cpSync(join(FIXTURES, name), copy, { recursive: true });
  return copy;
}

const pipe = (path: string): void => {
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
};
const directory = (path: string): void => {
  rmSync(path, { force: true });
  mkdirSync(path);
};
const link = (to: string) => (path: string) => {
  rmSync(path, { force: true });
  symlinkSync(to, path);
};
/** What a hostile folder may hold instead of a file; each is refused at once. */
const ODDITIES: [string, (path: string) => void][] = [
  ['a link to /dev/zero', link('/dev/zero')],
  ['a named pipe', pipe],
  ['a folder', directory],
];

describe.skipIf(isWindows)('opening', () => {
  test.each(ODDITIES)('%s is refused', async (_, make) => {
    const path = join(mkdtempSync(join(folder, 'odd-')), 'model.h5');
    make(path);
    expect((await failure(() => openFile(path))).kind).toBe('file-unreadable');
  });

  test('a file above the limit is not read', async () => {
    const path = join(folder, 'large.json');
    writeFileSync(path, '12345');
    expect(readFile(path, 5).toString()).toBe('12345');
    expect(await failure(() => readFile(path, 4))).toMatchObject({
      kind: 'too-large',
      message: 'large.json has 5 bytes; the limit is 4.',
    });
  });

  test.each([
    ['with a NUL character', `${'a'.repeat(3)}\0.h5`],
    ['of 300 letters', `${'a'.repeat(300)}.h5`],
    ['of 300 folders', `${'folder/'.repeat(1000)}a.h5`],
  ])('a path %s names no file', async (_, name) => {
    expect((await failure(() => openFile(join(folder, name)))).kind).toBe('file-not-found');
    expect((await failure(() => openModelFile(join(folder, name)))).kind).toBe('file-not-found');
    const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
    expect((await failure(() => session.open(join(folder, name)))).kind).toBe('file-not-found');
    const { id } = await session.open(join(FIXTURES, 'golden/toy.keras'));
    const inputs = [{ kind: 'file', path: join(folder, name) }] as const;
    const run = () => session.run(id, inputs, { name: 'none' }, NO_CONTROL, async () => null);
    expect((await failure(run)).kind).toBe('file-not-found');
    expect(readSidecar(join(folder, name))).toBeNull();
  });

  test('a link that a user opens is followed', () => {
    const path = join(folder, 'chosen.json');
    symlinkSync(join(FIXTURES, 'pieces/sharded/model.json'), path);
    expect(readFile(path, 2 ** 20).length).toBeGreaterThan(0);
  });
});

describe.skipIf(isWindows)('a SavedModel', () => {
  const index = 'variables/variables.index';
  const shard = 'variables/variables.data-00000-of-00001';

  test.each(ODDITIES)('whose variables.index is %s', async (_, make) => {
    const model = copied('saved_models/saved');
    make(join(model, index));
    expect((await failure(() => openModelFile(join(model, 'saved_model.pb')))).kind).toMatch(
      /^(path-escape|file-unreadable)$/,
    );
  });

  test('whose variables are outside, through a link of the folder', async () => {
    const model = copied('saved_models/saved');
    rmSync(join(model, 'variables'), { recursive: true });
    symlinkSync(join(FIXTURES, 'saved_models/saved/variables'), join(model, 'variables'));
    expect((await failure(() => openModelFile(model))).kind).toBe('path-escape');
  });

  test.each(ODDITIES.slice(0, 2))('whose shard is %s', async (_, make) => {
    const model = copied('saved_models/saved');
    make(join(model, shard));
    const error = await failure(() => readAll(join(model, 'saved_model.pb')));
    expect(error.kind).toMatch(/^(path-escape|file-unreadable)$/);
  });

  test('whose shard is a link to a file outside', async () => {
    const model = copied('saved_models/saved');
    link(join(FIXTURES, 'saved_models/saved', shard))(join(model, shard));
    const error = await failure(() => readAll(join(model, 'saved_model.pb')));
    expect(error).toMatchObject({ kind: 'path-escape' });
    expect(error.message).toContain('is outside its folder, through a link');
  });

  test('that is a folder of links into a store, as hubs keep them, is read where the store is the folder', async () => {
    const model = copied('saved_models/saved');
    const linked = mkdtempSync(join(folder, 'linked-'));
    mkdirSync(join(linked, 'variables'));
    for (const name of ['saved_model.pb', index, shard]) symlinkSync(join(model, name), join(linked, name));
    expect(await readAll(linked)).toBeGreaterThan(0);
  });

  test.each(ODDITIES)('whose keras_metadata.pb is %s is shown as operations', async (_, make) => {
    const model = copied('keras_saved_models/functional');
    make(join(model, 'keras_metadata.pb'));
    const opened = await openModelFile(model);
    expect(opened.graph?.notices?.join()).toContain("Shown are TensorFlow's operations");
    opened.close();
  });
});

/** How many weights the model at `path` has, all of them read. */
async function readAll(path: string): Promise<number> {
  const model = await openModelFile(path);
  try {
    const { entries } = await model.weights.index();
    for (const key of entries.keys()) await model.weights.read(key);
    return entries.size;
  } finally {
    model.close();
  }
}

test.skipIf(isWindows).each(ODDITIES)('a metadata.json that is %s says nothing', async (_, make) => {
  const model = copied('pieces/apart');
  make(join(model, 'metadata.json'));
  const opened = await openModelFile(join(model, 'pieces.json'));
  expect(opened.format).toBe('topology');
  opened.close();
});

describe.skipIf(isWindows)('settings beside a model', () => {
  const modelIn = (place: string): string => {
    const model = join(place, 'model.keras');
    writeFileSync(model, 'x');
    return model;
  };
  const place = (): string => mkdtempSync(join(folder, 'settings-'));

  test.each(ODDITIES)('that are %s are refused', async (_, make) => {
    const model = modelIn(place());
    make(sidecarPath(model));
    expect((await failure(() => readSidecar(model))).kind).toMatch(/^(path-escape|file-unreadable)$/);
  });

  test('that are larger than settings are refused', async () => {
    const model = modelIn(place());
    writeFileSync(sidecarPath(model), ' '.repeat(5 * 2 ** 20));
    expect((await failure(() => readSidecar(model))).kind).toBe('too-large');
  });

  test('name no input outside the folder, nor through a link', () => {
    const inside = place();
    const model = modelIn(inside);
    const outside = join(folder, 'secret.npy');
    writeFileSync(outside, 'x');
    writeFileSync(join(inside, 'own.npy'), 'x');
    symlinkSync(outside, join(inside, 'link.npy'));
    symlinkSync(folder, join(inside, 'up'));
    symlinkSync('own.npy', join(inside, 'alias.npy'));
    const named = (...paths: string[]) => {
      const lastInputs = paths.map((path) => ({ kind: 'file', path }));
      writeFileSync(sidecarPath(model), JSON.stringify({ lastInputs }));
      return readSidecar(model)?.lastInputs;
    };
    expect(named('own.npy')).toEqual([{ kind: 'file', path: join(inside, 'own.npy') }]);
    expect(named('gone.npy')).toEqual([{ kind: 'file', path: join(inside, 'gone.npy') }]);
    expect(named('alias.npy')).toEqual([{ kind: 'file', path: join(inside, 'alias.npy') }]);
    for (const path of ['link.npy', 'up/secret.npy', '../secret.npy', outside, '\\\\server\\share\\x.npy']) {
      expect(named(path), path).toEqual([]);
    }
    // The inputs of a model go together.
    expect(named('own.npy', 'link.npy')).toEqual([]);
  });
});
