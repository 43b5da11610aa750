import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { multiplyAddsOf } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { FindKind, LayerContext, LayerKind } from '../kind';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { type KnownLayer, knownLayer } from './knownLayer';

/** The index of `vector_u` among the weights: right after the wrapped layer's kernel. */
const VECTOR_INDEX = 1;

/**
 * `keras.layers.SpectralNormalization` (Miyato et al. 2018) in inference mode: the wrapped layer unchanged, since training
 * stores the normalized kernel. As in Keras the output gets the input's dtype, so that an Embedding of integer ids returns
 * truncated vectors.
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
      if (kernel === undefined) return config.bad('layer', l10n.t('a layer with a kernel'), inner.className);
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
      if (output === undefined) throw new RangeError(`Layer "${ctx.config.path}" returned no output.`);
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
    // Keras means to drop the mask, but the wrapped layer's output tensor carries it, unless it was cast.
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

const innerTensors = <T>(weights: readonly T[]): T[] => weights.filter((_, i) => i !== VECTOR_INDEX);

const innerContext = (ctx: LayerContext, { config }: KnownLayer): LayerContext => ({
  ...ctx,
  config,
  weights: innerTensors(ctx.weights),
  call: { args: [], kwargs: {} },
});
