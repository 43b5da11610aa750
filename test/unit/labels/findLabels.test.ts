import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { findLabels, labelsOf } from '../../../src/server/labels/labels';
import { OpenModels } from '../../../src/server/session/openModels';
import { sidecarPath } from '../../../src/shared/sidecar';
import { call3, dense, functional, inputLayer, type LayerJson } from '../graph/configs';

const root = mkdtempSync(join(tmpdir(), 'layerglass-labels-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder = '';
let count = 0;
beforeEach(() => {
  count += 1;
  folder = join(root, `${count}`);
  mkdirSync(folder);
});

const beside = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

const head = (name: string, units: number, activation: string): LayerJson => {
  const layer = dense(name, units, [call3('x')]);
  return { ...layer, config: { ...layer.config, activation } };
};

/** Opens a model of these layers after an input "x". */
async function opened(name: string, layers: readonly LayerJson[], outputs: readonly string[]) {
  const config = functional(
    name,
    [inputLayer('x', [null, 4]), ...layers],
    [['x', 0, 0]],
    outputs.map((layer) => [layer, 0, 0]),
  );
  const path = join(folder, 'net.json');
  writeFileSync(path, JSON.stringify({ ...config, keras_version: '3.15.1' }));
  return new OpenModels({ strict: true }).open(path);
}

const threeClasses = () => opened('net', [head('predictions', 3, 'softmax')], ['predictions']);
const THREE = ['ant', 'bee', 'cat'];

describe('the names of the classes of a model', () => {
  test.each([
    ['labels.txt', 'ant\nbee\ncat\n'],
    ['labels.txt', '0 ant\n1 bee\n2 cat'],
    ['labels.json', THREE],
    ['labels.json', { 0: 'ant', 1: 'bee', 2: 'cat' }],
    ['class_names.txt', 'ant\r\nbee\r\ncat\r\n'],
    ['metadata.json', { tfjsVersion: '1.3.1', labels: THREE, imageSize: 224 }],
  ])('come from %s beside it', async (name, content) => {
    beside(name, content);
    expect(await findLabels(await threeClasses())).toEqual({ labels: THREE, from: name, ignored: [] });
  });

  test('of a wrong number, and files that are damaged, are not used, and a sentence says so', async () => {
    beside('labels.txt', 'ant\nbee');
    beside('labels.json', '["ant",');
    beside('metadata.json', { author: 'somebody' });
    beside('class_names.txt', 'ant\nbee\ncat');
    const { labels, from, ignored } = await findLabels(await threeClasses());
    expect([labels, from]).toEqual([THREE, 'class_names.txt']);
    expect(ignored).toEqual([
      'labels.txt holds 2 class names, and the model takes 3. It is not used.',
      expect.stringMatching(/^labels\.json is not valid JSON.* It is not used\.$/),
    ]);
  });

  test('are not read from another folder', async () => {
    const elsewhere = join(root, 'elsewhere.txt');
    writeFileSync(elsewhere, 'ant\nbee\ncat');
    symlinkSync(elsewhere, join(folder, 'labels.txt'));
    expect(await findLabels(await threeClasses())).toEqual({ labels: [], from: null, ignored: [] });
  });

  test('in the settings beside it come first', async () => {
    beside('labels.txt', 'ant\nbee\ncat');
    const model = await threeClasses();
    writeFileSync(sidecarPath(model.path), JSON.stringify({ labels: ['a', 'b', 'c'] }));
    expect((await labelsOf(model)).labels).toEqual(['a', 'b', 'c']);
  });

  test('of a single sigmoid are two', async () => {
    beside('labels.txt', 'no\nyes');
    const model = await opened('net', [head('p', 1, 'sigmoid')], ['p']);
    expect((await findLabels(model)).labels).toEqual(['no', 'yes']);
  });

  test('come from the lookup that turns an index into a name, special tokens included', async () => {
    const lookup = (invert: boolean): LayerJson => ({
      class_name: 'StringLookup',
      name: 'names',
      config: { name: 'names', trainable: true, dtype: 'string', invert, vocabulary: ['bee', 'cat'] },
      inbound_nodes: [call3('x')],
    });
    const of = async (invert: boolean) =>
      findLabels(await opened('net', [head('p', 3, 'softmax'), lookup(invert)], ['p', 'names']));
    expect(await of(true)).toMatchObject({
      labels: ['[UNK]', 'bee', 'cat'],
      from: 'the vocabulary of names',
    });
    // The vocabulary of an input.
    expect(await of(false)).toMatchObject({ labels: [], from: null });
  });

  test('are those of ImageNet for the 1,000 classes of keras.applications alone', async () => {
    const of = async (name: string, units: number, activation: string) =>
      findLabels(await opened(name, [head('predictions', units, activation)], ['predictions']));
    const found = await of('vgg16', 1000, 'softmax');
    expect(found.from).toMatch(/ImageNet/);
    expect([0, 281, 999].map((index) => found.labels[index])).toEqual(['tench', 'tabby', 'toilet_tissue']);
    for (const other of [
      of('net', 1000, 'softmax'),
      of('vgg16', 999, 'softmax'),
      of('vgg16', 1000, 'linear'),
    ])
      expect((await other).labels).toEqual([]);
  });
});
