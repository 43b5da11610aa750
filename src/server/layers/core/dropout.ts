import type { KindTable, LayerKind } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { identity } from '../support/singleInput';

/** Layers that act in training only: at inference they hand their input on. */
const still: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  ...identity,
};

/** Keras 2 draws random numbers in `predict`, too, where the layer was called with `training=True`. */
const random: LayerKind = {
  ...still,
  takesTraining: true,
  notice: (config, { kwargs: { training } }) =>
    config.kerasMajor < 3 && (training === true || training === 1)
      ? 'Called with training=True, so Keras 2 draws random numbers here in predict, too; Layerglass hands the input on.'
      : null,
};

export const dropoutLayers: KindTable = {
  Dropout: random,
  SpatialDropout1D: random,
  SpatialDropout2D: random,
  SpatialDropout3D: random,
  GaussianDropout: random,
  GaussianNoise: random,
  AlphaDropout: random,
  ActivityRegularization: still,
};
