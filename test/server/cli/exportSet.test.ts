import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNpy } from '../../../src/server/inputs/arrays/npy';
import type { ExplanationHeader } from '../../../src/shared/explanation';
import { type ExportedSet, SET_FILES } from '../../../src/shared/results/exportSet';
import { json, layerglass, refusal, sample } from '../cliProcess';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-set-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Exported = ExplanationHeader & { readonly export: ExportedSet };

const BINARY = [
  'explain',
  sample('3-binary/spot'),
  '--input',
  sample('3-binary/digit.png'),
  '--backend',
  'wasm',
];

/** Explains a sample and exports everything to a folder of its own. */
async function exported(name: string, args: readonly string[]) {
  const place = join(folder, name);
  const header = await json<Exported>([...args, '--export', place]);
  const array = (file: string) => parseNpy(readFileSync(join(place, file)), file);
  return { header, set: header.export, place, array };
}

/** The largest difference of two arrays, relative to the largest value of the second. */
function error(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs((found[i] ?? Number.NaN) - value))) / scale;
}

/** The sum over the channels of each position of [positions, channels], weighted. */
const weighted = (values: ArrayLike<number>, weights: ArrayLike<number>): number[] =>
  Array.from({ length: values.length / weights.length }, (_, position) =>
    Array.from(weights).reduce(
      (sum, weight, channel) => sum + weight * (values[position * weights.length + channel] ?? Number.NaN),
      0,
    ),
  );

test('one export writes every quantity of scenario 3, and they fit together', async () => {
  const { set, place, array } = await exported('binary', BINARY);
  expect(readdirSync(place).sort()).toEqual([...SET_FILES].sort());
  expect(set).toMatchObject({ folder: place, missing: [] });
  expect(set.files.map((file) => file.slice(place.length + 1)).sort()).toEqual([...SET_FILES].sort());

  const [output, gradient, weights] = ['layer-output', 'layer-gradient', 'channel-weights'].map((name) =>
    array(`${name}.npy`),
  );
  if (!output || !gradient || !weights) throw new Error('three arrays');
  expect([output.shape, gradient.shape, weights.shape]).toEqual([[44, 44, 20], [44, 44, 20], [20]]);
  const means = Array.from({ length: 20 }, (_, k) =>
    gradient.values.reduce((sum, value, i) => (i % 20 === k ? sum + value / (44 * 44) : sum), 0),
  );
  expect(error(weights.values, means)).toBeLessThan(1e-5);
  expect(error(array('grad-cam.npy').values, weighted(output.values, weights.values))).toBeLessThan(1e-5);
  expect(array('input.npy').shape).toEqual([95, 95, 1]);
  for (const name of ['input-gradient', 'guided-backprop', 'guided-grad-cam'])
    expect(array(`${name}.npy`).shape).toEqual([95, 95, 1]);
  for (const name of ['original', 'heat-map', 'overlay', 'cam', 'guided-backprop', 'guided-grad-cam'])
    expect(decode(readFileSync(join(place, `${name}.png`)))).toMatchObject({ width: 95, height: 95 });
});

test('the arrays are those of the methods alone, and CAM is H x W times Grad-CAM at its layer', async () => {
  const { set, array } = await exported('methods', [...BINARY, '--method', 'hires-cam']);
  const raw = async (...args: string[]) => {
    const file = join(folder, 'raw.npy');
    await json([...BINARY, ...args, '--raw', file]);
    return parseNpy(readFileSync(file), file).values;
  };
  expect(array('heat-map.npy').values).toEqual(await raw('--method', 'hires-cam'));
  expect(array('input-gradient.npy').values).toEqual(await raw('--method', 'saliency'));
  expect(array('guided-backprop.npy').values).toEqual(await raw('--method', 'guided-backprop'));
  expect(array('guided-grad-cam.npy').values).toEqual(await raw('--method', 'guided-grad-cam'));
  const pooled = await raw('--layer', 'max_pooling2d_1');
  expect(
    error(
      array('cam.npy').values,
      pooled.map((value) => value * 484),
    ),
  ).toBeLessThan(1e-5);
  expect(set.relation).toMatch(/^At layer "max_pooling2d_1", CAM is 484 \(22 x 22\) times Grad-CAM: /);
});

