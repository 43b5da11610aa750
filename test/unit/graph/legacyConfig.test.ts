import { describe, expect, test } from 'vitest';
import { toKeras2 } from '../../../src/server/graph/keras/legacyConfig';
import { graphOf, row } from './configs';

const sequential = (...layers: readonly unknown[]) => ({ class_name: 'Sequential', config: layers });
const layer = (class_name: string, config: Record<string, unknown>) => ({
  class_name,
  config: { name: class_name.toLowerCase(), ...config },
});
const first = (...shape: readonly (number | null)[]) => ({ batch_input_shape: [null, ...shape] });

describe('topologies of Keras 1', () => {
  test('a list of layers with old names has the shapes and parameters of Keras 1', () => {
    const graph = graphOf(
      sequential(
        layer('Convolution2D', { ...first(3, 8, 8), nb_filter: 4, nb_row: 3, nb_col: 2, dim_ordering: 'th' }),
        layer('UpSampling2D', { size: [2, 2] }),
        layer('Flatten', {}),
        layer('Dense', { output_dim: 5, bias: false }),
      ),
      '1.2.2',
    );
    expect(row(graph, 'convolution2d')).toMatchObject({
      className: 'Conv2D',
      outputShapes: [[null, 4, 6, 7]],
      params: 76,
    });
    // It has no data format, so that of the rest of the model applies.
    expect(row(graph, 'upsampling2d').outputShapes).toEqual([[null, 4, 12, 14]]);
    expect(row(graph, 'dense')).toMatchObject({ outputShapes: [[null, 5]], params: 4 * 12 * 14 * 5 });
  });

  test('a topology of Keras 2 is unchanged', () => {
    const topology = {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          layer('Conv2D', {
            ...first(4, 4, 1),
            filters: 2,
            kernel_size: [3, 3],
            data_format: 'channels_last',
          }),
          layer('Embedding', { input_dim: 3, output_dim: 4 }),
        ],
      },
    };
    expect(toKeras2(topology, '2.4.0')).toEqual(topology);
  });

  test('a merge by Python code and a batch normalization of another mode are unknown, by their own names', () => {
    const graph = graphOf(
      sequential(
        layer('Dense', { ...first(4), output_dim: 5 }),
        layer('BatchNormalization', { mode: 2, axis: -1, epsilon: 0.001 }),
        layer('Merge', { mode: 'code', mode_type: 'lambda' }),
      ),
      '1.1.0',
    );
    expect(row(graph, 'dense').status).toBe('known');
    expect(row(graph, 'batchnormalization')).toMatchObject({
      className: 'BatchNormalization(mode=2)',
      status: 'unknown',
    });
    expect(row(graph, 'merge')).toMatchObject({ className: 'Merge', status: 'unknown' });
  });

  test('a cosine of matrices is refused: Keras 1 did not compute one', () => {
    const pair = (name: string) => layer('Dense', { ...first(3, 4), name, output_dim: 2 });
    const graph = graphOf(
      sequential(
        layer('Merge', {
          mode: 'cos',
          dot_axes: [2, 2],
          layers: [sequential(pair('a')), sequential(pair('b'))],
        }),
      ),
      '1.2.2',
    );
    expect(row(graph, 'merge').notice).toBe(
      'Layer "merge" merges inputs that are not vectors by "cos", which Keras 1 does not compute.',
    );
  });

  test.each([
    ['no branches', { mode: 'sum', layers: [] }],
    ['branches that are no layers', { mode: 'sum', layers: [7, null, 'x'] }],
    [
      'margins that are none',
      { mode: 'concat', layers: [layer('ZeroPadding2D', { ...first(2), padding: {} })] },
    ],
  ])('a damaged merge (%s) is a sentence, not a crash', (_, config) => {
    expect(() => graphOf(sequential(layer('Merge', config)), '1.2.2')).not.toThrow(TypeError);
  });
});
