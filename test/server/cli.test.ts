// Covers every command and option; hence longer than 400 lines.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNpy, writeNpy } from '../../src/server/inputs/arrays/npy';
import type { ExplanationHeader } from '../../src/shared/explanation';
import { METHOD_IDS, type MethodInfo } from '../../src/shared/methods';
import type { ModelSummary } from '../../src/shared/model';
import { readNumbers } from '../conformance/npz';
import { activation, writeTfjs } from './badModels';
import { CLI, fixture, json, layerglass, refusal, sample } from './cliProcess';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npy = (path: string) => parseNpy(readFileSync(path), path);
const SCORES = sample('5-sigmoid/scores.keras');
const SURE = sample('5-sigmoid/sure.npy');
const SPOT = sample('3-binary/spot/model.json');
const DIGIT = sample('3-binary/digit.png');

describe('inspect', () => {
  test('--json prints one document of the documented shape', async () => {
    const summary = await json<ModelSummary>(['inspect', SPOT]);
    expect(summary).toMatchObject({
      format: 'tfjs-layers',
      kerasVersion: expect.stringMatching(/^\d/),
      inputs: [{ shape: [null, 95, 95, 1], dtype: 'float32' }],
      outputs: [{ shape: [null, 1], dtype: 'float32' }],
    });
    expect(summary.params.total).toBe(summary.params.trainable + summary.params.nonTrainable);
    const convolution = summary.layers.find((row) => row.path === 'conv2d_1');
    expect(convolution).toMatchObject({
      name: 'conv2d_1',
      className: 'Conv2D',
      outputShapes: [[null, 44, 44, 20]],
      params: 3 * 3 * 20 * 20 + 20,
      inbound: ['max_pooling2d'],
      activation: 'relu',
    });
  });

  test('escapes control sequences in names', async () => {
    const topology = JSON.parse(readFileSync(SPOT, 'utf8'));
    const text = JSON.stringify(topology).replaceAll('conv2d_1', '\\u001b[2J\\u202econv\\nTotal params: 7');
    const path = join(folder, 'model.json');
    writeFileSync(path, text);
    for (const args of [
      ['inspect', path],
      ['inspect', path, '--json'],
      ['inspect', join(folder, '\u001b[2J')],
    ]) {
      const { stdout, stderr } = await layerglass(args);
      const shown = stdout + stderr;
      expect(shown).toMatch(/\\u001b\[2J/);
      expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
      expect(shown).not.toMatch(/^Total params: 7/m);
    }
  });

  test('a very long name widens only its own row', async () => {
    const long = 'x'.repeat(900);
    const path = join(folder, 'long.json');
    writeFileSync(path, readFileSync(SPOT, 'utf8').replaceAll('"conv2d_1"', `"${long}"`));
    const { stdout } = await layerglass(['inspect', path]);
    const [rule = ''] = stdout.split('\n').filter((line) => /^-+$/.test(line));
    expect(stdout).toContain(`${long} (Conv2D)`);
    expect(rule.length).toBeLessThan(300);
  });

  test('states data types other than float32 once, below the table', async () => {
    const { stdout } = await layerglass(['inspect', fixture('layers/dtype/dtype__mixed_float16.keras')]);
    expect(stdout).toContain(
      '\n5 layers of mixed_float16 (conv, norm, depth and 2 more): Layerglass computes in float32.\n',
    );
  });

  test('scenario 2: lists three calls of a model with fifteen outputs, each with its origin', async () => {
    const { params, layers, outputs } = await json<ModelSummary>(['inspect', sample('2-triplet/triplet.h5')]);
    expect(params).toEqual({ total: 84_608, trainable: 84_224, nonTrainable: 384 });
    expect(outputs.map((output) => output.shape)).toEqual([[null, 100, 100, 9]]);
    for (const path of ['embedding', 'embedding@2', 'embedding@3']) {
      const row = layers.find((layer) => layer.path === path);
      expect(row).toMatchObject({ isModel: true, calls: 3, params: 84_608 });
      expect(row?.outputShapes).toHaveLength(15);
      const origins = row?.outputOrigins?.map((origin) => origin.path) ?? [];
      expect(new Set(origins).size).toBe(15);
      expect(origins.every((origin) => layers.some((layer) => layer.path === origin))).toBe(true);
      expect(layers.filter((layer) => layer.parent === path).length).toBeGreaterThanOrEqual(15);
    }
    const joined = layers.find((layer) => layer.className === 'Concatenate');
    expect(joined?.inbound).toEqual(['embedding', 'embedding@2', 'embedding@3']);
    expect(joined?.inboundOutputs).toEqual([0, 0, 0]);
  });

  test('prints a table with totals as in Keras', async () => {
    const { code, stdout, stderr } = await layerglass(['inspect', SCORES]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/dense_612 \(Dense\) +\(None, 612\) +18,972 +18,360 +2\.45 kB {2}normalization\n/);
    expect(stdout).toContain('Total params: 19,646\nTrainable params: 19,585\nNon-trainable params: 61\n');
    expect(stdout).toContain('Multiply-adds for one example: 18,972\n');
    expect(stdout).toMatch(/Activation memory for one example: \d\.\d+ kB\n/);
  });

  test('does not fail if its output is closed early', async () => {
    const child = spawn(process.execPath, [CLI, 'inspect', sample('2-triplet/triplet.h5'), '--json']);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    await once(child, 'close');
    expect(stderr).toBe('');
  });
});

describe('run', () => {
  interface Ran {
    readonly backend: string;
    readonly files: readonly { path: string; stage: string; shape: readonly number[]; file: string }[];
  }

  test('names a row of a table and a sequence of a FASTA file', async () => {
    const output = async (name: string, model: string, input: string) => {
      const out = join(folder, name);
      const args = ['run', sample(model), '--input', sample(input), '--out', out];
      const [file] = (await json<Ran>(args)).files;
      return npy(file?.file ?? '').values[0];
    };
    expect(await output('first', '7-table/prices.keras', '7-table/houses.csv#1')).toBeCloseTo(6.8785, 3);
    expect(await output('second', '7-table/prices.keras', '7-table/houses.csv#2')).toBeCloseTo(0.9241, 3);
    const named = '1-sequence/without-motif.fasta#without-motif';
    expect(await output('named', '1-sequence/motif.keras', named)).toBeCloseTo(0.0049, 3);
    const args = ['run', sample('7-table/prices.keras'), '--input', sample('7-table/houses.csv#9')];
    expect(await refusal([...args, '--out', join(folder, 'none')])).toContain('there is no row 9');
  }, 120_000);

  test('--all writes every value before and after its activation, and the outputs', async () => {
    const out = join(folder, 'scores');
    const { files, backend } = await json<Ran>([
      'run',
      SCORES,
      '--input',
      SURE,
      '--all',
      '--out',
      out,
      '--backend',
      'cpu',
    ]);
    expect(backend).toBe('cpu');
    const names = [
      'dense_1.post.npy',
      'dense_1.pre.npy',
      'dense_612.post.npy',
      'dense_612.pre.npy',
      'normalization.post.npy',
      'output_0.npy',
    ];
    expect(readdirSync(out).sort()).toEqual(names);
    expect(files.map((file) => file.file).sort()).toEqual(names.map((name) => join(out, name)));
    for (const { file, shape } of files) expect(npy(file).shape).toEqual(shape);
    const pre = npy(join(out, 'dense_1.pre.npy')).values[0] ?? Number.NaN;
    expect(pre).toBeCloseTo(16.1786, 3);
    expect(npy(join(out, 'output_0.npy')).values[0]).toBeCloseTo(1 / (1 + Math.exp(-pre)), 6);
  });

  test('--stage, and file names of nested layers, later calls and several outputs', async () => {
    const out = join(folder, 'triplet');
    const images = ['anchor', 'positive', 'negative'].flatMap((name) => [
      '--input',
      sample('2-triplet', `${name}.png`),
    ]);
    const layers = ['embedding@2', 'embedding/conv1_conv', 'embedding@3/conv1_conv'].flatMap((path) => [
      '--layer',
      path,
    ]);
    await json([
      'run',
      sample('2-triplet/triplet.h5'),
      ...images,
      ...layers,
      '--stage',
      'post',
      '--out',
      out,
    ]);
    const several = Array.from({ length: 15 }, (_, i) => `embedding@2.post.${i}.npy`);
    expect(readdirSync(out).sort()).toEqual(
      [
        ...several,
        'embedding__conv1_conv.post.npy',
        'embedding@3__conv1_conv.post.npy',
        'output_0.npy',
      ].sort(),
    );
    expect(npy(join(out, 'output_0.npy')).shape).toEqual([1, 100, 100, 9]);
  });

  test('runs an array of several samples as a batch', async () => {
    const arrays = await readNumbers(fixture('layers/dense/dense__relu.npz'));
    const out = join(folder, 'batch');
    const x = `${fixture('layers/dense/dense__relu.npz')}#input.0`;
    await layerglass(['run', fixture('layers/dense/dense__relu.keras'), '--input', x, '--out', out]);
    const { shape, values } = npy(join(out, 'output_0.npy'));
    const expected = arrays.get('post:dense');
    expect(shape).toEqual(expected?.shape);
    expect(shape[0]).toBe(2);
    for (const [i, value] of [...values].entries()) expect(value).toBeCloseTo(expected?.values[i] ?? 0, 5);
  });

  test('prints a note about NaN in the input', async () => {
    const input = join(folder, 'nan.npy');
    writeFileSync(input, writeNpy(new Float32Array(30).fill(Number.NaN, 3, 4), [1, 30]));
    const { stdout } = await layerglass(['run', SCORES, '--input', input, '--out', join(folder, 'nan-out')]);
    expect(stdout).toMatch(/^Note: nan\.npy holds 1 value that is NaN or infinite/m);
  });

  test('preprocesses images as the sidecar file states, arrays only on request', async () => {
    const values = async (...more: string[]) => {
      const out = join(folder, `first-${more.join('-').replaceAll(/\W/g, '')}`);
      const path = (await json<ModelSummary>(['inspect', SPOT])).inputs[0]?.name ?? '';
      await json(['run', SPOT, '--layer', path, '--out', out, '--backend', 'cpu', ...more]);
      return npy(join(out, `${path}.post.npy`)).values;
    };
    const preprocessed = await values('--input', DIGIT);
    expect(Math.max(...preprocessed)).toBeLessThanOrEqual(1);
    const raw = await values('--input', DIGIT, '--preprocess', 'none');
    expect(Math.max(...raw)).toBeGreaterThan(1);
    const array = join(folder, 'digit.npy');
    writeFileSync(array, writeNpy(Float32Array.from(raw), [1, 95, 95, 1]));
    expect(Math.max(...(await values('--input', array)))).toBe(Math.max(...raw));
    expect(Math.max(...(await values('--input', array, '--preprocess', '0..1')))).toBeLessThanOrEqual(1);
  });
});

describe('explain', () => {
  test('--json prints one document of the documented shape; --out and --raw write files', async () => {
    const [png, svg, raw] = ['map.png', 'map.svg', 'deep/er/map.npy'].map((name) => join(folder, name));
    if (!png || !svg || !raw) throw new Error('three names give three paths');
    const header = await json<ExplanationHeader>([
      'explain',
      SPOT,
      '--input',
      DIGIT,
      '--out',
      png,
      '--raw',
      raw,
    ]);
    expect(header).toEqual({
      method: 'grad-cam',
      layer: 'conv2d_1',
      target: {
        index: 1,
        label: 'digit',
        negative: false,
        score: 'logit',
        value: expect.closeTo(4.2478, 3),
        probability: expect.closeTo(0.98591, 4),
        unit: null,
        versus: [],
        isVersusLookAlikes: false,
        positions: null,
      },
      options: expect.any(Object),
      display: 'positive',
      cost: { forward: 1, backward: 1 },
      completeness: null,
      input: 'conv2d_input',
      inputIndex: 0,
      raw: { shape: [44, 44], min: expect.any(Number), max: expect.any(Number) },
      others: [],
      binary: true,
      units: 2,
      predictions: [
        {
          index: 1,
          label: 'digit',
          logit: expect.closeTo(4.2478, 3),
          probability: expect.closeTo(0.98591, 4),
        },
        {
          index: 0,
          label: 'no digit',
          logit: expect.closeTo(-4.2478, 3),
          probability: expect.closeTo(0.01409, 4),
        },
      ],
      map: { shape: [44, 44], min: expect.any(Number), max: expect.any(Number), top: expect.any(Number) },
      onInput: true,
      placement: [
        { centre: 3.5, stride: 2, window: 8 },
        { centre: 3.5, stride: 2, window: 8 },
      ],
      backend: expect.stringMatching(/^(onnx|native|wasm|cpu)$/),
      timings: {
        load: expect.any(Number),
        forward: expect.any(Number),
        backward: expect.any(Number),
        total: expect.any(Number),
      },
      sentence: expect.stringMatching(/^Grad-CAM of class 1 \(digit\), p = 0\.99, at conv2d_1, 44 x 44$/),
      notices: [],
    });
    expect(header.timings.total).toBeGreaterThanOrEqual(header.timings.forward + header.timings.backward);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');
    const map = npy(raw);
    expect(map.shape).toEqual([44, 44]);
    expect(Math.max(...map.values)).toBeCloseTo(header.map.max, 6);
    await json(['explain', SPOT, '--input', DIGIT, '--out', svg]);
    expect(readFileSync(svg, 'utf8')).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
  });

  test('--target, --negative, --score, --layer and --method', async () => {
    const explain = (...more: string[]) =>
      json<ExplanationHeader>(['explain', SPOT, '--input', DIGIT, '--backend', 'cpu', ...more]);
    const zero = await explain('--target', '0');
    expect(zero.target).toMatchObject({
      index: 0,
      label: 'no digit',
      negative: true,
      value: expect.closeTo(-4.2478, 3),
    });
    const against = await explain('--target', '1', '--negative');
    expect(against.target).toEqual(zero.target);
    expect(against.map).toEqual(zero.map);
    expect((await explain('--score', 'probability')).target.value).toBeCloseTo(0.98591, 4);
    expect((await explain('--layer', 'conv2d')).map.shape).toEqual([93, 93]);
    expect((await explain('--method', 'saliency')).layer).toMatch(/input/);
  });

  test('--option, with which a method changes the input and writes one value per input value', async () => {
    const raw = join(folder, 'occlusion.npy');
    const asked = ['explain', SPOT, '--input', DIGIT, '--backend', 'cpu', '--method', 'occlusion'];
    const options = ['--option', 'window=50', '--option', 'stride=50'];
    const header = await json<ExplanationHeader>([...asked, ...options, '--raw', raw]);
    expect(header.options).toEqual({ window: 50, stride: 50, overlap: 'mean', baseline: 'zero' });
    // The image is 100 x 100; a single sigmoid is explained by p.
    expect(header.cost).toEqual({ forward: 1 + 4, backward: 0 });
    expect(header.target.score).toBe('probability');
    const map = npy(raw);
    expect(map.shape).toEqual(header.raw.shape);
    expect(new Set(map.values).size).toBeLessThanOrEqual(4);
    expect(await refusal([...asked, '--option', 'window=-1'])).toMatch(
      /The option "window" of Occlusion is not valid/,
    );
    expect(await refusal([...asked, '--option', 'samples=5'])).toMatch(/Occlusion has no option "samples"/);
  });

  test('explains a model without spatial layers at its input', async () => {
    const header = await json<ExplanationHeader>(['explain', SCORES, '--input', SURE, '--backend', 'cpu']);
    expect(header.method).toBe('saliency');
    expect(header.target.probability).toBeLessThan(1);
    const { stdout } = await layerglass(['explain', SCORES, '--input', SURE, '--backend', 'cpu']);
    expect(stdout).toMatch(/p = 1 - 9\.4e-8/);
    expect(stdout).not.toContain('p 1.0');
  });

  test('writes the whole map of a volume, draws one slice and notes which', async () => {
    const [raw, png, svg] = ['volume.npy', 'volume.png', 'volume.svg'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const args = ['explain', fixture('volume/last.keras'), '--input', fixture('volume/last.npy')];
    const header = await json<ExplanationHeader>([...args, '--raw', raw, '--out', png]);
    expect(header.layer).toBe('conv_b');
    expect(header.sentence).toMatch(/at conv_b, 5 x 3 x 4$/);
    expect(header.notices.join(' ')).toMatch(
      /shown is slice \d of 6 \(counted from 0\), the one with its largest/,
    );
    expect(npy(raw).shape).toEqual([5, 3, 4]);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG');
    expect((await layerglass([...args, '--method', 'guided-grad-cam', '--out', svg])).code).toBe(0);
    expect(readFileSync(svg, 'utf8')).toContain('<svg');
  });

  test('makes the same random input from the same seed', async () => {
    const scoreOf = async (seed: string) =>
      (await json<ExplanationHeader>(['explain', SCORES, '--input', seed, '--backend', 'cpu'])).target.value;
    expect(await scoreOf('random:3')).toBe(await scoreOf('random:3'));
    expect(await scoreOf('random:3')).not.toBe(await scoreOf('random:4'));
  });
});

test('a run that would take hours needs --costly', async () => {
  const pool = {
    class_name: 'MaxPooling2D',
    config: { name: 'pool', pool_size: [1024, 1024], strides: [1, 1], padding: 'same' },
  };
  const path = writeTfjs(join(folder, 'pooling'), [2048, 2048, 1], [pool]);
  const error = await refusal(['run', path, '--input', 'random', '--out', join(folder, 'pooled')]);
  expect(error).toMatch(/would take about \d+ (min|h|days), most of it in layer "pool"\./);
  expect(error).toMatch(/add --costly/);
  const small = writeTfjs(join(folder, 'small'), [4, 4, 1], [activation('a')]);
  const { code } = await layerglass(['run', small, '--input', 'random', '--costly', '--out', folder]);
  expect(code).toBe(0);
});

describe('methods', () => {
  test('lists every method with its options', async () => {
    const rows = await json<readonly (MethodInfo & { readonly id: string })[]>(['methods']);
    expect(rows.map(({ id }) => id)).toEqual(METHOD_IDS);
    for (const { options, paper, cost, scope, sign } of rows) {
      expect({ paper, cost }).toEqual({
        paper: expect.stringMatching(/ \d{4}$/),
        cost: expect.stringMatching(/F/),
      });
      expect(['layer signed', 'layer positive', 'input signed', 'input positive']).toContain(
        `${scope} ${sign}`,
      );
      for (const option of options)
        expect(option).toMatchObject({ name: expect.any(String), default: expect.anything() });
    }
    const { stdout } = await layerglass(['methods']);
    for (const id of METHOD_IDS)
      expect(stdout).toMatch(new RegExp(`^${id.replaceAll('+', '\\+')}  \\(`, 'm'));
  });
});

describe('what is explained', () => {
  const maps = async (...more: string[]) => {
    const raw = join(folder, 'target.npy');
    const header = await json<ExplanationHeader>(['explain', SPOT, '--input', DIGIT, '--raw', raw, ...more]);
    return { header, values: [...parseNpy(readFileSync(raw), raw).values] };
  };

  test('a class by its name, against another one: the difference of the logits', async () => {
    const own = await maps('--target', 'digit');
    const against = await maps('--target', 'digit', '--versus', 'no digit');
    expect(against.header.target).toMatchObject({ versus: [{ index: 0, label: 'no digit' }] });
    expect(against.header.target.value).toBeCloseTo(2 * own.header.target.value, 5);
    for (const [i, value] of own.values.entries())
      expect(Math.abs((against.values[i] ?? Number.NaN) - 2 * value)).toBeLessThan(1e-5);
    expect(against.header.sentence).toContain('class 1 (digit) rather than class 0 (no digit)');
  });

  test('a unit of a layer', async () => {
    const { header } = await maps('--unit', 'conv2d_1:3', '--layer', 'conv2d');
    expect(header.target).toMatchObject({ index: 3, unit: 'conv2d_1', positions: { count: 44 * 44 } });
    expect(header.sentence).toContain('unit 3 of conv2d_1, mean of 1936 positions');
  });

  test('the raw map of saliency has the shape of the input, and its heat map is a stated reduction', async () => {
    const { header, values } = await maps('--method', 'saliency', '--display', 'signed');
    expect(header).toMatchObject({
      raw: { shape: [95, 95, 1] },
      map: { shape: [95, 95] },
      display: 'signed',
    });
    expect(Math.min(...values)).toBeLessThan(0);
  });
});

describe('errors', () => {
  test.each([
    [['frobnicate'], /unknown command/],
    [['inspect'], /missing required argument 'model'/],
    [['inspect', SCORES, '--bogus'], /unknown option '--bogus'/],
    [['inspect', SCORES, '--backend', 'gpu'], /Allowed choices are auto, onnx, native, wasm, cpu/],
    [['run', SCORES, '--input', SURE], /--out <dir>' not specified/],
    [['run', SCORES, '--input', SURE, '--out', 'x', '--stage', 'during'], /pre, post, both/],
    [['explain', SCORES, '--input', SURE, '--method', 'magic'], /grad-cam, .*saliency/s],
    [['explain', SCORES, '--input', SURE, '--step', 'one'], /whole number/],
    [['explain', SCORES, '--input', SURE, '--region', '1,2,3'], /x0,y0,x1,y1/],
    [['explain', SCORES, '--input', SURE, '--unit', 'conv'], /layer:index/],
    [['explain', SCORES, '--input', SURE, '--option', 'steps'], /name=value/],
    [['explain', SCORES, '--input', SURE, '--preprocess', 'imagenet'], /Allowed values: none/],
    [['explain', SCORES, '--input', SURE, '--opacity', '7'], /from 0 to 1/],
    [['explain', SCORES, '--input', SURE, '--out', 'map.gif'], /ends in \.png or \.svg/],
    [['graph', SCORES, '--out', 'graph.png'], /ends in \.svg/],
    [['change', SPOT, '--input', DIGIT, '--out', 'mask.jpg'], /ends in \.png/],
  ])('usage error: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await layerglass(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  test.each([['--help'], ['inspect', '--help'], ['run', '--help'], ['explain', '--help'], ['--version']])(
    '%s %s succeeds',
    async (...args) => {
      const { code, stdout, stderr } = await layerglass(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.length).toBeGreaterThan(4);
    },
  );

  test.each([
    [['inspect', 'nothing.h5'], /no file .*nothing\.h5/],
    [['inspect', tmpdir()], /is a folder/],
    [['run', SCORES, '--input', SURE, '--layer', 'nope', '--out', 'x'], /no layer "nope"/],
    [['run', SCORES, '--input', DIGIT, '--out', 'x'], /digit\.png/],
    [['run', SCORES, '--out', 'x'], /takes 1 input .* not 0/],
    [['run', SCORES, '--input', SURE, '--input', SURE, '--out', 'x'], /takes 1 input .* not 2/],
    [['run', SCORES, '--input', 'none.npy', '--out', 'x'], /no file none\.npy/],
    [['run', SCORES, '--input', SURE, '--out', SURE], /could not be written.* a file where a folder must be/],
    [['explain', SCORES, '--input', SURE, '--target', '7'], /no class 7/],
    [['explain', SCORES, '--input', SURE, '--target', 'cat'], /no class "cat"/],
    [['explain', SCORES, '--input', SURE, '--method', 'grad-cam'], /Grad-CAM needs a layer/],
  ])('%j', async (args, sentence) => {
    expect(await refusal([...args, ...(args[0] === 'inspect' ? [] : ['--backend', 'cpu'])])).toMatch(
      sentence,
    );
  });

  test('a layer without the model around it is found for the user', async () => {
    const model = sample('4-cat-or-dog/cat-or-dog.keras');
    const args = ['explain', model, '--input', sample('4-cat-or-dog/cat.png'), '--backend', 'cpu'];
    expect(await refusal([...args, '--layer', 'block5_conv3'])).toMatch(/mean "vgg16\/block5_conv3"/);
  });

  test('the help lists each command in its group, and the first steps', async () => {
    const { stdout } = await layerglass(['--help']);
    expect(stdout).toMatch(
      /\nA model:\n {2}inspect .*\nMore:\n.* completion .*\n {2}help .*\nFirst steps:\n/s,
    );
    expect(stdout).not.toContain('\nCommands:');
  });

  test('stdout stays empty with --json', async () => {
    expect(await refusal(['inspect', 'nothing.h5', '--json'])).toMatch(/nothing\.h5/);
  });

  test('a requested backend that is not available', async () => {
    // In an empty folder, the command finds no native backend in a node_modules nearby, and here no library of a platform.
    const isolated = join(folder, 'isolated');
    cpSync(dirname(CLI), isolated, { recursive: true });
    rmSync(join(isolated, 'onnx'), { recursive: true, force: true });
    const args = ['explain', SCORES, '--input', SURE, '--json', '--backend'];
    const stderr = await refusal([...args, 'native'], join(isolated, 'cli.js'));
    expect(stderr).toMatch(/native: @tensorflow\/tfjs-node is not installed/);
    expect(stderr).toMatch(/npm run native/);
    expect(await refusal([...args, 'onnx'], join(isolated, 'cli.js'))).toMatch(
      /no library of ONNX Runtime for .* here\).*Leave out --backend/s,
    );
    const auto = await layerglass([...args, 'auto'], join(isolated, 'cli.js'));
    expect(auto.stderr).toBe('');
    expect(JSON.parse(auto.stdout)).toMatchObject({ backend: 'wasm' });
  });

  test('a Lambda layer is listed and never run; layers before it are computed', async () => {
    const ran = join(folder, 'it-ran');
    const model = join(folder, 'lambda', 'model.json');
    mkdirSync(dirname(model));
    const layers = [
      { class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, 2] } },
      { class_name: 'Activation', config: { name: 'before', activation: 'relu', dtype: 'float32' } },
      {
        class_name: 'Lambda',
        config: { name: 'evil', dtype: 'float32', function: `require('fs').writeFileSync('${ran}')` },
      },
      { class_name: 'Activation', config: { name: 'after', activation: 'relu', dtype: 'float32' } },
    ];
    const topology = { class_name: 'Sequential', config: { name: 's', layers } };
    writeFileSync(
      model,
      JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest: [] }),
    );
    const rows = (await json<ModelSummary>(['inspect', model])).layers;
    expect(rows.map((row) => [row.path, row.status, row.unknownBecause])).toEqual([
      ['before', 'known', undefined],
      ['evil', 'unknown', 'evil'],
      ['after', 'known', 'evil'],
    ]);
    const out = join(folder, 'lambda-out');
    const run = ['run', model, '--input', 'random', '--out', out, '--backend', 'cpu'];
    const { notices } = await json<{ notices: string[] }>([...run, '--layer', 'before']);
    expect(notices).toEqual([expect.stringMatching(/^Output 0 is unknown because of evil: .*Lambda/)]);
    expect(readdirSync(out)).toEqual(['before.post.npy', 'before.pre.npy']);
    rmSync(out, { recursive: true });
    const withoutLayer = await json<{ notices: string[] }>(run);
    expect(withoutLayer.notices).toEqual([
      notices[0],
      'No output is known. Written instead, as the last known values: before.',
    ]);
    expect(readdirSync(out)).toEqual(['before.post.npy', 'before.pre.npy']);
    expect(await refusal([...run, '--layer', 'after'])).toMatch(/"after" are unknown because of "evil"/);
    expect(existsSync(ran)).toBe(false);
  });

  test('a graph with a loop of unknown length writes the values before the loop and states why', async () => {
    const out = join(folder, 'open-ended-out');
    const series = join(folder, 'series.npy');
    writeFileSync(
      series,
      writeNpy(
        Float32Array.from({ length: 10 }, (_, i) => Math.sin(i)),
        [1, 5, 2],
      ),
    );
    const model = fixture('saved_models/open_ended');
    const run = ['run', model, '--input', series, '--out', out, '--backend', 'cpu'];
    const { stdout } = await layerglass(run);
    expect(stdout).toMatch(
      /Note: Output 0 is unknown because of .*while: How often the loop ".*" runs is decided/,
    );
    expect(stdout).toMatch(/Note: No output is known\. Written instead/);
    expect(readdirSync(out)).toContainEqual(expect.stringMatching(/gru_1__transpose\.post\.npy$/));
  });

  test('files that are not models, or are damaged', async () => {
    const write = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const whole = readFileSync(fixture('formats/tiny.keras'));
    for (const [path, sentence] of [
      [write('empty.h5', ''), /empty\.h5 is empty|0 bytes/],
      [write('text.h5', 'just text'), /text\.h5 is not a model/],
      [write('cut.keras', whole.subarray(0, 3000)), /cut\.keras is cut short|directory at its end/],
    ] as const) {
      expect(await refusal(['inspect', path])).toMatch(sentence);
    }
  });
});
