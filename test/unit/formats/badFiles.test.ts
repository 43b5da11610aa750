import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { type ErrorKind, Failure, type LayerglassError } from '../../../src/shared/errors';

const FIXTURES = join(__dirname, '../../fixtures/formats');
const fixture = (name: string): string => join(FIXTURES, name);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-formats-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function failure(work: () => Promise<unknown>): Promise<LayerglassError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error.error;
    throw error;
  }
  throw new Error('nothing failed');
}

/** Opening fails with this kind, one sentence that names `name`, and a remedy. */
async function expectRefused(path: string, kind: ErrorKind, name: string, sentence: RegExp): Promise<void> {
  expectActionable(await failure(() => openModelFile(path)), kind, name, sentence);
}

function expectActionable(error: LayerglassError, kind: ErrorKind, name: string, sentence: RegExp): void {
  expect(error.kind).toBe(kind);
  expect(error.message).toContain(name);
  expect(error.message).toMatch(sentence);
  expect(error.message).toMatch(/^[^\n]+\.$/);
  expect(error.remedy).toMatch(/^[^\n]+\.$/);
}

/** The model opens; reading its first weight, or its index, fails. */
async function readFailure(path: string, key?: string): Promise<LayerglassError> {
  const model = await openModelFile(path);
  try {
    return await failure(async () => {
      const { entries } = await model.weights.index();
      await model.weights.read(key ?? [...entries.keys()][0] ?? '');
    });
  } finally {
    model.close();
  }
}

describe('a file that is not a model', () => {
  it('missing', () => expectRefused(join(folder, 'none.h5'), 'file-not-found', 'none.h5', /no file/));

  it('a folder', () => expectRefused(folder, 'file-unreadable', 'layerglass-formats', /is a folder/));

  it('empty', () => expectRefused(write('empty.keras', ''), 'empty-file', 'empty.keras', /0 bytes/));

  it('text named .h5', () =>
    expectRefused(write('text.h5', 'version https://git-lfs'), 'not-a-model', 'text.h5', /neither HDF5 nor/));

  it('HDF5 with other data', () =>
    expectRefused(fixture('data.h5'), 'not-a-model', 'data.h5', /not a Keras model/));

  it('a zip archive', () =>
    expectRefused(fixture('other.zip'), 'not-a-model', 'other.zip', /no config\.json/));

  it('other JSON', () =>
    expectRefused(write('other.json', '{"name": "x"}'), 'not-a-model', 'other.json', /no modelTopology/));

  it('half a topology', () =>
    expectRefused(
      write('bare.json', '{"class_name": "Sequential"}'),
      'not-a-model',
      'bare.json',
      /no modelTopology/,
    ));

  it('a shard of a checkpoint', () =>
    expectRefused(
      join(FIXTURES, '../stored_weights/subclassed.ckpt.data-00000-of-00001'),
      'weights-only',
      'subclassed.ckpt.data-00000-of-00001',
      /values of a TensorFlow checkpoint/,
    ));
});

describe('a damaged file', () => {
  it('an HDF5 file cut short', async () => {
    const whole = readFileSync(fixture('tiny3.h5'));
    for (const size of [40, 100, 2000, whole.length - 1]) {
      await expectRefused(write('cut.h5', whole.subarray(0, size)), 'truncated', 'cut.h5', /cut short/);
    }
  });

  it('a .keras file cut short', async () => {
    const whole = readFileSync(fixture('tiny.keras'));
    for (const size of [40, 3000, whole.length - 1]) {
      const path = write('cut.keras', whole.subarray(0, size));
      await expectRefused(path, 'truncated', 'cut.keras', /directory at its end is missing/);
    }
  });

  it('an HDF5 file overwritten in the middle never crashes', async () => {
    const whole = readFileSync(fixture('keras2.h5'));
    for (let at = 48; at + 64 < whole.length; at += 331) {
      const damaged = Buffer.from(whole).fill(0xff, at, at + 64);
      try {
        const model = await openModelFile(write('damaged.h5', damaged));
        try {
          const { entries } = await model.weights.index();
          for (const key of entries.keys()) await model.weights.read(key);
        } finally {
          model.close();
        }
      } catch (error) {
        expect(error, `damaged at ${at}`).toBeInstanceOf(Failure);
      }
    }
    const model = await openModelFile(fixture('tiny3.h5'));
    expect((await model.weights.index()).entries.size).toBeGreaterThan(0);
    model.close();
  });

  it('an HDF5 file whose text heap is overwritten does not hang the library', async () => {
    const whole = readFileSync(fixture('keras2.h5'));
    const end = whole.indexOf('"use_bias": true}}]}}');
    const path = write('heap.h5', Buffer.from(whole).fill(0xff, end, end + 64));
    await expectRefused(path, 'bad-weights', 'heap.h5', /cannot be read/);
  });

  it('JSON that is cut short', () =>
    expectRefused(write('cut.json', '{"modelTopology": {'), 'bad-config', 'cut.json', /not valid JSON/));

  it('JSON that is nested too deeply', () =>
    expectRefused(
      write('deep.json', `{"modelTopology": ${'['.repeat(200_000)}`),
      'bad-config',
      'deep.json',
      /nests more than/,
    ));

  it('a topology without a class', () =>
    expectRefused(
      write('odd.json', '{"modelTopology": {"layers": 3}}'),
      'bad-config',
      'odd.json',
      /describes no Keras model/,
    ));
});

