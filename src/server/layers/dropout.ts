import type { KindTable, LayerKind } from './kind';
import { onlyShape } from './layerInputs';
import { identity } from './single';

/** Layers that act in training only: at inference they hand their input on. */
const still: LayerKind = {
  role: 'dropout',
  isPassThrough: () => true,
  outputShapes: (config, inputs) => [onlyShape(config, inputs)],
  ...identity,
};

export const dropouts: KindTable = {
  Dropout: still,
  SpatialDropout1D: still,
  SpatialDropout2D: still,
  SpatialDropout3D: still,
  GaussianDropout: still,
  GaussianNoise: still,
  AlphaDropout: still,
  ActivityRegularization: still,
};
