import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture } from './cliProcess';
import { claimingHeaps, writeRepeatedString } from './hdf5Bomb';
import { measured } from './measuredProcess';
import { indexOfLongKeys, savedModelOf, savedModelOfEmptyNodes } from './savedModelFile';
import { archiveOf, zipOf } from './zipFile';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-bombs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Expects an error of one sentence, and a peak of less than `mib` MiB. */
async function expectRefused(args: readonly string[], sentence: RegExp, mib: number): Promise<void> {
  const { code, stderr, peak } = await measured(args);
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/^layerglass: [^\n]+\.\n( {2}[^\n]+\n)?$/);
  expect(code).toBe(1);
  expect(peak).toBeLessThan(mib);
}

/** A sequential model as JSON: an input of `shape` and one layer. */
const sequential = (shape: string, className: string, more = '') =>
  `{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"InputLayer","config":{"name":"x","batch_shape":[${shape}]}},{"class_name":"${className}","config":{"name":"d"${more}}}]}}`;
const layer = (extra: string) => sequential('null,4', 'Dense', `,"units":2,"extra":[${extra}]`);

const keras = (name: string, config: Uint8Array | string): string =>
  write(name, zipOf({ 'config.json': Buffer.from(config), 'metadata.json': Buffer.from('{}') }));

describe('a topology', () => {
  test('that would unpack to 256 MB is not unpacked', async () => {
    const path = keras('wide.keras', layer('0,'.repeat(2 ** 27)));
    await expectRefused(['inspect', path], /config\.json would unpack to 268435\d+ bytes/, 150);
  });

  test.each([
    ['bzip2', 12, 2 ** 28, /would unpack to 268435456 bytes; the limit is 67108864/],
    ['bzip2', 12, 1000, /it holds more than the 1000 bytes that the archive states/],
    ['lzma', 14, 1000, /it holds more than the 1000 bytes that the archive states/],
  ] as const)(
    'compressed by %s that would unpack to hundreds of megabytes is not unpacked',
    async (name, method, size, sentence) => {
      const bombs = JSON.parse(readFileSync(fixture('zip_methods/bombs.json'), 'utf8'));
      const packed = Buffer.from(bombs[name], 'base64');
      const entry = { name: 'config.json', packed, method, flags: 2, size, crc: 0 };
      await expectRefused(['inspect', write(`${name}${size}.keras`, archiveOf([entry]))], sentence, 150);
    },
  );

  test('with too many values is not parsed', async () => {
    const path = keras('many.keras', layer(`${'{},'.repeat(15_000_000)}0`));
    await expectRefused(['inspect', path], /config\.json contains more than 2000000 values/, 400);
  });

  test('with the maximum number of values is read in bounded memory', async () => {
    const path = keras('full.keras', layer(`${'{},'.repeat(900_000)}0`));
    const { code, stdout, peak } = await measured(['inspect', path]);
    expect({ code, listed: stdout.includes('d (Dense)') }).toEqual({ code: 0, listed: true });
    expect(peak).toBeLessThan(600);
  });

  test('in a file above the size limit is not read', async () => {
    const path = write('model.json', '{');
    truncateSync(path, 2 ** 31);
    await expectRefused(['inspect', path], /has 2147483648 bytes; the limit is 67108864/, 150);
  });
});

describe('a SavedModel', () => {
  const savedModel = (name: string, graph: Uint8Array, index?: Uint8Array): string => {
    mkdirSync(join(folder, name, 'variables'), { recursive: true });
    write(`${name}/saved_model.pb`, graph);
    if (index) write(`${name}/variables/variables.index`, index);
    return join(folder, name);
  };
  const run = (path: string) => ['explain', path, '--input', 'random', '--backend', 'cpu'];

  test('with a small constant opens', async () => {
    const small = await measured(['inspect', savedModel('small', savedModelOf([1000]))]);
    expect(small).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([
    ['a constant that claims 4 GB', [2 ** 30]],
    ['a constant that claims more bytes than a number can represent', new Array<number>(40).fill(2 ** 40)],
  ])('with %s is refused', async (name, shape) => {
    const path = savedModel(name, savedModelOf(shape));
    await expectRefused(
      run(path),
      /its constant "c" declares .* values that are not in the file; the limit is 16777216/,
      200,
    );
  });

  test('of millions of empty messages is not built', async () => {
    const path = savedModel('empty', savedModelOfEmptyNodes(5_000_000));
    await expectRefused(['inspect', path], /contains more than 4000000 values/, 800);
  });

  test('whose index repeats a long key is refused', async () => {
    const path = savedModel('keys', savedModelOf([10]), indexOfLongKeys(100_000, 200_000));
    await expectRefused(['inspect', path], /its keys take more than 67108864 bytes/, 300);
  });
});

/** The start of a .npy file of version 1. */
function npyHeader(descr: string, shape: string): Buffer {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117, ' ');
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(`${text}\n`)]);
}