it('NaN and Infinity, which Python writes, do not stop a topology from opening', async () => {
  const config = '{"name": "NaN, \\"Infinity\\"", "low": -Infinity, "odd": NaN}';
  const path = write('python.json', `{"modelTopology": {"class_name": "Sequential", "config": ${config}}}`);
  const { topology } = await openModelFile(path);
  expect(topology).toMatchObject({ config: { name: 'NaN, "Infinity"', low: -Infinity, odd: null } });
});

describe('a hostile HDF5 file', () => {
  it.each([
    ['huge', /declares the shape \[1000000,1000000\]/],
    ['external', /cannot be read/],
    ['virtual', /from other files/],
    ['link', /not in the file/],
    ['text', /contains no numbers/],
  ])('%s', async (kind, sentence) => {
    const name = `hostile-${kind}.h5`;
    expectActionable(await readFailure(fixture(name)), 'bad-weights', name, sentence);
  });
});

describe('a hostile zip', () => {
  it('an entry with a path out of the archive', () =>
    expectRefused(fixture('outward.keras'), 'path-escape', 'outward.keras', /leads out/));

  it('an entry that declares gigabytes', async () => {
    const bomb = Buffer.from(readFileSync(fixture('deflated.keras')));
    // The uncompressed size of every entry, in the directory at the end.
    for (let at = bomb.indexOf('PK\x01\x02'); at !== -1; at = bomb.indexOf('PK\x01\x02', at + 1)) {
      bomb.writeUInt32LE(0xfffffff0, at + 24);
    }
    await expectRefused(write('bomb.keras', bomb), 'too-large', 'bomb.keras', /4294967280 bytes/);
  });
});

describe('a zip that Layerglass does not unpack', () => {
  /** A model whose directory states another compression for each entry. */
  function packed(name: string, change: (bytes: Buffer, entry: number) => void): string {
    const bytes = Buffer.from(readFileSync(fixture('deflated.keras')));
    for (let at = bytes.indexOf('PK\x01\x02'); at !== -1; at = bytes.indexOf('PK\x01\x02', at + 1)) {
      change(bytes, at);
    }
    return write(name, bytes);
  }

  it.each([
    [9, /config\.json in it is compressed by Deflate64, method 9/],
    [93, /by Zstandard, method 93/],
    [77, /compressed by method 77/],
  ])('method %i', (method, sentence) => {
    const name = `method${method}.keras`;
    const path = packed(name, (bytes, at) => bytes.writeUInt16LE(method, at + 10));
    return expectRefused(path, 'unsupported-format', name, sentence);
  });

  it('encrypted', () => {
    const path = packed('encrypted.keras', (bytes, at) => bytes.writeUInt16LE(1, at + 8));
    return expectRefused(path, 'unsupported-format', 'encrypted.keras', /is encrypted/);
  });
});

describe('the local header of the weights in a .keras file', () => {
  const bytes = readFileSync(join(FIXTURES, '../golden/toy.keras'));
  const header = bytes.indexOf('model.weights.h5') - 30;

  it.each([
    ['without its signature', 0, 0],
    ['whose name leads beyond the end', 26, 0xff],
  ])('%s', async (name, at, value) => {
    expect(bytes.readUInt32LE(header)).toBe(0x04034b50);
    const damaged = Buffer.from(bytes).fill(value, header + at, header + at + 2);
    const error = await readFailure(write(`${name}.keras`, damaged));
    expectActionable(error, 'truncated', `${name}.keras`, /model\.weights\.h5 in it cannot be read/);
  });
});

