import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelHealth } from '../../../src/shared/results/health';
import { json, layerglass, refusal, sample } from '../cliProcess';

const CAT = [sample('4-cat-or-dog/cat-or-dog.keras'), '--input', sample('4-cat-or-dog/cat.png')];
const WASM = ['--backend', 'wasm'];

test('stats lists every layer before and after its activation', async () => {
  const { layers, firstBad } = await json<ModelHealth>(['stats', ...CAT, ...WASM]);
  expect(firstBad).toBeNull();
  const stages = layers.filter(({ path }) => path === 'vgg16/block5_conv3');
  expect(stages.map(({ stage }) => stage)).toEqual(['pre', 'post']);
  expect(Object.keys(stages[1] ?? {})).toEqual([
    ...['path', 'className', 'stage', 'output', 'shape', 'min', 'max', 'mean', 'std', 'negative', 'zero'],
    ...['nan', 'inf', 'deadChannels', 'channels', 'saturated'],
  ]);
  expect(stages[1]).toMatchObject({
    shape: [1, 6, 6, 32],
    min: 0,
    negative: 0,
    channels: 32,
    saturated: null,
  });
  const { stdout } = await layerglass(['stats', ...CAT, ...WASM]);
  expect(stdout).toMatch(/vgg16\/block5_conv3 +post +\(1, 6, 6, 32\) +0 /);
  expect(stdout).toContain('All values are finite.');
});

test('stats names the first NaN with its weight', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-stats-'));
  try {
    const model = join(folder, 'model.json');
    copyFileSync(sample('3-binary/spot/model.json'), model);
    const weights = readFileSync(sample('3-binary/spot/group1-shard1of1.bin'));
    weights.writeFloatLE(Number.NaN, weights.length - 4);
    writeFileSync(join(folder, 'group1-shard1of1.bin'), weights);
    const args = ['stats', model, '--input', sample('3-binary/digit.png'), ...WASM];
    const { firstBad, layers } = await json<ModelHealth>(args);
    expect(firstBad).toEqual({ path: 'dense', why: 'NaN: weight bias[0] = NaN' });
    expect(layers.at(-1)).toMatchObject({ path: 'dense', stage: 'post', nan: 1, min: 'NaN' });
    const { stdout } = await layerglass(args);
    expect(stdout).toContain('First NaN: dense, weight bias[0] = NaN.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('stats refuses a model without its input', async () => {
  expect(await refusal(['stats', sample('4-cat-or-dog/cat-or-dog.keras'), ...WASM])).toContain('--input');
});