describe('an array', () => {
  const explain = (input: string) => {
    const model = keras('grey.keras', sequential('null,28,28,1', 'Flatten'));
    return ['explain', model, '--input', input, '--backend', 'cpu'];
  };
  const npz = (name: string, descr: string, shape: string, bytes: number): string =>
    write(name, zipOf({ 'x.npy': Buffer.concat([npyHeader(descr, shape), Buffer.alloc(bytes)]) }));

  test('of 200 million strings is refused after reading its header', async () => {
    const path = npz('strings.npz', '|S1', '(200000000,)', 200_000_000);
    await expectRefused(explain(path), /strings\.npz holds strings, and input ".*" takes numbers/, 200);
  });

  test('of another shape is not unpacked', async () => {
    const path = npz('shape.npz', '<f4', '(1, 50000000)', 200_000_000);
    await expectRefused(explain(path), /has shape \(1, 50000000\), and input/, 200);
  });

  test('of many samples is unpacked up to the first', async () => {
    const path = npz('samples.npz', '<f4', '(60000, 28, 28, 1)', 60_000 * 28 * 28 * 4);
    const { code, peak } = await measured(explain(path));
    expect(code).toBe(0);
    expect(peak).toBeLessThan(250);
  });

  test('that claims more values than the file contains is refused after reading its header', async () => {
    const path = write(
      'claim.npy',
      Buffer.concat([npyHeader('<f8', '(999999999, 28, 28, 1)'), Buffer.alloc(64)]),
    );
    await expectRefused(explain(path), /ends before all values/, 200);
  });
});

