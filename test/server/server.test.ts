// Covers every request with one server; hence longer than 400 lines.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hover } from 'vscode-languageserver/node';
import { CancellationTokenSource, MessageType } from 'vscode-languageserver/node';
import { parseNpy, writeNpy } from '../../src/server/inputs/arrays/npy';
import type { Result } from '../../src/shared/errors';
import type { InputSource } from '../../src/shared/inputs';
import type { ExplainParams, OpenedModel } from '../../src/shared/protocol';
import * as protocol from '../../src/shared/protocol';
import { sidecarVersion } from '../../src/shared/sidecar';
import { activation, badModels, brokenShards, writeTfjs } from './badModels';
import { fixture, sample } from './cliProcess';
import { errorOf, type ServerProcess, startServer, value } from './serverProcess';

const SERVER = resolve(import.meta.dirname, '../../dist/server.js');
const TOY = fixture('golden/toy.keras');
const X: InputSource = { kind: 'file', path: fixture('golden/x.npy') };
const SPOT = sample('3-binary/spot/model.json');

let server: ServerProcess;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-server-'));
  server = await startServer(SERVER, { backend: 'cpu' });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (path: string): Promise<OpenedModel> =>
  value(await server.request(protocol.openModel, { path }));

const explainParams = (modelId: string, overrides: Partial<ExplainParams> = {}): ExplainParams => ({
  modelId,
  inputs: [X],
  preprocessing: { name: 'none' },
  method: 'grad-cam',
  layer: 'auto',
  target: { index: 'auto' },
  ...overrides,
});

const floats = (data: string): number[] => {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return [...new Float32Array(bytes.buffer)];
};

/** The server must still work after any request. */
async function expectAlive(): Promise<void> {
  const { modelId } = await open(TOY);
  const explained = value(await server.request(protocol.explain, explainParams(modelId)));
  expect(floats(explained.rawMap.data)).toEqual([0, 4, 28, 32.5]);
  value(await server.request(protocol.closeModel, { modelId }));
}

