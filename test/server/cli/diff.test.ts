import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Comparison } from '../../../src/shared/compare/comparison';
import { CLI, fixture, layerglass, sample } from '../cliProcess';

/** What Keras computes with each model, from test/fixtures/make_compare.py. */
const golden = z
  .record(
    z.string(),
    z.object({
      predictions: z.array(z.nullable(z.number())),
      weightChange: z.record(z.string(), z.number()),
    }),
  )
  .parse(JSON.parse(readFileSync(fixture('compare/golden.json'), 'utf8')));

const model = (name: string): string => fixture('compare', name);
const INPUT = ['--input', fixture('compare/input.npy'), '--backend', 'wasm'];
const folder = mkdtempSync(join(tmpdir(), 'layerglass-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a comparison with a model printed, by its arguments: several tests look at the same one. */
const printedBy = new Map<string, ReturnType<typeof layerglass>>();

async function diff(name: string, options: readonly string[] = INPUT, expected = 1): Promise<Comparison> {
  const args = ['diff', model('base.h5'), model(name), ...options, '--json'];
  const key = args.join(' ');
  const printing = printedBy.get(key) ?? layerglass(args);
  printedBy.set(key, printing);
  const { code, stdout, stderr } = await printing;
  expect(stderr).toBe('');
  expect(code, stdout).toBe(expected);
  return JSON.parse(stdout);
}
const layerOf = ({ layers }: Comparison, path: string) => layers.find((layer) => layer.path === path);
/** The layers of the model without its weights, as model.to_json() writes them. */
function layersAlone(): string {
  const { modelTopology } = JSON.parse(readFileSync(model('tfjs/model.json'), 'utf8'));
  const path = join(folder, 'layers.json');
  writeFileSync(path, JSON.stringify(modelTopology.model_config));
  return path;
}
/** A number of printed JSON, where infinities are texts. */
const printed = (value: unknown): number => Number(value);

describe.each(['base.h5', 'base.keras', 'tfjs', 'renamed.keras', 'exported'])(
  '%s is the same model',
  (name) => {
    test('on an input', async () => {
      const { isEqual, firstDifference, layers, predictions } = await diff(name, INPUT, 0);
      expect({ isEqual, firstDifference }).toEqual({ isEqual: true, firstDifference: null });
      expect(layers).toHaveLength(10);
      for (const layer of layers)
        expect(layer).toMatchObject({ status: 'same', config: [], valuesPart: false });
      const [output] = predictions ?? [];
      const base = golden.base?.predictions ?? [];
      for (const side of [output?.a, output?.b])
        for (const { index, probability } of side ?? [])
          expect(probability).toBeCloseTo(base[index] ?? Number.NaN, 5);
    });
  },
);

test('a nested model and its flat twin are the same model', async () => {
  const [a, b] = ['cat-or-dog.keras', 'cat-or-dog-flat.h5'].map((name) => sample('4-cat-or-dog', name));
  const input = ['--input', sample('4-cat-or-dog', 'cat.png'), '--backend', 'wasm'];
  const { code, stdout } = await layerglass(['diff', a ?? '', b ?? '', ...input, '--json']);
  expect(code).toBe(0);
  const { layers }: Comparison = JSON.parse(stdout);
  expect(layers.find(({ path }) => path === 'vgg16/block1_conv1')).toMatchObject({
    ...{ otherPath: 'block1_conv1', matchedBy: 'structure', status: 'same', valuesPart: false },
  });
});

test('without an input, layers and weights alone decide', async () => {
  const { predictions, layers } = await diff('tfjs', [], 0);
  expect(predictions).toBeNull();
  for (const { valueChange, weightChange, params } of layers) {
    expect(valueChange).toBeNull();
    expect(weightChange).toBe(params === 0 ? null : 0);
  }
});

test.each([
  ['changed-weight.keras', 'hidden', 'changed'],
  ['swapped-class.keras', 'pool', 'changed'],
  ['swapped-order.keras', 'left', 'changed'],
  ['wrong-scale.keras', 'scale', 'changed'],
  ['added.keras', 'extra', 'added'],
  ['removed.keras', 'norm', 'removed'],
  ['not-a-number.keras', 'edges', 'changed'],
  ['more-units.keras', 'hidden', 'changed'],
  ['half', 'edges', 'changed'],
  ['byte', 'edges', 'changed'],
  ['pruned.keras', 'hidden', 'changed'],
  ['quantized.keras', 'hidden', 'changed'],
])('%s: %s is the first difference, with and without an input', async (name, path, status) => {
  const found = await diff(name);
  expect(found.firstDifference).toEqual({ path, by: 'values' });
  expect(layerOf(found, path)?.status).toBe(status);
  expect((await diff(name, [])).firstDifference).toEqual({ path, by: 'layer' });
});

test('what differs is told with both values', async () => {
  const scaled = layerOf(await diff('wrong-scale.keras'), 'scale');
  expect(scaled?.config).toEqual([{ key: 'scale', a: String(1 / 255), b: String(1 / 127.5) }]);
  const swapped = layerOf(await diff('swapped-class.keras'), 'pool');
  expect(swapped?.config).toEqual([{ key: 'class_name', a: '"MaxPooling2D"', b: '"AveragePooling2D"' }]);
  const quantized = layerOf(await diff('quantized.keras'), 'hidden');
  expect(quantized?.config).toEqual([{ key: 'quantization', a: null, b: '"int8"' }]);
  const order = await diff('swapped-order.keras');
  expect(layerOf(order, 'left')?.config).toEqual([{ key: 'inputs', a: '["hidden"]', b: '["right"]' }]);
  const wider = layerOf(await diff('more-units.keras'), 'hidden');
  expect(wider?.config.map(({ key }) => key)).toEqual(['units', 'output_shape']);
  expect(wider?.weightChange).toBeNull();
});

test('a layer after the difference is the same layer with other values', async () => {
  const { layers } = await diff('changed-weight.keras');
  const parted = layers.filter(({ valuesPart }) => valuesPart).map(({ path }) => path);
  expect(parted).toEqual(['hidden', 'left', 'right', 'classes']);
  expect(layers.filter(({ status }) => status !== 'same').map(({ path }) => path)).toEqual(['hidden']);
});

test.each(Object.keys(golden).filter((name) => name !== 'base'))('%s: as Keras computes it', async (name) => {
  const found = await diff(`${name}.keras`, INPUT, name === 'renamed' ? 0 : 1);
  const expected = golden[name];
  for (const [path, change] of Object.entries(expected?.weightChange ?? {}))
    expect(layerOf(found, path)?.weightChange, path).toBeCloseTo(change, 6);
  for (const { index, probability } of found.predictions?.[0]?.b ?? []) {
    const value = expected?.predictions[index] ?? null;
    if (value !== null) expect(probability).toBeCloseTo(value, 5);
  }
});

test('a weight that is NaN in one model changes it without end', async () => {
  const edges = layerOf(await diff('not-a-number.keras'), 'edges');
  expect(printed(edges?.weightChange)).toBe(Number.POSITIVE_INFINITY);
  expect(printed(edges?.valueChange)).toBe(Number.POSITIVE_INFINITY);
});

test('a tolerance lets a twin of half precision agree in its values', async () => {
  const found = await diff('half', [...INPUT, '--tolerance', '0.01']);
  expect(found.layers.some(({ valuesPart }) => valuesPart)).toBe(false);
  expect(found.firstDifference).toEqual({ path: 'edges', by: 'layer' });
});

test('what cannot be compared is said, and is not called equal', async () => {
  const graph = await diff('exported', []);
  expect(graph.isEqual).toBe(false);
  expect(graph.notices[0]).toMatch(/saved_model\.pb consists of operations/);
  const weights = await diff('base.weights.h5', [], 0);
  expect(weights.layers.map(({ path, weightChange }) => [path, weightChange])).toEqual(
    ['edges', 'norm', 'hidden', 'left', 'right', 'classes'].map((path) => [path, 0]),
  );
  expect((await diff('base.weights.h5')).notices.at(-1)).toMatch(/^Values are not compared/);
  const { code, stdout } = await layerglass(['diff', model('base.h5'), layersAlone()]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Note: Weights are not compared, because layers\.json has none/m);
});

test('the text names the first difference and lists what differs', async () => {
  const { code, stdout } = await layerglass(['diff', model('base.h5'), model('wrong-scale.keras'), ...INPUT]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Values part first in scale\.$/m);
  expect(stdout).toMatch(/^! scale +Rescaling +changed/m);
  expect(stdout).not.toMatch(/^ {2}picture/m);
  const quantized = await layerglass(['diff', model('base.h5'), model('quantized.keras')]);
  expect(quantized.stdout).toMatch(/^The first difference is hidden\.$/m);
  expect(quantized.stdout).toMatch(/^ +quantization: ∅ → "int8"\n +Only B has the weights kernel_scale\.$/m);
  const same = await layerglass(['diff', model('base.h5'), model('tfjs')]);
  expect(same.stdout).toMatch(/^The models are equal: layers, arguments and weights\.$/m);
  expect(same.code).toBe(0);
});

test('a failure has an exit code of its own', async () => {
  const missing = await layerglass(['diff', model('base.h5'), model('none.h5')]);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/^layerglass: There is no file/);
  const usage = await layerglass(['diff', model('base.h5'), model('tfjs'), '--tolerance', 'little']);
  expect(usage.code).toBe(2);
});

describe('textconv', () => {
  const textconv = async (path: string): Promise<string> => {
    const { code, stdout, stderr } = await layerglass(['textconv', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  test('is the same text for the same model, and one line differs for one changed layer', async () => {
    const text = await textconv(model('base.h5'));
    expect(text).toBe(await textconv(model('base.keras')));
    expect(text).toBe(await textconv(model('tfjs')));
    const lines = text.split('\n');
    expect(lines).toHaveLength(12);
    const changed = (await textconv(model('changed-weight.keras'))).split('\n');
    expect(changed.filter((line, i) => line !== lines[i])).toHaveLength(1);
    expect(changed.find((line, i) => line !== lines[i])).toMatch(/^hidden {2}Dense {2}output \(None, 6\)/);
  });

  test('of a file that describes layers alone, it is the layers', async () => {
    const text = await textconv(layersAlone());
    expect(text).toMatch(/^weights not in this file$/m);
    expect(text).toMatch(/^hidden {2}Dense {2}output \(None, 6\) {2}parameters 222 {2}inputs flat {2}\{/m);
  });

  test('is what git diff and git log -p show, with the two lines of the documentation', async () => {
    const docs = readFileSync(join(__dirname, '../../../docs/cli.md'), 'utf8');
    const [, attributes = '', key = '', command = ''] =
      /echo '(.+)' >> \.gitattributes\ngit config (\S+) '(.+)'/.exec(docs) ?? [];
    const repository = join(folder, 'repository');
    mkdirSync(repository);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
        cwd: repository,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    const commit = (name: string): void => {
      copyFileSync(model(name), join(repository, 'net.keras'));
      git('add', '.');
      git('commit', '--message', name);
    };
    git('init');
    writeFileSync(join(repository, '.gitattributes'), `${attributes}\n`);
    git('config', key, command.replace('layerglass', `"${process.execPath}" "${CLI}"`));
    commit('base.keras');
    commit('changed-weight.keras');
    copyFileSync(model('wrong-scale.keras'), join(repository, 'net.keras'));
    const lines = (text: string): string[] => text.split('\n').filter((line) => /^[+-][^+-]/.test(line));
    // From the committed model to the one in the working tree: a weight goes back, and the scale is another one.
    expect(lines(git('diff')).map((line) => line.slice(0, 7))).toEqual([
      ...['-scale ', '+scale ', '-hidden', '+hidden'],
    ]);
    expect(git('diff')).toMatch(/^\+scale {2}Rescaling .*"scale":0\.00784/m);
    expect(lines(git('log', '-p', '-1')).map((line) => line.slice(0, 7))).toEqual(['-hidden', '+hidden']);
  });
});
