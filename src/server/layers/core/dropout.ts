import * as l10n from '@vscode/l10n';
import type { KindTable, LayerKind } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { identity } from '../support/singleInput';

/** Layers that act in training only: in inference they pass their input through. */
const noOp: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  ...identity,
};

/** Keras 2 draws random numbers in `predict` too if the layer was called with `training=True`. */
const random: LayerKind = {
  ...noOp,
  takesTraining: true,
  notice: (config, { kwargs: { training } }) =>
    config.kerasMajor < 3 && (training === true || training === 1)
      ? l10n.t(
          'Called with training=True: Keras 2 draws random numbers here even in predict; Layerglass passes the input through.',
        )
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
  ActivityRegularization: noOp,
};