describe('an open model', () => {
  test('is described', async () => {
    const { summary, defaultPreprocessing, path } = await open(TOY);
    expect(path).toBe(TOY);
    expect(summary.layers.map((row) => row.path)).toEqual(['x', 'conv1', 'relu1', 'flatten', 'dense']);
    expect(defaultPreprocessing).toEqual({ name: '0..1' });
    expect(value(await server.request(protocol.backendStatus, {}))).toMatchObject({ name: 'cpu' });
  });

  test('is explained, and explained again without another forward pass', async () => {
    const { modelId } = await open(TOY);
    const explained = value(await server.request(protocol.explain, explainParams(modelId)));
    expect(explained).toMatchObject({ method: 'grad-cam', layer: 'relu1', backend: 'cpu' });
    // Both scores are 0 for this input.
    expect(explained.notices).toEqual([expect.stringMatching(/^Class 0 and Class 1 have the same score/)]);
    expect(explained.rawMap.shape).toEqual([2, 2]);
    // The page makes it of the raw map.
    expect(explained.displayMap).toEqual({ shape: [4, 4], data: null });
    expect(explained.inputImage?.shape).toEqual([4, 4, 3]);
    // The page draws the image; the values are sent when somebody points at it.
    expect(explained.inputValues).toBeNull();
    const { inputs, preprocessing } = explainParams(modelId);
    const pointed = { modelId, inputs, preprocessing, input: 0 };
    const values = value(await server.request(protocol.inputValues, pointed));
    expect(values?.shape).toEqual([4, 4, 1]);
    expect(floats(values?.data ?? '')).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(value(await server.request(protocol.inputValues, { ...pointed, input: 1 }))).toBeNull();
    const again = value(await server.request(protocol.explain, explainParams(modelId, { layer: 'conv1' })));
    expect(again.timings.forward).toBe(0);
    const { inputKey } = explained;
    const known = explainParams(modelId, { knownInput: inputKey ?? '' });
    const short = value(await server.request(protocol.explain, known));
    expect(short).toMatchObject({ inputKey, inputKnown: true, inputImage: null, inputValues: null });
    expect(short.displayMap).toEqual(explained.displayMap);
    const other = explainParams(modelId, {
      knownInput: inputKey ?? '',
      inputs: [{ kind: 'random', seed: 2 }],
    });
    expect(value(await server.request(protocol.explain, other))).toMatchObject({ inputKnown: false });
    expect(floats(again.rawMap.data)).toEqual([11.25, 13.5, 20.25, 22.5]);
  });

  test('returns the values before and after the activation of a layer', async () => {
    const { modelId } = await open(TOY);
    const run = { modelId, inputs: [X], preprocessing: { name: 'none' } } as const;
    const relu = value(await server.request(protocol.layerValues, { ...run, layer: 'relu1' }));
    expect(relu).toMatchObject({
      className: 'ReLU',
      activation: 'relu',
      check: { largestError: 0, agrees: true },
      pre: { min: -30, max: 40, negative: 3, count: 8 },
      post: { min: 0, max: 40, zero: 3 },
      shares: { negative: 3 / 8, deadChannels: 0, channels: 2 },
    });
    expect(relu.top[0]).toEqual({ index: [1, 1, 0], pre: 40, post: 40, probability: null });
    const tiles = value(
      await server.request(protocol.channelTiles, {
        ...{ ...run, layer: 'relu1', stage: 'post', slice: 0, channels: [1, 9], side: 64 },
      }),
    );
    expect(tiles).toMatchObject({ rows: 2, columns: 2, channels: [1] });
    // relu of the sums of the windows of 3 x 3, less 75: 0, 0, 6 and 15.
    expect([...Buffer.from(tiles.values.data, 'base64')]).toEqual([0, 0, Math.round((6 / 15) * 254), 254]);
    const channels = value(
      await server.request(protocol.channels, { ...run, layer: 'relu1', stage: 'pre', attribution: true }),
    );
    expect(channels).toMatchObject({ kind: 'maps', stage: 'pre', stages: ['pre', 'post'], total: 2 });
    expect(floats(channels.ranges.data)).toEqual([-5, -30, 40, 15, 17.5, -7.5]);
    // Gradient x activation of relu1 sums to the logit, whose other summands are 0.
    const attribution = floats(channels.attribution?.sums.data ?? '');
    expect(attribution.reduce((sum, part) => sum + part, 0)).toBeCloseTo(54, 4);
    const gradients = value(
      await server.request(protocol.layerGradients, { ...run, target: { index: 'auto' } }),
    );
    expect(gradients.layers.map(({ path }) => path)).toEqual(expect.arrayContaining(['conv1', 'relu1']));
    expect(gradients.layers.find(({ path }) => path === 'relu1')).toMatchObject({ count: 8 });
    const map = value(
      await server.request(protocol.channelMap, {
        ...{ ...run, layer: 'relu1', stage: 'post', channel: 1, slice: 0, source: true },
      }),
    );
    expect(floats(map.values.data)).toEqual([0, 0, 6, 15]);
    const slice = value(
      await server.request(protocol.tensorSlice, {
        ...{ ...run, layer: 'relu1', stage: 'pre', row: 0, rows: 9, column: 1, columns: 9 },
        axes: { rowAxis: 1, columnAxis: 2, at: [0, 0, 0, 1] },
      }),
    );
    expect(slice).toMatchObject({ shape: [1, 2, 2, 2], column: 1, values: [[-21], [15]] });
    expect(map.source).toMatchObject({
      size: [4, 4],
      field: { kind: 'window', axes: [{ size: 3 }, { size: 3 }] },
    });
  });

  test('lists the layers that can be explained', async () => {
    const { layers } = await open(TOY);
    expect(layers.defaultLayer).toBe('relu1');
    expect(layers.layers.map((layer) => layer.path)).toEqual(expect.arrayContaining(['conv1', 'relu1']));
    const flat = await open(sample('5-sigmoid/scores.keras'));
    expect(flat.layers).toEqual({ defaultLayer: null, attentionLayers: [], layers: [] });
  });

  test('exports heat maps', async () => {
    const { modelId } = await open(TOY);
    const formats = ['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy'] as const;
    const written = value(
      await server.request(protocol.exportHeatMap, {
        ...explainParams(modelId),
        ...{ folder: join(folder, 'maps'), base: '../../escape', formats, colourMap: 'turbo', opacity: 0.5 },
      }),
    );
    expect(written.files).toEqual(formats.map((format) => join(folder, 'maps', `escape.${format}`)));
    expect(written.files.every((file) => existsSync(file))).toBe(true);
    expect([...parseNpy(readFileSync(written.files[4] ?? ''), 'npy').values]).toEqual([0, 4, 28, 32.5]);
    expect(written.header).not.toHaveProperty('rawMap');
  });

  test('keeps its settings in a sidecar file', async () => {
    const path = join(folder, 'settings.keras');
    copyFileSync(TOY, path);
    const { modelId, sidecar } = await open(path);
    expect(sidecar).toEqual({ version: null, settings: { ok: true, value: null } });
    expect(value(await server.request(protocol.readSidecar, { modelId }))).toBeNull();
    const settings = {
      preprocessing: { name: 'custom', mean: [1], scale: [2] },
      labels: ['a', 'b'],
      lastInputs: [{ kind: 'file', path: join(folder, 'x.npy') }],
    } as const;
    const written = value(await server.request(protocol.writeSidecar, { modelId, settings }));
    expect(written.path).toBe(`${path}.layerglass.json`);
    expect(readFileSync(written.path, 'utf8')).not.toContain(folder);
    expect(value(await server.request(protocol.readSidecar, { modelId }))).toEqual(settings);
    const { mtimeMs: mtime, size } = statSync(written.path);
    expect((await open(path)).sidecar).toEqual({
      version: sidecarVersion({ mtime, size }),
      settings: { ok: true, value: settings },
    });

    writeFileSync(written.path, JSON.stringify({ lastInputs: [{ kind: 'file', path: '../../etc/passwd' }] }));
    expect(value(await server.request(protocol.readSidecar, { modelId }))).toEqual({ lastInputs: [] });
    for (const text of ['{', '{"labels": 3}', '[]']) {
      writeFileSync(written.path, text);
      const error = errorOf(await server.request(protocol.readSidecar, { modelId }));
      // A model with a damaged sidecar file still opens.
      expect(errorOf((await open(path)).sidecar.settings)).toEqual(error);
      expect(error).toMatchObject({
        kind: 'bad-config',
        message: expect.stringContaining('settings.keras.layerglass.json'),
      });
      expect(error.remedy).toBeTruthy();
    }
  });

  test('is explained in parallel with another one', async () => {
    const [toy, spot] = await Promise.all([open(TOY), open(SPOT)]);
    const digit: InputSource = { kind: 'file', path: sample('3-binary/digit.png') };
    const [first, second] = await Promise.all([
      server.request(protocol.explain, explainParams(toy.modelId)),
      server.request(
        protocol.explain,
        explainParams(spot.modelId, { inputs: [digit], preprocessing: { name: '0..1' } }),
      ),
    ]);
    expect(value(first).layer).toBe('relu1');
    expect(value(second)).toMatchObject({ layer: 'conv2d_1', target: { index: 1, negative: false } });
  });

  test('stays open until everyone who opened it has closed it', async () => {
    const { modelId } = await open(TOY);
    const { modelId: same } = await open(TOY);
    expect(same).toBe(modelId);
    value(await server.request(protocol.closeModel, { modelId }));
    expect(value(await server.request(protocol.explain, explainParams(modelId))).layer).toBe('relu1');
    value(await server.request(protocol.closeModel, { modelId: 'model-999' }));
  });

  test('is reopened when its file has changed', async () => {
    const path = join(folder, 'changing.keras');
    copyFileSync(TOY, path);
    const before = await open(path);
    copyFileSync(fixture('weights/frozen.keras'), path);
    utimesSync(path, new Date(), new Date(Date.now() + 5000));
    const after = await open(path);
    expect(after.modelId).not.toBe(before.modelId);
    expect(after.summary.name).toBe('frozen');
    const stale = errorOf(await server.request(protocol.explain, explainParams(before.modelId)));
    expect(stale.message).toBe('changing.keras has changed since it was opened.');
  });
});