/** A PNG of zeros, RGBA with 16 bits per channel. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, body: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, Buffer.from(type), body, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([16, 6, 0, 0, 0], 8);
  const data = deflateSync(Buffer.alloc(height * (1 + width * 8)), { level: 9 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a PNG with 64 million pixels in half a megabyte', () => {
  let png = '';
  beforeAll(() => {
    png = write('large.png', pngOf(8000, 8000));
  });

  test('is refused after reading its header if the model accepts any size', async () => {
    const model = keras('free.keras', sequential('null,null,null,3', 'GlobalAveragePooling2D'));
    await expectRefused(
      ['explain', model, '--input', png, '--backend', 'cpu'],
      /would have 192000000 values/,
      200,
    );
  });

  test('is decoded line by line if the model expects a small one', async () => {
    const model = keras('small.keras', sequential('null,28,28,3', 'GlobalAveragePooling2D'));
    const args = ['run', model, '--input', png, '--backend', 'cpu', '--out', join(folder, 'values')];
    const { code, stderr, peak } = await measured(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(peak).toBeLessThan(700);
  });
});

describe('an HDF5 file', () => {
  const explain = (path: string) => ['explain', path, '--input', 'random', '--backend', 'cpu'];

  test('that repeats one string 2000 times stays within the memory limit of the library', async () => {
    const path = join(folder, 'texts.h5');
    writeFileSync(path, await writeRepeatedString(path, 2000));
    await expectRefused(explain(path), /texts\.h5: \/@model_config cannot be read\./, 700);
  });

  test('that repeats one string 100 times is not decoded', async () => {
    const path = join(folder, 'fewer.h5');
    writeFileSync(path, await writeRepeatedString(path, 100));
    await expectRefused(explain(path), /contains more than 67108864 bytes of text/, 350);
  });

  test.each(['HEAP', 'GCOL'] as const)('whose heaps (%s) claim 2 GB is refused', async (signature) => {
    const bytes = claimingHeaps(fixture('formats/tiny3.h5'), signature, 2 ** 31 - 2 ** 20);
    await expectRefused(explain(write(`${signature}.h5`, bytes)), /cannot be read/, 200);
  });

  test.each(['HEAP', 'GCOL'] as const)(
    'whose heaps (%s) claim 1.5 GB of a sparse file stays within the memory limit of the library',
    async (signature) => {
      const end = 2 ** 31;
      const bytes = claimingHeaps(fixture('formats/tiny3.h5'), signature, 1.5 * 2 ** 30, end);
      const path = write(`sparse-${signature}.h5`, bytes);
      truncateSync(path, end);
      await expectRefused(explain(path), /cannot be read/, 200);
    },
  );
});

describe('weights', () => {
  test('that would unpack to far more than the layers need are not unpacked', async () => {
    const path = write(
      'weights.keras',
      zipOf({
        'config.json': Buffer.from(layer('0')),
        'metadata.json': Buffer.from('{"keras_version":"3.15.1"}'),
        'model.weights.h5': Buffer.alloc(400 * 2 ** 20),
      }),
    );
    const run = ['run', path, '--input', 'random:1', '--out', join(folder, 'out')];
    await expectRefused(run, /would unpack to 419430400 bytes; its layers have 10 parameters/, 550);
  });

  test('of a model with an unknown layer are limited by the size of the archive', async () => {
    const known = JSON.parse(layer('0'));
    known.config.layers.push({ class_name: 'Unheard', config: { name: 'u' } });
    const path = write(
      'unknown.keras',
      zipOf({
        'config.json': Buffer.from(JSON.stringify(known)),
        'metadata.json': Buffer.from('{"keras_version":"3.15.1"}'),
        'model.weights.h5': Buffer.alloc(400 * 2 ** 20),
      }),
    );
    const run = ['run', path, '--input', 'random:1', '--layer', 'd', '--out', join(folder, 'out')];
    await expectRefused(run, /would unpack to 419430400 bytes; \d+ bytes of the archive hold them/, 550);
  });

  test('after tens of thousands of strings in a manifest are listed in bounded memory', async () => {
    const spec = (dtype: string) =>
      Array.from({ length: 60_000 }, (_, i) => ({ name: `${dtype}${i}`, shape: [], dtype }));
    const model = {
      format: 'layers-model',
      modelTopology: JSON.parse(sequential('null,4', 'Unheard')),
      weightsManifest: [{ paths: ['a.bin'], weights: [...spec('string'), ...spec('float32')] }],
    };
    mkdirSync(join(folder, 'texts'));
    const { code, peak } = await measured(['inspect', write('texts/model.json', JSON.stringify(model))]);
    expect(code).toBe(0);
    expect(peak).toBeLessThan(500);
  });

  const tfjs = (name: string, units: number, paths: readonly string[]): string => {
    const model = {
      format: 'layers-model',
      modelTopology: JSON.parse(sequential('null,1048576', 'Dense', `,"units":${units}`)),
      weightsManifest: [
        {
          paths,
          weights: [
            { name: 'd/kernel', shape: [2 ** 20, units], dtype: 'float32' },
            { name: 'd/bias', shape: [units], dtype: 'float32' },
          ],
        },
      ],
    };
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'a.bin'), '');
    return write(`${name}/model.json`, JSON.stringify(model));
  };
  const run = (path: string) => ['run', path, '--input', 'random:1', '--out', join(folder, 'out')];

  test('of a sparse file that do not fit into memory are refused', async () => {
    const path = tfjs('sparse', 2 ** 15, ['a.bin']);
    truncateSync(join(folder, 'sparse/a.bin'), 2 ** 38);
    await expectRefused(run(path), /The weights of layer "d" do not fit into the memory/, 600);
  });

  test('in too many files are refused', async () => {
    const path = tfjs('shards', 1, new Array<string>(50_000).fill('a.bin'));
    truncateSync(join(folder, 'shards/a.bin'), 100);
    await expectRefused(run(path), /its weightsManifest names more than 5000 files/, 600);
  });

  test('that could be in any of hundreds of files are not searched in each', async () => {
    const place = join(folder, 'crowd');
    mkdirSync(place);
    for (let i = 0; i < 300; i++) writeFileSync(join(place, `n${i}_weights.h5`), 'x');
    const path = write('crowd/net.json', sequential('null,4', 'Dense', ',"units":2'));
    await expectRefused(
      run(path),
      /and many more are beside it, and nothing states which of them contains its weights/,
      600,
    );
  });
});

test('a sum of thousands of layers is listed in bounded memory', async () => {
  const names = Array.from({ length: 8000 }, (_, i) => `a${i}`);
  const layer = (className: string, name: string, inputs: readonly string[], config: object = {}) => ({
    class_name: className,
    name,
    config: { name, trainable: true, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
  });
  const layers = [
    layer('InputLayer', 'x', [], { batch_shape: [null, 2] }),
    ...names.map((name) => layer('Activation', name, ['x'], { activation: 'relu' })),
    layer('Add', 'sum', names),
  ];
  const config = { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [['sum', 0, 0]] };
  const path = write('sum.json', JSON.stringify({ class_name: 'Functional', config }));
  const { code, stdout, peak } = await measured(['inspect', path]);
  expect(code).toBe(0);
  expect(stdout).toContain('a0, a1, a2');
  expect(stdout).toContain('a49 and 7950 more');
  expect(peak).toBeLessThan(500);
});
