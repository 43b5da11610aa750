import type { Shape } from '../../../shared/model';
import { multiplyAddsOf } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { FindKind, LayerContext, LayerKind } from '../kind';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { type KnownLayer, knownLayer } from './knownLayer';

/** Where the wrapper's own vector stands among the weights: right behind the wrapped layer's kernel. */
const OWN = 1;

/**
 * `keras.layers.SpectralNormalization` (Miyato et al. 2018) in inference mode: the wrapped layer as it is, since training
 * stores the kernel normalized. Its output takes the dtype of the input, as in Keras, so that the vectors of an Embedding
 * of integer ids lose their fractions.
 */
export function spectralNormalization(known: FindKind): LayerKind {
  const innerOf = (config: LayerConfig): KnownLayer =>
    knownLayer(({ className }) => known(className), config);
  return {
    outputShapes(config, inputs) {
      onlyShape(config, inputs);
      const { kind, config: own } = innerOf(config);
      return kind.outputShapes(own, inputs);
    },
    weights(config, inputs) {
      const inner = innerOf(config);
      const [kernel, ...rest] = innerWeights(inner, inputs);
      if (kernel === undefined) return config.bad('layer', 'a layer with a kernel', inner.className);
      const vector = {
        name: 'vector_u',
        shape: [1, kernel.shape.at(-1) ?? 1],
        trainable: false,
        at: 'vars/1',
      };
      return [kernel, vector, ...rest];
    },
    multiplyAdds(config, inputs, outputs) {
      const { kind, config: own } = innerOf(config);
      return multiplyAddsOf(kind, own, inputs, outputs);
    },
    activationName(config) {
      const { kind, config: own } = innerOf(config);
      return kind.activationName?.(own) ?? null;
    },
    forward(ctx, inputs) {
      const inner = innerOf(ctx.config);
      const [output] = inner.kind.forward(innerContext(ctx, inner), inputs);
      if (output === undefined) throw new RangeError(`layer "${ctx.config.path}" gave nothing`);
      return [ctx.tf.cast(output, tensorAt(ctx.config, inputs, 0).dtype)];
    },
    activation(config, weights) {
      const { kind, config: own } = innerOf(config);
      return kind.activation?.(own, innerTensors(weights)) ?? null;
    },
    backward(ctx, step) {
      const inner = innerOf(ctx.config);
      return inner.kind.backward(innerContext(ctx, inner), step);
    },
    // Keras sets out to drop the mask, but what the wrapped layer gave carries it, unless it was cast.
    mask(ctx, inputs) {
      if (!isFloat(tensorAt(ctx.config, inputs, 0))) return undefined;
      const inner = innerOf(ctx.config);
      return inner.kind.mask ? inner.kind.mask(innerContext(ctx, inner), inputs) : ctx.masks[0];
    },
  };
}

function innerWeights({ kind, config, trainable }: KnownLayer, inputs: readonly Shape[]): WeightSpec[] {
  return (kind.weights?.(config, inputs) ?? []).map((spec, i) => ({
    ...spec,
    trainable: spec.trainable && trainable,
    at: `layer/${spec.at ?? `vars/${i}`}`,
  }));
}

const innerTensors = <T>(weights: readonly T[]): T[] => weights.filter((_, i) => i !== OWN);

const innerContext = (ctx: LayerContext, { config }: KnownLayer): LayerContext => ({
  ...ctx,
  config,
  weights: innerTensors(ctx.weights),
  call: { args: [], kwargs: {} },
});