const array = (name: string, values: Float32Array, shape: readonly number[]): string => {
  const path = join(folder, name);
  writeFileSync(path, writeNpy(values, shape));
  return path;
};

test('an input that contains NaN is explained, with a notice that states where it is', async () => {
  const { modelId } = await open(TOY);
  const withNaN = new Float32Array(16);
  withNaN[5] = Number.NaN;
  const path = array('nan.npy', withNaN, [1, 4, 4, 1]);
  const result = await server.request(
    protocol.explain,
    explainParams(modelId, { inputs: [{ kind: 'file', path }] }),
  );
  expect(result).toMatchObject({ ok: true });
  expect(result.ok && result.value.notices.join()).toMatch(
    /nan\.npy holds 1 value that is NaN.*\[0, 1, 1, 0\]/,
  );
  await expectAlive();
});

describe('an invalid request', () => {
  test.each<[string, Partial<ExplainParams>, RegExp]>([
    ['a model that is not open', { modelId: 'model-999' }, /no longer open/],
    ['an unknown layer name', { layer: 'nope' }, /no layer "nope"/],
    ['the layer of the score itself', { layer: 'dense' }, /read before the activation of "dense"/],
    ['a class out of range', { target: { index: 4 } }, /4 units; there is no unit 4/],
    ['a fractional class', { target: { index: 0.5 } }, /wrong or missing value for target\.index/],
    ['an output out of range', { target: { index: 0, output: 2 } }, /no output 2/],
    ['too many inputs', { inputs: [X, X] }, /takes 1 input \(x\), not 2/],
    ['a missing input file', { inputs: [{ kind: 'file', path: '/none.npy' }] }, /no file .*none\.npy/],
  ])('%s', async (_, more, sentence) => {
    const { modelId } = await open(TOY);
    const error = errorOf(await server.request(protocol.explain, explainParams(modelId, more)));
    expect(error.kind).not.toBe('internal');
    expect(error.message).toMatch(sentence);
    await expectAlive();
  });

  test('an input of the wrong shape, of the wrong type, or damaged', async () => {
    const { modelId } = await open(TOY);
    const text = join(folder, 'text.npy');
    writeFileSync(text, 'no numbers here');
    for (const [path, kind, sentence] of [
      [
        array('shape.npy', new Float32Array(25), [1, 5, 5, 1]),
        'wrong-shape',
        /shape\.npy has shape .*5, 5, 1.*4, 4, 1/,
      ],
      [text, 'bad-input', /text\.npy/],
      [sample('5-sigmoid/scores.keras'), undefined, /scores\.keras/],
      [SPOT, undefined, /model\.json/],
    ] as const) {
      const error = errorOf(
        await server.request(protocol.explain, explainParams(modelId, { inputs: [{ kind: 'file', path }] })),
      );
      if (kind) expect(error.kind).toBe(kind);
      expect(error.kind).not.toBe('internal');
      expect(error.message).toMatch(sentence);
      expect(error.remedy).toBeTruthy();
    }
    await expectAlive();
  });
});

