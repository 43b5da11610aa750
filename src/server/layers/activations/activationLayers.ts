import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Activation, KindTable, LayerKind } from '../kind';
import { callMask } from '../support/callMask';
import { knownSize } from '../support/knownSize';
import { onlyShape } from '../support/layerInputs';
import { identity, oneToOne, onlyTensor } from '../support/singleInput';
import { activationNameOf, labelOf, layerAsActivation } from './activationSpec';
import { activationOf, buildActivation, checkActivation } from './activations';
import { prelu } from './rectifiers';

/** `forward` passes the input through: it is the value before the activation, which `activation` computes. */
const sameShape = {
  ...identity,
  outputShapes: (config: LayerConfig, inputs: readonly Shape[]) => [onlyShape(config, inputs)],
};

const activation: LayerKind = {
  ...sameShape,
  outputShapes(config, inputs) {
    checkActivation(config);
    return sameShape.outputShapes(config, inputs);
  },
  isPassThrough: (config) => activationNameOf(config) === null,
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
};

/** A layer that consists of one activation; the layer's arguments are the activation's. */
function activationLayer(className: string): LayerKind {
  const specOf = (config: LayerConfig) => layerAsActivation(className, config);
  return {
    ...sameShape,
    activationName: (config) => labelOf(specOf(config)),
    activation(config): Activation | null {
      const spec = specOf(config);
      return spec === null ? null : buildActivation(spec);
    },
  };
}

/** Keras's value for a masked logit. */
const MASKED_LOGIT = -1e9;

/** `keras.layers.Softmax`: masked positions get probability 0. */
const softmaxLayer: LayerKind = {
  ...activationLayer('Softmax'),
  forward(ctx, inputs) {
    const { tf } = ctx;
    const x = onlyTensor(inputs, ctx);
    const mask = callMask(ctx, inputs);
    return [
      mask === undefined ? tf.clone(x) : tf.where(tf.cast(mask, 'bool'), x, tf.fill(x.shape, MASKED_LOGIT)),
    ];
  },
  backward: oneToOne((ctx, gradient, { inputs }) => {
    const { tf } = ctx;
    const mask = callMask(ctx, inputs);
    return mask === undefined ? tf.clone(gradient) : tf.mul(gradient, tf.cast(mask, 'float32'));
  }),
};

/** The slopes: one per input position, shared along `shared_axes`. */
function alphaSpec(config: LayerConfig, inputs: readonly Shape[]): WeightSpec {
  const shape = onlyShape(config, inputs);
  const shared = config.has('shared_axes') ? config.intList('shared_axes') : [];
  const sizes = shape.slice(1).map((_, i) => (shared.includes(i + 1) ? 1 : knownSize(shape, i + 1, config)));
  return { name: 'alpha', shape: sizes, trainable: true };
}

const preluLayer: LayerKind = {
  ...sameShape,
  weights: (config, inputs) => [alphaSpec(config, inputs)],
  activationName: () => 'prelu',
  activation(config, [alpha]) {
    if (alpha === undefined) throw new RangeError(`Layer "${config.path}" was run without its alpha.`);
    return prelu(alpha);
  },
};

export const activationLayers: KindTable = {
  Activation: activation,
  ReLU: activationLayer('ReLU'),
  LeakyReLU: activationLayer('LeakyReLU'),
  ThresholdedReLU: activationLayer('ThresholdedReLU'),
  ELU: activationLayer('ELU'),
  Softmax: softmaxLayer,
  PReLU: preluLayer,
};
