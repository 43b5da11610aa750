import { fail } from '../../shared/errors';
import type { LayerConfig } from '../graph/layerConfig';
import type { KindTable, LayerKind, Tensor } from './kind';
import { onlyShape, tensorAt } from './layerInputs';

/** Ids [batch, ...] -> [batch, ..., output_dim]: one row of the table for each id. Ids may come as floats. */
const embedding: LayerKind = {
  outputShapes: (config, inputs) => [[...onlyShape(config, inputs), config.int('output_dim')]],
  weights: (config) => [
    { name: 'embeddings', shape: [config.int('input_dim'), config.int('output_dim')], trainable: true },
  ],
  forward({ tf, config, weights }, inputs) {
    const input = tensorAt(config, inputs, 0);
    checkIds(config, input);
    return [tf.gather(tensorAt(config, weights, 0), tf.cast(input, 'int32'))];
  },
  // Ids are counted, not measured: no gradient reaches them, also where they come as floats.
  backward: () => [null],
  mask: ({ tf, config }, inputs) =>
    config.bool('mask_zero', false) ? tf.notEqual(tensorAt(config, inputs, 0), 0) : undefined,
};

/** Backends differ in what they do about an id outside the table; TensorFlow refuses, and so do we. */
function checkIds(config: LayerConfig, input: Tensor): void {
  const known = config.int('input_dim');
  const outside = input.dataSync().find((id) => !(id > -1 && id < known));
  if (outside === undefined) return;
  fail(
    'bad-input',
    `Layer "${config.path}" takes ids from 0 to ${known - 1}, but the input holds ${outside}.`,
    {
      subject: config.path,
      remedy: 'Encode the input with the vocabulary that the model was trained with.',
    },
  );
}

export const embeddings: KindTable = { Embedding: embedding };