test('files that are not models are refused with one sentence, and the server still works', async () => {
  for (const { what, path, kind, sentence } of badModels(join(folder, 'bad'))) {
    const error = errorOf(await server.request(protocol.openModel, { path }));
    expect(error.kind, what).toBe(kind);
    expect(error.message, what).toMatch(sentence);
    expect(error.message, what).toMatch(/^[^\n]+\.$/);
  }
  await expectAlive();
});

test.skipIf(process.platform === 'win32')('a named pipe does not block the server', async () => {
  const path = join(folder, 'pipe.h5');
  execFileSync('mkfifo', [path]);
  expect(errorOf(await server.request(protocol.openModel, { path }))).toMatchObject({
    kind: 'file-unreadable',
    message: 'pipe.h5 is not a regular file but a pipe, a device or a socket.',
  });
  const { modelId } = await open(TOY);
  const inputs: InputSource[] = [{ kind: 'file', path }];
  expect(errorOf(await server.request(protocol.explain, explainParams(modelId, { inputs }))).kind).toBe(
    'file-unreadable',
  );
  await expectAlive();
});

test('models with broken shards open, and report the error when the weights are needed', async () => {
  for (const { what, path, kind, sentence } of brokenShards(
    join(folder, 'shards'),
    sample('3-binary/spot'),
  )) {
    const { modelId, summary } = await open(path);
    expect(summary.params.total).toBeGreaterThan(0);
    const inputs: InputSource[] = [{ kind: 'random', seed: 1 }];
    const error = errorOf(await server.request(protocol.explain, explainParams(modelId, { inputs })));
    expect(error.kind, what).toBe(kind);
    expect(error.message, what).toMatch(sentence);
  }
  await expectAlive();
});

