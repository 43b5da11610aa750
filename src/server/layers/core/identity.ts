import type { KindTable, LayerKind } from '../kind';

/** `keras.layers.Identity`: passes one tensor or several through. */
const identity: LayerKind = {
  isPassThrough: () => true,
  outputShapes: (_config, inputs) => inputs,
  forward: ({ tf }, inputs) => inputs.map((input) => tf.clone(input)),
  backward: ({ tf }, { gradients }) => gradients.map((gradient) => gradient && tf.clone(gradient)),
};

export const identityLayers: KindTable = { Identity: identity };