describe('TensorFlow.js shards', () => {
  interface Manifest {
    weightsManifest?: { paths: string[]; weights: { name: string; shape: unknown; dtype: string }[] }[];
  }

  /** A copy of the fixture in its own folder, its model.json changed by `edit`. */
  function copy(name: string, edit: (model: Manifest) => void): string {
    const target = join(folder, name, 'model');
    mkdirSync(target, { recursive: true });
    cpSync(fixture('tfjs'), target, { recursive: true });
    const model = JSON.parse(readFileSync(join(target, 'model.json'), 'utf8')) as Manifest;
    edit(model);
    writeFileSync(join(target, 'model.json'), JSON.stringify(model));
    return target;
  }

  const withPaths = (paths: string[]) => (model: Manifest) => {
    for (const group of model.weightsManifest?.slice(0, 1) ?? []) group.paths = paths;
  };
  const keep = (): void => undefined;

  it('missing', async () => {
    const model = copy('missing', keep);
    rmSync(join(model, 'group1-shard1of1.bin'));
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'missing-shard', 'group1-shard1of1.bin', /not in its folder/);
    // Weights in other shards are still read.
    const opened = await openModelFile(join(model, 'model.json'));
    expect([...(await opened.weights.read('count'))]).toEqual([-3, 5, 70000]);
  });

  it('cut short', async () => {
    const model = copy('short', keep);
    writeFileSync(join(model, 'group1-shard1of1.bin'), new Uint8Array(20));
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'truncated', 'group1-shard1of1.bin', /need 32 bytes.* there are 20/);
  });

  it.each(['../outside.bin', '/etc/hostname', 'C:\\outside.bin', 'sub/../../outside.bin'])(
    'leading out: %s',
    async (path) => {
      const model = copy('outward', withPaths([path]));
      writeFileSync(join(folder, 'outward', 'outside.bin'), new Uint8Array(40));
      const error = await readFailure(join(model, 'model.json'));
      expectActionable(error, 'path-escape', path, /outside its folder/);
    },
  );

  it('outside the folder by a symbolic link', async () => {
    const model = copy('linked', withPaths(['link.bin']));
    writeFileSync(join(folder, 'linked', 'outside.bin'), new Uint8Array(40));
    symlinkSync(join(folder, 'linked', 'outside.bin'), join(model, 'link.bin'));
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'path-escape', 'link.bin', /outside its folder/);
  });

  it('fewer bytes than the shapes declare', async () => {
    const model = copy('huge', (json) => {
      const weight = json.weightsManifest?.[0]?.weights[0];
      if (weight) weight.shape = [1_000_000, 1_000_000];
    });
    expectActionable(
      await readFailure(join(model, 'model.json')),
      'truncated',
      'group1-shard1of1.bin',
      /need 4000000000000 bytes/,
    );
  });

  it('strings that are longer than the shards', async () => {
    const model = copy('texts', (json) => {
      json.weightsManifest?.[0]?.weights.unshift({ name: 'words', dtype: 'string', shape: [50] });
    });
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'truncated', 'group1-shard1of1.bin', /cut short/);
  });

  it.each([
    ['a shape beyond all numbers', [2 ** 40, 2 ** 40], 'float32', /declares the shape/],
    ['a negative shape', [-1], 'float32', /no shape/],
    ['an unknown type', [2], 'qint8', /no plain numbers/],
    ['more strings than a model has', [2 ** 30], 'string', /declares the shape/],
    ['texts of no shape', 'x', 'string', /no shape/],
  ])('a manifest with %s', async (name, shape, dtype, sentence) => {
    const model = copy(name, (json) => {
      const weight = json.weightsManifest?.[0]?.weights[0];
      if (weight) Object.assign(weight, { shape, dtype });
    });
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'bad-weights', 'model.json', sentence);
  });

  it('no manifest: the topology opens, reading weights fails with the reason', async () => {
    const model = copy('no-manifest', (json) => {
      delete json.weightsManifest;
    });
    const error = await readFailure(join(model, 'model.json'));
    expectActionable(error, 'no-weights', 'model.json', /contains a topology but no weights/);
  });
});