test('a Lambda layer is listed and never run; layers before it have values', async () => {
  const trap = join(folder, 'trap');
  const code = { class_name: 'Lambda', config: { name: 'evil', function: `import os; os.mkdir('${trap}')` } };
  const layers = [activation('before'), code, activation('after')];
  const { modelId, summary } = await open(writeTfjs(join(folder, 'lambda'), [4, 4, 1], layers));
  expect(summary.layers.map((row) => [row.path, row.status, row.unknownBecause])).toEqual([
    ['before', 'known', undefined],
    ['evil', 'unknown', 'evil'],
    ['after', 'known', 'evil'],
  ]);
  const run = { modelId, inputs: [X], preprocessing: { name: 'none' } } as const;
  const before = value(await server.request(protocol.layerValues, { ...run, layer: 'before' }));
  expect(before.post.max).toBe(15);
  for (const layer of ['evil', 'after']) {
    const error = errorOf(await server.request(protocol.layerValues, { ...run, layer }));
    expect(error.kind).toBe('unknown-layer');
    expect(error.message).toBe(`Values of "${layer}" are unknown because of "evil".`);
  }
  expect(errorOf(await server.request(protocol.explain, explainParams(modelId))).kind).toBe('unknown-layer');
  expect(existsSync(trap)).toBe(false);
});

test('a Lambda is computed if a module of the user implements it', async () => {
  const module = join(folder, 'layers.cjs');
  writeFileSync(module, 'module.exports = { Lambda: { call: ({ tf }, [x]) => tf.mul(x, -2) } };');
  const customServer = await startServer(SERVER, { backend: 'wasm', customLayers: [module] });
  const code = { class_name: 'Lambda', config: { name: 'twice' } };
  const path = writeTfjs(
    join(folder, 'custom'),
    [4, 4, 1],
    [activation('before'), code, activation('after')],
  );
  const { modelId } = value(await customServer.request(protocol.openModel, { path }));
  const run = { modelId, inputs: [X], preprocessing: { name: 'none' } } as const;
  const after = value(await customServer.request(protocol.layerValues, { ...run, layer: 'twice' }));
  expect([after.post.min, after.post.max]).toEqual([-30, 0]);
  value(
    await customServer.request(protocol.explain, {
      ...explainParams(modelId),
      method: 'saliency',
      layer: 'auto',
    }),
  );
  await customServer.stop();
});

test('an unexpected error is logged with its stack, as its remedy states', async () => {
  const module = join(folder, 'breaks.cjs');
  // Simulates a bug in the compute process.
  const broken = "Float32Array.from = () => { throw new Error('broken on purpose'); };";
  writeFileSync(module, `module.exports = { Lambda: { call: (_, [x]) => { ${broken} return x; } } };`);
  const customServer = await startServer(SERVER, { backend: 'cpu', customLayers: [module] });
  const logged: string[] = [];
  customServer.connection.onNotification('window/logMessage', ({ type, message }) => {
    if (type === MessageType.Error) logged.push(message);
  });
  const path = writeTfjs(
    join(folder, 'breaks'),
    [4, 4, 1],
    [activation('before'), { class_name: 'Lambda', config: { name: 'breaks' } }, activation('after')],
  );
  const { modelId } = value(await customServer.request(protocol.openModel, { path }));
  const error = errorOf(
    await customServer.request(protocol.explain, { ...explainParams(modelId), method: 'saliency' }),
  );
  expect(error).toMatchObject({ kind: 'internal', remedy: expect.stringContaining('log') });
  expect(logged).toEqual([
    expect.stringMatching(/^layerglass\/explain: .*broken on purpose\.\n.*broken on purpose\n\s+at /),
  ]);
  await customServer.stop();
});

