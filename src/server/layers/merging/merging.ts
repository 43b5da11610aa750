import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { allNames } from '../../../shared/texts/nameList';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { toRank, unbroadcast } from '../support/broadcasting';
import { isFloat, tensorAt } from '../support/layerInputs';
import { shapeText } from '../support/shapeMatching';
import { concatenate } from './concatenate';
import { dot } from './dot';
import { extremum } from './extremum';
import { featureMask, type Merge, mergedMask } from './mergeMasks';

/**
 * An elementwise merge of inputs that broadcast.
 * @param merge gets the inputs at equal rank; its gradients may have the output's shape or the input's.
 */
function elementwise(merge: Merge): LayerKind {
  const aligned = (ctx: LayerContext, inputs: readonly Tensor[]): Tensor[] => {
    tensorAt(ctx.config, inputs, 0);
    const rank = highest(inputs);
    return inputs.map((x) => toRank(ctx.tf, x, rank));
  };
  /** An input that Keras raises to a higher rank loses its mask before the merge. */
  const merging = (ctx: LayerContext, inputs: readonly Tensor[]): LayerContext => {
    const rank = highest(inputs);
    return { ...ctx, masks: inputs.map((x, i) => (x.rank < rank ? undefined : ctx.masks[i])) };
  };
  return {
    outputShapes: (config, inputs) => [broadcastShape(config, inputs)],
    // A copy, since the merge of a single input is that input.
    forward: (ctx, inputs) => [ctx.tf.clone(merge.value(merging(ctx, inputs), aligned(ctx, inputs)))],
    backward(ctx, step) {
      const [gradient] = step.gradients;
      if (!gradient) return step.inputs.map(() => null);
      const gradients = merge.gradients(merging(ctx, step.inputs), aligned(ctx, step.inputs), gradient);
      return step.inputs.map((input, i) => {
        const own = gradients[i];
        return own && isFloat(input) ? unbroadcast(ctx.tf, own, input.shape) : null;
      });
    },
    mask: mergedMask,
  };
}

const highest = (inputs: readonly Tensor[]): number => inputs.reduce((rank, x) => Math.max(rank, x.rank), 0);

/** As in Keras: the batch axis stays in front, the others are aligned from the last. */
function broadcastShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const [first, ...others] = inputs;
  if (first === undefined) {
    return fail('bad-config', l10n.t('Layer "{0}" is called without inputs.', config.path), {
      subject: config.path,
    });
  }
  const batches = inputs.flatMap(([size = null]) => (size === null || size === 1 ? [] : [size]));
  const batch = batches[0] ?? inputs.map(([size = null]) => size).find((size) => size !== null) ?? null;
  if (batches.some((size) => size !== batch)) mismatch(config, inputs);
  let merged = first.slice(1);
  for (const other of others) {
    const rest = other.slice(1);
    const [long, short] = merged.length >= rest.length ? [merged, rest] : [rest, merged];
    const lead = long.length - short.length;
    merged = long.map((a, axis) => {
      const b = axis < lead ? 1 : (short[axis - lead] ?? null);
      if (b === 1) return a;
      if (a === 1) return b;
      if (a === null || b === null) return null;
      return a === b ? a : mismatch(config, inputs);
    });
  }
  return [batch, ...merged];
}

function mismatch(config: LayerConfig, inputs: readonly Shape[]): never {
  const shapes = allNames(inputs.map(shapeText));
  return fail('wrong-shape', l10n.t('Layer "{0}" cannot merge inputs of shapes {1}.', config.path, shapes), {
    subject: config.path,
    remedy: l10n.t('The file is damaged; save the model again with Keras.'),
  });
}

const sum = (tf: TF, inputs: readonly Tensor[]): Tensor => inputs.reduce((a, b) => tf.add(a, b));
const product = (tf: TF, inputs: readonly Tensor[]): Tensor => inputs.reduce((a, b) => tf.mul(a, b));

const add: Merge = {
  value: ({ tf }, inputs) => sum(tf, inputs),
  gradients: (_, inputs, gradient) => inputs.map(() => gradient),
};

const average: Merge = {
  value: ({ tf }, inputs) => tf.div(sum(tf, inputs), inputs.length),
  gradients: ({ tf }, inputs, gradient) => {
    const share = tf.div(gradient, inputs.length);
    return inputs.map(() => share);
  },
};

const subtract: Merge = {
  value({ tf, config }, inputs) {
    if (inputs.length !== 2) {
      return fail(
        'bad-config',
        l10n.t('Layer "{0}" expects two inputs but gets {1}.', config.path, inputs.length),
        {
          subject: config.path,
        },
      );
    }
    return tf.sub(tensorAt(config, inputs, 0), tensorAt(config, inputs, 1));
  },
  gradients: ({ tf }, _, gradient) => [gradient, tf.neg(gradient)],
};

/** In Keras 3 a masked input counts as 1, and the result is 0 where all are masked. */
const multiply: Merge = {
  value(ctx, inputs) {
    const { tf } = ctx;
    const masks = inputs.map((x, i) => featureMask(ctx, i, x));
    const all = product(
      tf,
      inputs.map((x, i) => onesWhereMasked(tf, x, masks[i])),
    );
    const open = openAnywhere(tf, masks);
    return open ? tf.mul(all, open) : all;
  },
  gradients(ctx, inputs, gradient) {
    const { tf } = ctx;
    const masks = inputs.map((x, i) => featureMask(ctx, i, x));
    const factors = inputs.map((x, i) => onesWhereMasked(tf, x, masks[i]));
    const open = openAnywhere(tf, masks);
    const reaching = open ? tf.mul(gradient, open) : gradient;
    return inputs.map((_, i) => {
      const others = factors.filter((__, j) => j !== i);
      const own = product(tf, [reaching, ...others]);
      const mask = masks[i];
      return mask ? tf.mul(own, mask) : own;
    });
  },
};

function onesWhereMasked(tf: TF, x: Tensor, mask: Tensor | undefined): Tensor {
  return mask ? tf.add(tf.mul(x, mask), tf.sub(1, mask)) : x;
}

/** 1 where at least one input is not masked; `undefined` unless every input has a mask. */
function openAnywhere(tf: TF, masks: readonly (Tensor | undefined)[]): Tensor | undefined {
  const given = masks.filter((mask) => mask !== undefined);
  return given.length === masks.length ? given.reduce((a, b) => tf.maximum(a, b)) : undefined;
}

/** Layers that merge several inputs into one output. */
export const mergingLayers: KindTable = {
  Add: elementwise(add),
  Subtract: elementwise(subtract),
  Multiply: elementwise(multiply),
  Average: elementwise(average),
  Maximum: elementwise(extremum('maximum')),
  Minimum: elementwise(extremum('minimum')),
  Concatenate: concatenate,
  Dot: dot,
};
