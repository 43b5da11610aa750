import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelFile } from '../../../src/server/formats/modelFile';
import { openModelFile } from '../../../src/server/formats/open';

const FIXTURES = join(__dirname, '../../fixtures/formats');
const fixture = (name: string): string => join(FIXTURES, name);

type Expected = Record<string, Record<string, { shape: number[]; values: number[] }>>;
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Expected & { inner: string[] };

const opened: ModelFile[] = [];
afterEach(() => {
  for (const model of opened.splice(0)) model.close();
});

async function open(name: string): Promise<ModelFile> {
  const model = await openModelFile(fixture(name));
  opened.push(model);
  return model;
}

/** Every weight that Python wrote, and no other, is listed with its shape and read with its values. */
async function expectWeights(model: ModelFile, name: string): Promise<void> {
  const index = await model.weights.index();
  const wanted = Object.entries(expected[name] ?? {});
  expect([...index.entries.keys()].sort()).toEqual(wanted.map(([key]) => key).sort());
  for (const [key, { shape, values }] of wanted) {
    expect(index.entries.get(key)?.shape, key).toEqual(shape);
    expect([...(await model.weights.read(key))], key).toEqual(values.map(Math.fround));
  }
}

describe('a Keras 3 .keras file', () => {
  it('returns its topology and reads stored weights in place', async () => {
    const model = await open('tiny.keras');
    expect(model).toMatchObject({ format: 'keras', kerasVersion: '3.15.1', path: fixture('tiny.keras') });
    expect(model.topology).toMatchObject({ class_name: 'Functional', config: { name: 'tiny' } });
    expect((await model.weights.index()).layout).toBe('keras3');
    await expectWeights(model, 'tiny.keras');
  });

  it('reads compressed weights from memory', async () => {
    await expectWeights(await open('deflated.keras'), 'tiny.keras');
  });

  it('casts bfloat16 to float32', async () => {
    const model = await open('bfloat16.keras');
    const key = 'layers/dense/vars/0';
    expect((await model.weights.index()).entries.get(key)).toEqual({ key, shape: [3, 2], dtype: 'bfloat16' });
    expect([...(await model.weights.read(key))]).toEqual(expected['bfloat16.keras']?.[key]?.values);
  });

  it('refuses to read after it was closed', async () => {
    const model = await open('tiny.keras');
    await model.weights.index();
    model.close();
    await expect(model.weights.read('layers/conv2d/vars/0')).rejects.toMatchObject({
      error: { kind: 'closed' },
    });
  });
});

describe('a Keras HDF5 file', () => {
  it('of Keras 3 groups the weights by top-level layer, nested models in their own order', async () => {
    const model = await open('tiny3.h5');
    expect(model).toMatchObject({ format: 'hdf5', kerasVersion: '3.15.1' });
    expect(model.topology).toMatchObject({ class_name: 'Functional', config: { name: 'tiny' } });
    const { layout, groups } = await model.weights.index();
    expect(layout).toBe('hdf5-legacy');
    expect([...groups.keys()]).toEqual([
      'picture',
      'first',
      'inner',
      'flat',
      'out',
      'top_level_model_weights',
    ]);
    expect(groups.get('flat')).toEqual([]);
    expect(groups.get('inner')).toEqual(expected.inner);
    await expectWeights(model, 'tiny3.h5');
  });

  it('of Keras 2 may split its lists into chunks and store any number type', async () => {
    const model = await open('keras2.h5');
    expect(model.kerasVersion).toBe('2.15.0');
    const { entries, groups } = await model.weights.index();
    expect(groups.get('d1')).toEqual(['/model_weights/d1/d1/kernel:0', '/model_weights/d1/d1/bias:0']);
    expect(groups.get('über')?.map((key) => entries.get(key)?.dtype)).toEqual([
      'float64',
      'int64',
      'bool',
      'float32',
    ]);
    await expectWeights(model, 'keras2.h5');
  });

  it.each(['large.h5', 'large-dense.h5'])('may have a topology of more than 64 kB: %s', async (name) => {
    const model = await open(name);
    expect(model.topology).toMatchObject({ class_name: 'Sequential', config: { name: 'large' } });
    await expectWeights(model, name);
  });

  it('names a weight that does not exist', async () => {
    const model = await open('keras2.h5');
    await expect(model.weights.read('/etc/passwd')).rejects.toMatchObject({ error: { kind: 'bad-weights' } });
  });

  it('refuses to read after it was closed', async () => {
    const model = await open('keras2.h5');
    model.close();
    model.close();
    await expect(model.weights.index()).rejects.toMatchObject({ error: { kind: 'closed' } });
  });
});

describe('a TensorFlow.js layers model', () => {
  it('reads weights across shards, quantized ones too', async () => {
    const model = await open('tfjs/model.json');
    expect(model).toMatchObject({ format: 'tfjs-layers', kerasVersion: '3.15.1' });
    expect(model.topology).toMatchObject({ class_name: 'Functional', config: { name: 'tiny' } });
    const { layout, entries } = await model.weights.index();
    expect(layout).toBe('tfjs');
    expect(entries.get('count')).toEqual({ key: 'count', shape: [3], dtype: 'int32' });
    await expectWeights(model, 'tfjs');
  });
});

it('keeps several models open at once', async () => {
  const models = await Promise.all(['tiny.keras', 'tiny3.h5', 'keras2.h5', 'deflated.keras'].map(open));
  await Promise.all(models.map((model) => model.weights.index()));
  models[1]?.close();
  await expectWeights(await open('tiny.keras'), 'tiny.keras');
  await expectWeights(await open('keras2.h5'), 'keras2.h5');
});