describe('long computations', () => {
  /** A model that takes many seconds on the cpu backend, so that its run can be interrupted. */
  const openSlowModel = async (): Promise<string> => {
    const layers = Array.from({ length: 3000 }, (_, i) => activation(`a${i}`, 'tanh'));
    return (await open(writeTfjs(join(folder, 'slow'), [64, 64, 4], layers))).modelId;
  };
  const random: InputSource[] = [{ kind: 'random', seed: 1 }];

  test('report progress, stop when cancelled, and do not delay the opening of a model', async () => {
    const modelId = await openSlowModel();
    const reports: { kind: string; percentage?: number; message?: string }[] = [];
    const source = new CancellationTokenSource();
    const listening = server.connection.onNotification(
      '$/progress',
      (progress: { token: string; value: (typeof reports)[number] }) => {
        if (progress.token !== 'mine') return;
        reports.push(progress.value);
        if (reports.length === 3) source.cancel();
      },
    );
    const params = explainParams(modelId, {
      inputs: random,
      workDoneToken: 'mine',
    } as Partial<ExplainParams>);
    const computation = server.connection.sendRequest<Result<unknown>>(
      protocol.explain.method,
      params,
      source.token,
    );
    // An opening does not wait for the computation.
    const start = performance.now();
    await open(SPOT);
    const waited = performance.now() - start;
    const error = errorOf(await computation);
    listening.dispose();
    expect(error.kind).toBe('cancelled');
    expect(waited).toBeLessThan(5000);
    expect(reports[0]?.kind).toBe('begin');
    expect(reports.at(-1)?.kind).toBe('end');
    expect(reports.some((report) => /^Computing a\d+$/.test(report.message ?? ''))).toBe(true);
    await expectAlive();
  });

  test('of many concurrent requests each have a result, failing ones included', async () => {
    const { modelId } = await open(TOY);
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        server.request(
          protocol.explain,
          explainParams(modelId, {
            layer: i % 3 === 2 ? 'nope' : 'conv1',
            inputs: [{ kind: 'random', seed: i % 5 }],
          }),
        ),
      ),
    );
    expect(results.map((result) => result.ok)).toEqual(Array.from({ length: 24 }, (_, i) => i % 3 !== 2));
  });

  test('that are cancelled while they wait never start', async () => {
    const modelId = await openSlowModel();
    const first = new CancellationTokenSource();
    const second = new CancellationTokenSource();
    const explain = (seed: number, { token }: CancellationTokenSource) =>
      server.connection.sendRequest<Result<unknown>>(
        protocol.explain.method,
        explainParams(modelId, { inputs: [{ kind: 'random', seed }] }),
        token,
      );
    const running = explain(21, first);
    const waiting = explain(22, second);
    second.cancel();
    first.cancel();
    expect(errorOf(await running).kind).toBe('cancelled');
    expect(errorOf(await waiting).kind).toBe('cancelled');
    await expectAlive();
  });
});

