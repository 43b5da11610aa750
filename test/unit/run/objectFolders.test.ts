import { expect, test } from 'vitest';
import type { LayerEntry } from '../../../src/server/graph/graph';
import { LayerConfig } from '../../../src/server/graph/layerConfig';
import { objectFolders } from '../../../src/server/run/weights/objectFolders';

interface Options {
  readonly shared?: number;
  readonly layers?: readonly LayerEntry[];
  readonly config?: Record<string, unknown>;
  readonly kerasMajor?: number;
}

function layer(className: string, name: string, options: Options = {}): LayerEntry {
  const { shared, layers = null, config = {}, kerasMajor = 2 } = options;
  return {
    path: name,
    name,
    className,
    trainable: true,
    config: new LayerConfig(config, name, kerasMajor),
    weights: [],
    ...(shared !== undefined && { shared }),
    layers,
  };
}

const folders = (...layers: LayerEntry[]) =>
  [...objectFolders(layers)].map(([{ name }, folder]) => [name, folder]);

test('layers of one class are numbered in each model', () => {
  const inner = layer('Functional', 'inner', { layers: [layer('Dense', 'c')] });
  expect(folders(layer('Dense', 'a'), inner, layer('Dense', 'b'))).toEqual([
    ['a', 'layers/dense'],
    ['c', 'layers/functional/layers/dense'],
    ['b', 'layers/dense_1'],
  ]);
});

test.each([
  [2, 'layers/dense'],
  [3, 'layers/dense_1'],
])('a layer that a nested model has first is counted by Keras 3 only (%i)', (kerasMajor, last) => {
  const inner = layer('Functional', 'inner', { layers: [layer('Dense', 'a', { kerasMajor })] });
  const again = layer('Dense', 'a', { shared: 7, kerasMajor });
  expect(folders(inner, again, layer('Dense', 'b', { kerasMajor }))).toEqual([
    ['a', 'layers/functional/layers/dense'],
    ['a', 'layers/functional/layers/dense'],
    ['b', last],
  ]);
});

test('a nested model that occurs twice is written once', () => {
  const inner = (shared: number, dense: number) =>
    layer('Functional', 'inner', { shared, layers: [layer('Dense', 'a', { shared: dense })] });
  const outer = layer('Functional', 'outer', { layers: [inner(1, 2)] });
  expect(folders(outer, inner(1, 2), layer('Dense', 'b'))).toEqual([
    ['a', 'layers/functional/layers/functional/layers/dense'],
    ['a', 'layers/functional/layers/functional/layers/dense'],
    ['b', 'layers/dense'],
  ]);
});

test('where two layers may be the one, it and what is numbered after it are not known', () => {
  const nested = (name: string) => layer('Functional', name, { layers: [layer('Dense', 'a')] });
  const again = layer('Dense', 'a', { shared: 7 });
  const found = folders(nested('x'), nested('y'), again, layer('Dense', 'b'), layer('Conv2D', 'c'));
  expect(found.slice(2)).toEqual([
    ['a', null],
    ['b', null],
    ['c', 'layers/conv2d'],
  ]);
});

test('a layer that a wrapper holds, too, is not taken for the next one of its class', () => {
  const held = { class_name: 'Dense', config: { name: 'a' }, shared_object_id: 7 };
  const wrapper = layer('TimeDistributed', 'each', { config: { layer: held } });
  expect(folders(wrapper, layer('Dense', 'a', { shared: 7 }), layer('Dense', 'b'))).toEqual([
    ['each', 'layers/time_distributed'],
    ['a', null],
    ['b', 'layers/dense'],
  ]);
});
