import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InputSource, Preprocessing } from '../../../src/shared/inputs';
import * as protocol from '../../../src/shared/protocol';
import type { InputList, InputPredictions } from '../../../src/shared/results/gallery';
import { fixture, sample } from '../cliProcess';
import { errorOf, type ServerProcess, startServer, value } from '../serverProcess';

/** What Keras says, by file of test/fixtures/gallery (make_gallery.py). */
interface Expected {
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  readonly truth: readonly number[];
  readonly correct: number;
  readonly accuracy: number;
}

const at = (name: string): string => fixture(`gallery/${name}`);
const EXPECTED: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(at('expected.json'), 'utf8'));
const RAW: Preprocessing = { name: 'none' };
const EXTENSIONS = ['png', 'npy', 'npz', 'csv'];

let server: ServerProcess;
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerglass-gallery-'));
  server = await startServer(resolve(import.meta.dirname, '../../../dist/server.js'), { backend: 'wasm' });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(path: string) {
  const opened = value(await server.request(protocol.openModel, { path }));
  const settings = opened.sidecar.settings.ok ? opened.sidecar.settings.value : null;
  return { modelId: opened.modelId, labels: settings?.labels ?? opened.foundLabels.labels };
}

async function list(model: string, ...paths: string[]): Promise<{ modelId: string; found: InputList }> {
  const { modelId, labels } = await open(model);
  const params = { modelId, paths, extensions: EXTENSIONS, labels, preprocessing: RAW };
  return { modelId, found: value(await server.request(protocol.listInputs, params)) };
}

async function predict(
  modelId: string,
  examples: readonly (readonly InputSource[])[],
): Promise<InputPredictions> {
  const params = { modelId, inputs: examples.flat(), preprocessing: RAW };
  return value(await server.request(protocol.predictInputs, params));
}

async function predictAll(modelId: string, { inputs }: InputList) {
  const all: InputPredictions['predictions'][number][] = [];
  for (let from = 0; from < inputs.length; from += 32) {
    const part = inputs.slice(from, from + 32).map(({ sources }) => sources);
    all.push(...(await predict(modelId, part)).predictions);
  }
  return all.map((one) => {
    if (!one.ok) throw new Error(one.error.message);
    return one.value;
  });
}

describe('many inputs are predicted as Keras predicts them', () => {
  test.each([
    ['shapes.keras', 'shapes.npz'],
    ['shapes.keras', 'images'],
    ['flowers.keras', 'flowers.csv'],
  ])('%s on %s', async (model, source) => {
    const { modelId, found } = await list(at(model), at(source));
    const expected = EXPECTED[source];
    expect(found.notices).toEqual([]);
    expect(found.inputs.map(({ truth }) => truth)).toEqual(expected?.truth);
    const predicted = await predictAll(modelId, found);
    expect(predicted.map(({ index }) => index)).toEqual(expected?.classes);
    for (const [i, { probability }] of predicted.entries()) {
      const wanted = expected?.probabilities[i] ?? Number.NaN;
      expect(Math.abs((probability ?? 0) - wanted)).toBeLessThanOrEqual(1e-5 * wanted);
    }
    const correct = predicted.filter(({ index }, i) => index === found.inputs[i]?.truth).length;
    expect(correct).toBe(expected?.correct);
    expect(correct / predicted.length).toBeCloseTo(expected?.accuracy ?? 0, 6);
  });

  test('a model of two inputs, from an archive with an array for each', async () => {
    const { modelId, found } = await list(at('pair.keras'), at('pair.npz'));
    expect(found.inputs[3]?.sources).toEqual([
      { kind: 'file', path: at('pair.npz'), member: 'left', sample: 3 },
      { kind: 'file', path: at('pair.npz'), member: 'right', sample: 3 },
    ]);
    const predicted = await predictAll(modelId, found);
    expect(predicted.map(({ index }) => index)).toEqual(EXPECTED['pair.npz']?.classes);
    expect(predicted.map(({ probability }) => Math.fround(probability ?? 0))).toEqual(
      EXPECTED['pair.npz']?.probabilities.map((one) => expect.closeTo(one, 5)),
    );
  });

  test('the margin is that between the two strongest classes', async () => {
    const { modelId, found } = await list(at('pair.keras'), at('pair.npz'));
    for (const { probability, margin } of await predictAll(modelId, found))
      expect(margin).toBeCloseTo(2 * (probability ?? 0) - 1, 6);
  });
});

