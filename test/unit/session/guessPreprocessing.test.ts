import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../src/server/graph/graph';
import { applicationOf } from '../../../src/server/session/applications';
import { guessPreprocessing, scalerOf } from '../../../src/server/session/guessPreprocessing';
import type { PreprocessingName } from '../../../src/shared/inputs';
import { call3, dense, functional, graphOf, inputLayer, kerasTensor, type LayerJson } from '../graph/configs';

/** How the networks of keras.applications begin, and what `preprocess_input` does for them: make_application_starts.py. */
interface Starts {
  readonly starts: Readonly<
    Record<string, { readonly preprocessing: PreprocessingName; readonly config: LayerJson }>
  >;
  readonly layers: Readonly<
    Record<string, { readonly preprocessing: PreprocessingName; readonly names: readonly string[] }>
  >;
}
const FIXTURE = join(__dirname, '../../fixtures/application_starts.json');
const { starts, layers } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Starts;

const KERAS = '3.15.1';

const layer = (class_name: string, config: Record<string, unknown>, from: string): LayerJson => {
  const name = class_name.toLowerCase();
  return { class_name, name, config: { name, trainable: true, ...config }, inbound_nodes: [call3(from)] };
};

/** A network of these layers in a row after an image. */
function network(name: string, channels: number, ...rest: readonly LayerJson[]): Graph {
  const all = [inputLayer('x', [null, 8, 8, channels]), ...rest];
  const last = all.at(-1)?.name;
  return graphOf(functional(name, all, [['x', 0, 0]], [[last, 0, 0]]), KERAS);
}

describe('the preprocessing of a model that nobody has chosen', () => {
  test('the fixture has every constructor of keras.applications', () => {
    expect(Object.keys(starts).filter((name) => !name.includes(' '))).toHaveLength(40);
  });

  test.each(Object.entries(starts))('%s', (_, { preprocessing, config }) => {
    expect(guessPreprocessing(graphOf(config, KERAS)).name).toBe(preprocessing);
  });

  test.each(Object.entries(layers))('a renamed %s is known by its layers', (_, { preprocessing, names }) => {
    const rows = names.map((name) => ({ name, path: name, isModel: false }));
    const found = applicationOf({
      nodes: new Map(),
      summary: { name: 'mine', layers: rows },
    } as unknown as Graph);
    // Those with "none" scale their input themselves, which their first layers say.
    if (preprocessing === 'none') expect(found?.family).toMatch(/EfficientNet|MobileNetV3|ConvNeXt/);
    else expect(found?.preprocessing).toBe(preprocessing);
  });

  test('is that of the network inside it', () => {
    const inner = starts.ResNet50?.config;
    if (inner === undefined) throw new Error('no ResNet50');
    const base: LayerJson = { ...inner, name: 'resnet50', inbound_nodes: [call3('x')] };
    const image = inputLayer('x', [null, 224, 224, 3]);
    const of = (layers: readonly LayerJson[]) =>
      guessPreprocessing(graphOf(functional('mine', layers, [['x', 0, 0]], [['resnet50', 0, 0]]), KERAS));
    expect(of([image, base])).toMatchObject({ name: 'caffe', why: expect.stringContaining('ResNet') });
    const scaled = { ...base, inbound_nodes: [call3('rescaling')] };
    const own = of([image, layer('Rescaling', { scale: 1 / 255, offset: 0 }, 'x'), scaled]);
    expect(own).toEqual({ name: 'none', why: 'the model scales its input itself, in layer rescaling' });
  });

  test('is none where arithmetic comes before any weight, and 0..1 where the file says nothing', () => {
    const divide: LayerJson = {
      class_name: 'TrueDivide',
      name: 'truedivide',
      config: { name: 'truedivide' },
      inbound_nodes: [call3('x')],
    };
    expect(guessPreprocessing(network('mine', 3, divide)).name).toBe('none');
    const flip = layer('RandomFlip', { mode: 'horizontal' }, 'x');
    const after = layer('Rescaling', { scale: 1 / 255, offset: 0 }, 'randomflip');
    expect(guessPreprocessing(network('mine', 3, flip, after)).name).toBe('none');
    const late = layer('Rescaling', { scale: 2, offset: 0 }, 'dense');
    expect(guessPreprocessing(network('mine', 3, dense('dense', 2, [call3('x')]), late)).name).toBe('0..1');
  });

  test('is not told by a layer that scales another input than the image', () => {
    const joined = { args: [['flatten', 'normalization'].map((name) => kerasTensor(name))], kwargs: {} };
    const all = [
      inputLayer('x', [null, 8, 8, 1]),
      inputLayer('readings', [null, 4]),
      layer('Normalization', { axis: -1 }, 'readings'),
      layer('Flatten', {}, 'x'),
      { ...layer('Concatenate', {}, 'x'), inbound_nodes: [joined] },
    ];
    const inputs = [
      ['x', 0, 0],
      ['readings', 0, 0],
    ];
    const both = graphOf(functional('both', all, inputs, [['concatenate', 0, 0]]), KERAS);
    expect(guessPreprocessing(both).name).toBe('0..1');
    expect(scalerOf(both)).toBe(null);
  });

  test('is for three channels only where the image has three', () => {
    expect(guessPreprocessing(network('vgg16', 3)).name).toBe('caffe');
    expect(guessPreprocessing(network('vgg16', 1)).name).toBe('0..1');
  });

  test('is not that of a network whose names a smaller one has', () => {
    const conv = (filters: number): LayerJson => ({
      ...layer(
        'Conv2D',
        { name: 'block1_conv1', filters, kernel_size: [3, 3], strides: [1, 1], padding: 'same' },
        'x',
      ),
      name: 'block1_conv1',
    });
    const of = (filters: number) => guessPreprocessing(network('vgg16', 3, conv(filters))).name;
    expect([of(64), of(4)]).toEqual(['caffe', '0..1']);
  });
});