test('the index names model, input, target, layer, method and the shape of every file', async () => {
  const { header, set, place } = await exported('index', [...BINARY, '--negative']);
  const index = JSON.parse(readFileSync(join(place, 'index.json'), 'utf8'));
  expect(index).toMatchObject({
    model: 'model.json',
    inputs: [{ name: 'conv2d_input', from: 'digit.png' }],
    preprocessing: { name: '0..1' },
    method: 'grad-cam',
    layer: 'conv2d_1',
    target: { index: 0, value: header.target.value },
    sentence: header.sentence,
    camAndGradCam: set.relation,
  });
  const shapes = Object.fromEntries(
    index.files.map(({ file, shape }: { file: string; shape: number[] }) => [file, shape]),
  );
  expect(shapes).toMatchObject({ 'layer-gradient.npy': [44, 44, 20], 'channel-weights.npy': [20] });
  expect(Object.keys(shapes).sort()).toEqual(SET_FILES.filter((name) => !/README|index/.test(name)).sort());
  const text = readFileSync(join(place, 'README.txt'), 'utf8');
  expect(text).toContain(header.sentence);
  expect(text).toMatch(/layer-gradient\.npy +44 x 44 x 20 +dScore\/dA: the gradient of the score/);
  expect(text).not.toContain(folder);
});

test('what does not apply to a model is named with its reason, the rest is written', async () => {
  const table = await exported('table', [
    ...[
      'explain',
      sample('7-table/prices.keras'),
      '--input',
      sample('7-table/houses.csv'),
      '--backend',
      'wasm',
    ],
  ]);
  expect(table.set.missing.map(({ name }) => name)).toEqual([
    'original.png',
    'Layer output, gradient and channel weights',
    'Grad-CAM',
    'CAM',
    'Guided Grad-CAM',
  ]);
  expect(table.set.relation).toBeNull();
  expect(readdirSync(table.place)).toEqual(expect.arrayContaining(['heat-map.npy', 'guided-backprop.npy']));
  expect(existsSync(join(table.place, 'channel-weights.npy'))).toBe(false);
  const text = readFileSync(join(table.place, 'README.txt'), 'utf8');
  expect(text).toContain('  CAM: CAM needs a layer with an extent in space or time; this model has none.');
});

test('several inputs are numbered', async () => {
  const inputs = ['cracked.png', 'shaking.csv'].flatMap((name) => ['--input', sample('9-two-inputs', name)]);
  const { place, set } = await exported('two', [
    ...[
      'explain',
      sample('9-two-inputs/plates.keras'),
      ...inputs,
      '--method',
      'saliency',
      '--backend',
      'wasm',
    ],
  ]);
  expect(readdirSync(place)).toEqual(
    expect.arrayContaining([
      'input.0.npy',
      'input.1.npy',
      'original.0.png',
      'heat-map.0.png',
      'heat-map.1.npy',
    ]),
  );
  expect(set.missing[0]).toMatchObject({ name: 'original.1.png' });
});

test('the overlay of a segmentation has the outline of the target, as on the page', async () => {
  const { place } = await exported('mask', [
    ...['explain', sample('8-segmentation/shapes.keras')],
    ...['--input', sample('8-segmentation/disc-and-cross.png'), '--backend', 'wasm'],
    ...['--target', '1', '--region', '10,20,14,30', '--opacity', '0'],
  ]);
  const original = decode(readFileSync(join(place, 'original.png')));
  const overlay = decode(readFileSync(join(place, 'overlay.png')));
  expect([original.width, overlay.width, overlay.height]).toEqual([48, 384, 384]);
  const at = (x: number, y: number) => [...overlay.data.slice((y * 384 + x) * 3, (y * 384 + x) * 3 + 3)];
  // Eight pixels of the image for one of the input: black on the edges of the rectangle, white beside them.
  for (const [x, y] of [
    [80, 200],
    [112, 200],
    [96, 160],
    [96, 240],
  ] as const)
    expect(at(x, y)).toEqual([0, 0, 0]);
  for (const [x, y] of [
    [79, 200],
    [81, 200],
    [113, 200],
    [96, 159],
  ] as const)
    expect(at(x, y)).toEqual([255, 255, 255]);
  const inside = [...original.data.slice((25 * 48 + 12) * 3, (25 * 48 + 12) * 3 + 3)];
  expect(at(100, 204)).toEqual(inside);
});

test('files of an earlier set are replaced only with --overwrite', async () => {
  const place = join(folder, 'again');
  const args = [...BINARY, '--export', place];
  await json(args);
  writeFileSync(join(place, 'channel-weights.npy'), 'mine');
  expect(await refusal(args)).toContain(
    'again already contains original.png, input.npy, heat-map.png and 17 more files',
  );
  expect(readFileSync(join(place, 'channel-weights.npy'), 'utf8')).toBe('mine');
  const { stdout } = await layerglass([...args, '--overwrite']);
  expect(stdout).toContain(`wrote ${join(place, 'index.json')}`);
  expect(readFileSync(join(place, 'channel-weights.npy'), 'utf8')).not.toBe('mine');
});