describe('what is listed', () => {
  test('the folder of a sample: its images, without the model and its settings', async () => {
    const { found } = await list(sample('4-cat-or-dog/cat-or-dog.keras'), sample('4-cat-or-dog'));
    expect(found.inputs.map(({ name }) => name)).toEqual(['cat-and-dog.png', 'cat.png', 'dog.png']);
    expect(found.inputs.every(({ truth }) => truth === null)).toBe(true);
    expect(found.notices).toEqual([]);
  });

  test('the arrays of an archive, where none is named as the input', async () => {
    const { found } = await list(sample('5-sigmoid/scores.keras'), sample('5-sigmoid/patients.npz'));
    expect(found.inputs.map(({ name }) => name)).toEqual(['patients.npz [sure]', 'patients.npz [malignant]']);
  });

  test('its version follows the files and the preprocessing', async () => {
    const image = join(folder, 'one.png');
    writeFileSync(image, readFileSync(at('images/bar/1.png')));
    const first = (await list(at('shapes.keras'), folder)).found.version;
    expect((await list(at('shapes.keras'), folder)).found.version).toBe(first);
    writeFileSync(image, readFileSync(at('images/dot/1.png')));
    const second = (await list(at('shapes.keras'), folder)).found.version;
    expect(second).not.toBe(first);
    const { modelId, labels } = await open(at('shapes.keras'));
    const scaled = {
      modelId,
      paths: [folder],
      extensions: EXTENSIONS,
      labels,
      preprocessing: { name: '0..1' },
    };
    const other = value(await server.request(protocol.listInputs, scaled as protocol.ListInputsParams));
    expect(other.version).not.toBe(second);
    rmSync(image);
  });

  test('of many files the first 10,000, and a sentence', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    for (let i = 0; i < 10_003; i++) writeFileSync(join(many, `${i}.png`), '');
    const { found } = await list(at('shapes.keras'), many);
    expect(found.inputs).toHaveLength(10_000);
    expect(found.inputs[10]?.name).toBe('10.png');
    expect(found.notices).toEqual([
      'The first 10,000 of 10,003 inputs are listed; choose fewer files to see the others.',
    ]);
    rmSync(many, { recursive: true });
  });
});

describe('one bad input fails alone', () => {
  test('in predictions and thumbnails', async () => {
    const bad = join(folder, 'bad.png');
    writeFileSync(bad, 'no image');
    const { modelId } = await open(at('shapes.keras'));
    const examples = [at('images/bar/1.png'), bad, at('images/dot/1.png')].map((path) => [
      { kind: 'file' as const, path },
    ]);
    const { kind, predictions } = await predict(modelId, examples);
    expect(kind).toBe('class');
    expect(predictions.map((one) => one.ok)).toEqual([true, false, true]);
    expect(JSON.stringify(predictions[1])).toContain('bad.png');
    const params = { modelId, inputs: examples.flat(), preprocessing: RAW, side: 64 };
    const shown = value(await server.request(protocol.thumbnails, params));
    expect(shown.map((one) => one.kind)).toEqual(['image', 'failed', 'image']);
    expect(shown[0]).toMatchObject({ image: { shape: [8, 8, 3], dtype: 'uint8' } });
  });

  test('a number of sources that fits no examples is refused', async () => {
    const { modelId } = await open(at('pair.keras'));
    const inputs = [{ kind: 'random' as const, seed: 1 }];
    const refused = errorOf(
      await server.request(protocol.predictInputs, { modelId, inputs, preprocessing: RAW }),
    );
    expect(refused.message).toContain('takes 2 inputs, and 1 sources');
  });
});

test('a row of a table is shown by its columns, a text as it is', async () => {
  const table = await open(at('flowers.keras'));
  const row = [{ kind: 'file' as const, path: at('flowers.csv'), member: '1' }];
  const [shown] = value(
    await server.request(protocol.thumbnails, { ...table, inputs: row, preprocessing: RAW, side: 64 }),
  );
  expect(shown).toMatchObject({ kind: 'text', text: expect.stringContaining('sepal length ') });
  expect(JSON.stringify(shown)).not.toContain('class');
  const text = await open(sample('6-text/review.keras'));
  const good = [{ kind: 'file' as const, path: sample('6-text/good.txt') }];
  const [review] = value(
    await server.request(protocol.thumbnails, { ...text, inputs: good, preprocessing: RAW, side: 64 }),
  );
  expect(review).toMatchObject({
    kind: 'text',
    text: readFileSync(sample('6-text/good.txt'), 'utf8').trim(),
  });
});
