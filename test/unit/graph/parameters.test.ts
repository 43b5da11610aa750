import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelFile } from '../../../src/server/formats/open';
import { hoverMarkdown } from '../../../src/server/language/layerHover';
import { countUnknownWeights } from '../../../src/server/run/weights/unknownWeightCounts';
import { graphOf as graphOfFile } from '../../../src/server/session/modelGraph';
import { parameterText } from '../../../src/shared/amounts';
import { storeOf } from '../run/memoryModel';
import { dense, functional, graphOf, inputLayer, type LayerJson, row } from './configs';

/** Written by test/fixtures/make_custom.py: models with a convolution, layers of custom classes, a Lambda and a Dense. */
const CUSTOM = join(__dirname, '../../fixtures/custom');
const KERAS: Readonly<Record<string, { total: number }>> = JSON.parse(
  readFileSync(join(CUSTOM, 'parameters.json'), 'utf8'),
);

const zeros = (...shape: number[]) => ({
  shape,
  values: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0),
});

describe('unknown layers, and the layers after them, are counted in the file', () => {
  test.each(['documented.keras', 'documented.h5', 'documented/model.json'])('%s', async (name) => {
    const file = await openModelFile(join(CUSTOM, name));
    const bare = graphOfFile(file);
    expect(bare.summary.params).toMatchObject({ total: 76, isLowerBound: true });
    const graph = await countUnknownWeights(bare, file.weights);
    expect(graph.summary.params).toEqual({ total: 110, trainable: 76, nonTrainable: 0, undetermined: 34 });
    expect(graph.summary.params.total).toBe(KERAS.documented?.total);
    expect(row(graph, 'attended')).toMatchObject({ params: 22, undeterminedParams: 22 });
    expect(row(graph, 'attended').paramsAreLowerBound).toBeUndefined();
    expect(row(graph, 'mean')).toMatchObject({ params: 0 });
    expect(row(graph, 'out')).toMatchObject({ params: 12, undeterminedParams: 12 });
    const hover = hoverMarkdown([row(graph, 'attended')], graph.summary, name);
    expect(hover).toContain('Parameters: 22');
    file.close();
  });

  test.each(['nested.keras', 'nested.h5', 'nested/model.json'])('%s', async (name) => {
    const file = await openModelFile(join(CUSTOM, name));
    const { params } = (await countUnknownWeights(graphOfFile(file), file.weights)).summary;
    expect(params).toEqual({ total: KERAS.nested?.total, trainable: 0, nonTrainable: 0, undetermined: 136 });
    file.close();
  });
});

describe('a nested model with an unknown layer', () => {
  const mine: LayerJson = {
    class_name: 'Mine',
    name: 'mine',
    config: { name: 'mine' },
    inbound_nodes: [[['a', 0, 0, {}]]],
  };
  const inner = functional(
    'inner',
    [inputLayer('in', [null, 4]), dense('a', 3, [[['in', 0, 0, {}]]]), mine],
    [['in', 0, 0]],
    [['mine', 0, 0]],
    [[['x', 0, 0, {}]]],
  );
  const graph = graphOf(
    functional(
      'm',
      [inputLayer('x', [null, 4]), inner, dense('out', 2, [[['inner', 1, 0, {}]]])],
      [['x', 0, 0]],
      [['out', 0, 0]],
    ),
  );

  test('has at least the parameters of its known layers without a file', () => {
    expect(graph.summary.params).toEqual({ total: 15, trainable: 15, nonTrainable: 0, isLowerBound: true });
    expect(row(graph, 'inner')).toMatchObject({ params: 15, paramsAreLowerBound: true });
    expect(row(graph, 'inner/a').paramsAreLowerBound).toBeUndefined();
    expect(row(graph, 'out')).toMatchObject({ params: 0, paramsAreLowerBound: true });
    expect(hoverMarkdown([row(graph, 'out')], graph.summary, 'm')).toContain('Parameters: unknown');
    expect(hoverMarkdown([row(graph, 'inner')], graph.summary, 'm')).toContain('Parameters: at least 15');
  });

  test('has the parameters that the file contains under its name', async () => {
    const values = {
      'inner/a/kernel': zeros(4, 3),
      'inner/a/bias': zeros(3),
      'inner/mine/scale': zeros(7, 2),
      'out/kernel': zeros(5, 2),
      'out/bias': zeros(2),
    };
    const counted = await countUnknownWeights(graph, storeOf(new Map(Object.entries(values))));
    expect(counted.summary.params).toEqual({ total: 41, trainable: 15, nonTrainable: 0, undetermined: 26 });
    expect(row(counted, 'inner')).toMatchObject({ params: 29, undeterminedParams: 14 });
    expect(row(counted, 'inner').paramsAreLowerBound).toBeUndefined();
  });

  test('stays a lower bound if the file contains weights that belong to no layer', async () => {
    const values = { 'inner/a/kernel': zeros(4, 3), 'inner/a/bias': zeros(3), 'elsewhere/scale': zeros(7) };
    const counted = await countUnknownWeights(graph, storeOf(new Map(Object.entries(values))));
    expect(counted.summary.params).toMatchObject({ total: 15, isLowerBound: true });
  });

  test('stays a lower bound if too much would have to be unpacked', async () => {
    const store = {
      packed: { bytes: 2 ** 20, unpackedBytes: 2 ** 30 },
      index: async () => {
        throw new Error('asked');
      },
      read: async () => new Float32Array(),
    };
    expect(await countUnknownWeights(graph, store)).toBe(graph);
  });

  test('stays a lower bound if the weights cannot be read', async () => {
    const store = {
      index: async () => Promise.reject(new Error('gone')),
      read: async () => new Float32Array(),
    };
    expect((await countUnknownWeights(graph, store)).summary.params.isLowerBound).toBe(true);
  });
});

test('the count of a model of known layers is exact and does not read the file', async () => {
  const graph = graphOf(
    functional(
      'm',
      [inputLayer('x', [null, 4]), dense('a', 3, [[['x', 0, 0, {}]]])],
      [['x', 0, 0]],
      [['a', 0, 0]],
    ),
  );
  const store = {
    index: async () => {
      throw new Error('asked');
    },
    read: async () => new Float32Array(),
  };
  expect(await countUnknownWeights(graph, store)).toBe(graph);
  expect(graph.summary.params).toEqual({ total: 15, trainable: 15, nonTrainable: 0 });
});

test('numbers of parameters as text', () => {
  expect(parameterText(1234)).toBe('1,234');
  expect(parameterText(1234, true)).toBe('at least 1,234');
  expect(parameterText(0, true)).toBe('unknown');
});