describe('hovers in editors', () => {
  async function hover(uri: string, languageId: string, text: string, at: string): Promise<string | null> {
    await server.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
    const before = text.slice(0, text.indexOf(at) + 1).split('\n');
    const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const found = await server.connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri },
      position,
    });
    await server.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    return found && typeof found.contents === 'object' && 'value' in found.contents
      ? found.contents.value
      : null;
  }
  const uri = (name: string): string => pathToFileURL(join(fixture('golden'), name)).href;

  test('describe a layer in code, in the model that the code names', async () => {
    const text = "model = load_model('toy.keras')\nmodel.get_layer('conv1')\nprint('nothing')\n";
    const shown = await hover(uri('code.py'), 'python', text, 'conv1');
    expect(shown).toMatch(/conv1.*Conv2D/);
    expect(shown).toContain('(None, 2, 2, 2)');
    expect(await hover(uri('code.py'), 'python', text, 'nothing')).toBeNull();
    expect(await hover(uri('code.py'), 'python', "x = 'conv1'", 'conv1')).toBeNull();
  });

  describe('in a notebook cell', () => {
    const cell = (id: string, authority = ''): string =>
      `${uri('book.ipynb').replace('file://', `vscode-notebook-cell://${authority}`)}#${id}`;
    const open = (at: string, text: string): Promise<void> =>
      server.connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: at, languageId: 'python', version: 1, text },
      });
    const close = (at: string): Promise<void> =>
      server.connection.sendNotification('textDocument/didClose', { textDocument: { uri: at } });

    test.each([
      ['of this machine', ''],
      ['of a remote window', 'ssh-remote%2Bbox'],
      ['of a container', 'dev-container%2B7b2268'],
    ])('%s describe a layer in the model that another cell names', async (_, authority) => {
      const [loads, other] = [cell('W0sZmlsZQ%3D%3D', authority), cell('W1sZmlsZQ%3D%3D', authority)];
      expect(await hover(other, 'python', "model.get_layer('conv1')", 'conv1')).toBeNull();
      await open(loads, "model = load_model('toy.keras')");
      expect(await hover(other, 'python', "model.get_layer('conv1')", 'conv1')).toMatch(/conv1.*Conv2D/);
      // It does not apply to other notebooks or to files.
      const elsewhere = other.replace('book.ipynb', 'other.ipynb');
      expect(await hover(elsewhere, 'python', "model.get_layer('conv1')", 'conv1')).toBeNull();
      expect(await hover(uri('code.py'), 'python', "model.get_layer('conv1')", 'conv1')).toBeNull();
      await close(loads);
    });
  });

  test('describe a layer in the active model', async () => {
    await server.connection.sendNotification(protocol.activeModelChanged.method, { path: TOY });
    expect(await hover(uri('other.ts'), 'typescript', 'const a = "relu1";', 'relu1')).toMatch(/relu1.*ReLU/);
    await server.connection.sendNotification(protocol.activeModelChanged.method, { path: null });
    expect(await hover(uri('other.ts'), 'typescript', 'const a = "relu1";', 'relu1')).toBeNull();
  });

  test('describe a layer in model.json, which can be located, too', async () => {
    const text = readFileSync(SPOT, 'utf8');
    const shown = await hover(pathToFileURL(SPOT).href, 'json', text, '"conv2d_1"');
    expect(shown).toMatch(/conv2d\\_1.*Conv2D/);
    expect(shown).not.toContain('Classes');
    const last = await hover(pathToFileURL(SPOT).href, 'json', text, '"dense"');
    expect(last).toContain('Classes: no digit, digit (the settings beside the model)');
    const range = value(await server.request(protocol.locateLayer, { path: SPOT, layer: 'conv2d_1' }));
    const lines = text.split('\n').slice(range?.start.line, (range?.end.line ?? 0) + 1);
    expect(lines.join('\n')).toContain('"name": "conv2d_1"');
    expect(value(await server.request(protocol.locateLayer, { path: SPOT, layer: 'nope' }))).toBeNull();
    const gone = errorOf(
      await server.request(protocol.locateLayer, { path: join(folder, 'no.json'), layer: 'a' }),
    );
    expect(gone).toMatchObject({ kind: 'file-not-found', message: expect.stringContaining('no.json') });
  });
});

describe('the server process', () => {
  test('can be killed and replaced', async () => {
    const first = await startServer(SERVER, { backend: 'cpu' });
    const ended = once(first.process, 'exit');
    first.process.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
    const second = await startServer(SERVER, { backend: 'cpu' });
    expect((await second.request(protocol.openModel, { path: TOY })).ok).toBe(true);
    await second.stop();
  });

  test('ends when its parent closes the connection', async () => {
    const orphan = await startServer(SERVER, { backend: 'cpu' });
    const ended = once(orphan.process, 'exit');
    orphan.process.stdin?.end();
    await ended;
  });

  test('reports the backend that it uses', async () => {
    const other = await startServer(SERVER, { backend: 'wasm' });
    const notified = new Promise((done) =>
      other.connection.onNotification(protocol.backendChanged.method, done),
    );
    const status = value(await other.request(protocol.backendStatus, {}));
    expect(status).toMatchObject({ name: 'wasm', reason: expect.stringContaining('chosen') });
    expect(await notified).toEqual(status);
    await other.stop();
  });
});
