import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { multiplyAddsOf, times, workOf } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { Activation, FindKind, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { callMask } from '../support/callMask';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { type KnownLayer, knownLayer } from './knownLayer';
import { isModel, modelLayer } from './modelLayer';

/**
 * `keras.layers.TimeDistributed`: applies the wrapped layer to every time step, [batch, time, ...] -> [batch, time, ...].
 * Time is folded into the batch, so all steps are computed together.
 */
export function timeDistributed(known: FindKind): LayerKind {
  const model = modelLayer(known);
  const innerOf = (config: LayerConfig): KnownLayer =>
    knownLayer((layer) => (isModel(layer.config) ? model : known(layer.className)), config, true);
  return {
    isPassThrough(config, inputs) {
      const [, , ...rest] = timedShape(config, inputs);
      const inner = innerOf(config);
      return inner.kind.isPassThrough?.(inner.config, [[null, ...rest]]) ?? false;
    },
    outputShapes(config, inputs) {
      const [batch = null, time = null, ...rest] = timedShape(config, inputs);
      const inner = innerOf(config);
      const [shape = [], ...more] = inner.kind.outputShapes(inner.config, [[null, ...rest]]);
      if (more.length > 0) return rejectSeveral(config, inner.className, more.length + 1);
      return [[batch, time, ...shape.slice(1)]];
    },
    weights(config, inputs) {
      const [, , ...rest] = timedShape(config, inputs);
      const inner = innerOf(config);
      return (inner.kind.weights?.(inner.config, [[null, ...rest]]) ?? []).map((spec, i) => ({
        ...spec,
        trainable: spec.trainable && inner.trainable,
        at: `layer/${spec.at ?? `vars/${i}`}`,
      }));
    },
    multiplyAdds(config, inputs) {
      const [batch = null, time = null, ...rest] = timedShape(config, inputs);
      const { kind, config: own } = innerOf(config);
      const step = [[batch, ...rest]];
      return times(time, multiplyAddsOf(kind, own, step, kind.outputShapes(own, step)));
    },
    work(config, inputs) {
      const [batch = null, time = null, ...rest] = timedShape(config, inputs);
      const { kind, config: own } = innerOf(config);
      const step = [[batch, ...rest]];
      return times(time, workOf(kind, own, step, kind.outputShapes(own, step)));
    },
    workspace(config, inputs) {
      const [batch = null, time = null, ...rest] = timedShape(config, inputs);
      const { kind, config: own } = innerOf(config);
      // All steps are computed together.
      const folded = [[times(batch, time), ...rest]];
      return kind.workspace?.(own, folded, kind.outputShapes(own, folded)) ?? 0;
    },
    activationName(config) {
      const inner = innerOf(config);
      return inner.kind.activationName?.(inner.config) ?? null;
    },
    forward(ctx, inputs) {
      const input = tensorAt(ctx.config, inputs, 0);
      const inner = innerOf(ctx.config);
      const outputs = inner.kind.forward(innerContext(ctx, inner, inputs), [fold(ctx.tf, input)]);
      return outputs.map((output) => unfold(ctx.tf, output, input));
    },
    activation(config, weights) {
      const inner = innerOf(config);
      const activation = inner.kind.activation?.(inner.config, weights) ?? null;
      return activation && atEveryStep(activation);
    },
    backward(ctx, { inputs, outputs, gradients }) {
      const { tf, config } = ctx;
      const input = tensorAt(config, inputs, 0);
      if (!isFloat(input) || !gradients.some((gradient) => gradient)) return [null];
      const inner = innerOf(config);
      const own = innerContext(ctx, inner, inputs);
      const step = {
        inputs: [fold(tf, input)],
        outputs: outputs.map((output) => fold(tf, output)),
        gradients: gradients.map((gradient) => gradient && fold(tf, gradient)),
      };
      const [gradient = null] = inner.kind.backward(own, step);
      return [gradient && unfold(tf, gradient, input)];
    },
    mask(ctx, inputs) {
      const mask = callMask(ctx, inputs);
      // Keras 3 passes the mask through; Keras 2 uses the wrapped layer's output mask.
      if (ctx.config.kerasMajor >= 3) return mask;
      const inner = innerOf(ctx.config);
      const input = tensorAt(ctx.config, inputs, 0);
      const own = innerContext(ctx, inner, inputs);
      const inside = inner.kind.mask ? inner.kind.mask(own, [fold(ctx.tf, input)]) : own.masks[0];
      if (inside) return unfold(ctx.tf, inside, input);
      return mask && mask.rank > 2 ? ctx.tf.any(mask, range(2, mask.rank)) : mask;
    },
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function rejectSeveral(config: LayerConfig, className: string, count: number): never {
  return fail(
    'not-applicable',
    l10n.t(
      'Layer "{0}" wraps a "{1}" with {2} outputs, but TimeDistributed supports one.',
      config.path,
      className,
      count,
    ),
    {
      subject: config.path,
      remedy: l10n.t('Keras cannot run such a layer either; wrap a layer with one output.'),
    },
  );
}

function timedShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const shape = onlyShape(config, inputs);
  if (shape.length >= 3) return shape;
  return fail(
    'wrong-shape',
    l10n.t('Layer "{0}" expects [batch, time, ...] but gets {1} axes.', config.path, shape.length),
    {
      subject: config.path,
    },
  );
}

/**
 * Keras passes the wrapped layer the mask inside one step: none for a mask [batch, time], the mask of the words for
 * [batch, time, words].
 */
function innerContext(ctx: LayerContext, inner: KnownLayer, inputs: readonly Tensor[]): LayerContext {
  const mask = callMask(ctx, inputs);
  const inside = mask && mask.rank > 2 ? fold(ctx.tf, mask) : undefined;
  return { ...ctx, config: inner.config, masks: [inside], call: { args: [], kwargs: {} } };
}

/** [batch, time, ...] -> [batch * time, ...]. */
function fold(tf: TF, x: Tensor): Tensor {
  const [batch = 1, time = 1, ...rest] = x.shape;
  return tf.reshape(x, [batch * time, ...rest]);
}

/** The inverse of `fold`; `like` has the original batch and time axes. */
function unfold(tf: TF, x: Tensor, like: Tensor): Tensor {
  const [batch = 1, time = 1] = like.shape;
  return tf.reshape(x, [batch, time, ...x.shape.slice(1)]);
}

/** An activation may depend on several values (softmax over an axis), so it is applied to separate steps, too. */
function atEveryStep(activation: Activation): Activation {
  return {
    ...activation,
    forward: (tf, pre) => unfold(tf, activation.forward(tf, fold(tf, pre)), pre),
    backward: (tf, pre, out, gradient) =>
      unfold(tf, activation.backward(tf, fold(tf, pre), fold(tf, out), fold(tf, gradient)), pre),
  };
}
