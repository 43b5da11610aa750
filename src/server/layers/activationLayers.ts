import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import type { WeightSpec } from '../graph/layerRule';
import { activationNameOf, layerAsActivation } from './activationSpelling';
import { activationOf, build } from './activations';
import type { Activation, KindTable, LayerKind } from './kind';
import { knownSize } from './knownSize';
import { onlyShape } from './layerInputs';
import { prelu } from './rectifiers';
import { identity } from './single';

/** `forward` hands the input on: it is the value before the activation, and `activation` does the work. */
const sameShape = {
  ...identity,
  outputShapes: (config: LayerConfig, inputs: readonly Shape[]) => [onlyShape(config, inputs)],
};

const activation: LayerKind = {
  ...sameShape,
  activationName: activationNameOf,
  activation: (config) => activationOf(config),
};

/** A layer that is one activation, its arguments being the layer's. */
function activationLayer(className: string): LayerKind {
  const spelling = (config: LayerConfig) => layerAsActivation(className, config);
  return {
    ...sameShape,
    activationName: (config) => spelling(config)?.name ?? null,
    activation(config): Activation | null {
      const found = spelling(config);
      return found === null ? null : build(found);
    },
  };
}

/** Slopes, one for each position of the input unless `shared_axes` shares them. */
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
    if (alpha === undefined) throw new RangeError(`layer "${config.path}" was run without its alpha`);
    return prelu(alpha);
  },
};

export const activationLayers: KindTable = {
  Activation: activation,
  ReLU: activationLayer('ReLU'),
  LeakyReLU: activationLayer('LeakyReLU'),
  ELU: activationLayer('ELU'),
  Softmax: activationLayer('Softmax'),
  PReLU: preluLayer,
};
