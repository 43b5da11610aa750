import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { viewGraph } from '../../../src/server/graph/viewGraph';
import { OpenModels } from '../../../src/server/session/openModels';
import { familyOf } from '../../../src/shared/graphView/families';
import type { ViewGraph } from '../../../src/shared/graphView/viewGraph';
import { box } from './graphs';

const SAMPLES = join(__dirname, '../../../samples');
const open = async (path: string): Promise<ViewGraph> =>
  viewGraph((await new OpenModels({ strict: true }).open(join(SAMPLES, path))).graph);

const connections = ({ nodes, edges }: ViewGraph): string[] =>
  edges.map(({ from, to }) => {
    const end = nodes[to];
    return `${nodes[from]?.path} > ${end?.kind === 'output' ? 'output ' : ''}${end?.path}`;
  });

describe('the boxes of a model', () => {
  test('inputs of nested models are connected to what the model is called on, call by call', async () => {
    const graph = await open('2-triplet/triplet.h5');
    const found = connections(graph);
    for (const connection of [
      'anchor > embedding/input_layer',
      'positive > embedding@2/input_layer',
      'negative > embedding@3/input_layer',
      'embedding@2/conv1_pad > embedding@2/conv1_conv',
      'concatenate > output concatenate',
    ]) {
      expect(found).toContain(connection);
    }
    const calls = graph.nodes.filter(({ kind }) => kind === 'group');
    expect(calls.map(({ label, call }) => [label, call])).toEqual([
      ['embedding', { number: 1, of: 3 }],
      ['embedding@2', { number: 2, of: 3 }],
      ['embedding@3', { number: 3, of: 3 }],
    ]);
    for (const [i, { parent }] of graph.nodes.entries()) expect(parent ?? -1).toBeLessThan(i);
  });

  test('the input of a Sequential model, which has no row, has a box', async () => {
    const graph = await open('3-binary/spot/model.json');
    expect(graph.nodes[0]).toMatchObject({ kind: 'input', outputShapes: [[null, 95, 95, 1]] });
    expect(graph.nodes.at(-1)).toMatchObject({ kind: 'output', outputShapes: [[null, 1]] });
    expect(graph.edges).toHaveLength(graph.nodes.length - 1);
  });

  test('every row but groups is connected as its summary says', async () => {
    const path = join(SAMPLES, '8-segmentation/shapes.keras');
    const { graph } = await new OpenModels({ strict: true }).open(path);
    const found = new Set(connections(viewGraph(graph)));
    for (const row of graph.summary.layers) {
      for (const from of row.inbound) expect(found).toContain(`${from} > ${row.path}`);
    }
  });
});

test.each([
  ['Conv2D', 'convolution'],
  ['tf.FusedConv2D', 'convolution'],
  ['BatchNormalization', 'normalization'],
  ['MaxPooling2D', 'pooling'],
  ['ops.Mean', 'pooling'],
  ['LSTM', 'recurrent'],
  ['MultiHeadAttention', 'attention'],
  ['Dense', 'dense'],
  ['tf.MatMul', 'dense'],
  ['ReLU', 'activation'],
  ['Concatenate', 'merging'],
  ['tf.AddV2', 'merging'],
  ['Flatten', 'reshaping'],
  ['SpatialDropout2D', 'regularization'],
  ['Rescaling', 'preprocessing'],
  ['Anything', 'other'],
])('%s is of the family %s', (className, family) => expect(familyOf(box('a', { className }))).toBe(family));
