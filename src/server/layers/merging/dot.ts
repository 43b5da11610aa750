import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { LayerContext, LayerKind, Tensor, TF } from '../kind';
import { axisAt } from '../support/axes';
import { isFloat, tensorAt } from '../support/layerInputs';
import { sizesMatch } from '../support/shapeMatching';

/**
 * Keras's batch-wise dot product of two inputs along one axis of each: [batch, ...a without its axis, ...b without its
 * axis]; two vectors give [batch, 1].
 */
export const dot: LayerKind = {
  outputShapes(config, inputs) {
    const [a, b] = inputs;
    if (a === undefined || b === undefined || inputs.length !== 2) return wrongCount(config, inputs.length);
    const [axisA, axisB] = axesOf(config, a.length, b.length);
    const [sizeA = null, sizeB = null] = [a[axisA], b[axisB]];
    if (!sizesMatch(a[0], b[0])) {
      return fail(
        'bad-config',
        l10n.t(
          'Layer "{0}" cannot multiply a batch of {1} with a batch of {2}.',
          config.path,
          String(a[0]),
          String(b[0]),
        ),
        {
          subject: config.path,
        },
      );
    }
    if (sizeA !== null && sizeB !== null && sizeA !== sizeB) {
      return fail(
        'wrong-shape',
        l10n.t(
          'Layer "{0}" cannot multiply axis {1} ({2} values) with axis {3} ({4}).',
          config.path,
          axisA,
          sizeA,
          axisB,
          sizeB,
        ),
        { subject: config.path },
      );
    }
    return [outputShape(a, b, axisA, axisB)];
  },
  multiplyAdds(config, [a = [], b = []], [output = []]) {
    const [axisA] = axesOf(config, a.length, b.length);
    return times(...output, a[axisA]);
  },
  forward(ctx, inputs) {
    const { tf, config } = ctx;
    const [a, b] = pair(ctx, inputs);
    const [axisA, axisB] = axesOf(config, a.rank, b.rank);
    const product = tf.matMul(
      asMatrix(tf, normal(ctx, a, axisA), axisA),
      asMatrix(tf, normal(ctx, b, axisB), axisB),
      false,
      true,
    );
    return [
      tf.reshape(
        product,
        outputShape(a.shape, b.shape, axisA, axisB).map((size) => size ?? 1),
      ),
    ];
  },
  backward(ctx, { inputs, gradients: [gradient] }) {
    if (!gradient) return inputs.map(() => null);
    const { tf, config } = ctx;
    const [a, b] = pair(ctx, inputs);
    const [axisA, axisB] = axesOf(config, a.rank, b.rank);
    const [rows, columns] = [
      asMatrix(tf, normal(ctx, a, axisA), axisA),
      asMatrix(tf, normal(ctx, b, axisB), axisB),
    ];
    const [batch = 1, m = 1] = rows.shape;
    const outer = tf.reshape(gradient, [batch, m, columns.shape[1] ?? 1]);
    const toA = fromMatrix(tf, tf.matMul(outer, columns), axisA, a.shape);
    const toB = fromMatrix(tf, tf.matMul(outer, rows, true), axisB, b.shape);
    return [
      isFloat(a) ? throughNormal(ctx, a, axisA, toA) : null,
      isFloat(b) ? throughNormal(ctx, b, axisB, toB) : null,
    ];
  },
  mask: () => undefined,
};

function axesOf(config: LayerConfig, rankA: number, rankB: number): [number, number] {
  const given = config.intList('axes');
  const [first = -1, second = first] = given;
  const axes: [number, number] = [axisAt(first, rankA, config), axisAt(second, rankB, config)];
  if (given.length < 1 || given.length > 2 || axes.includes(0)) {
    return config.bad('axes', l10n.t('one or two axes after the batch axis'), config.raw('axes'));
  }
  return axes;
}

function outputShape(a: Shape, b: Shape, axisA: number, axisB: number): (number | null)[] {
  const [batch = null] = a;
  const left = a.filter((_, axis) => axis !== 0 && axis !== axisA);
  const right = b.filter((_, axis) => axis !== 0 && axis !== axisB);
  const rest = [...left, ...right];
  return [batch, ...(rest.length > 0 ? rest : [1])];
}

function pair({ config }: LayerContext, inputs: readonly Tensor[]): [Tensor, Tensor] {
  if (inputs.length !== 2) return wrongCount(config, inputs.length);
  return [tensorAt(config, inputs, 0), tensorAt(config, inputs, 1)];
}

/** [batch, ...] -> [batch, others, size of `axis`]. */
function asMatrix(tf: TF, x: Tensor, axis: number): Tensor {
  const last = tf.transpose(x, axisToBack(x.rank, axis));
  return tf.reshape(last, [x.shape[0] ?? 1, -1, x.shape[axis] ?? 1]);
}

/** Undoes `asMatrix`. */
function fromMatrix(tf: TF, matrix: Tensor, axis: number, shape: readonly number[]): Tensor {
  const order = axisToBack(shape.length, axis);
  const last = tf.reshape(
    matrix,
    order.map((at) => shape[at] ?? 1),
  );
  return tf.transpose(
    last,
    order.map((_, at) => order.indexOf(at)),
  );
}

const axisToBack = (rank: number, axis: number): number[] => [
  ...Array.from({ length: rank }, (_, at) => at).filter((at) => at !== axis),
  axis,
];

/** 1 / length along the axis, bounded for a vector of zeros as in each version of Keras. */
function inverseLength({ tf, config }: LayerContext, x: Tensor, axis: number): Tensor {
  const largest = config.kerasMajor < 3 ? 1e6 : 1e7;
  return tf.minimum(tf.rsqrt(tf.sum(tf.square(x), axis, true)), largest);
}

function normal(ctx: LayerContext, x: Tensor, axis: number): Tensor {
  return ctx.config.bool('normalize', false) ? ctx.tf.mul(x, inverseLength(ctx, x, axis)) : x;
}

/** The gradient of a vector from that of its direction, which has no component along the vector. */
function throughNormal(ctx: LayerContext, x: Tensor, axis: number, gradient: Tensor): Tensor {
  const { tf, config } = ctx;
  if (!config.bool('normalize', false)) return gradient;
  const scale = inverseLength(ctx, x, axis);
  const direction = tf.mul(x, scale);
  const along = tf.mul(direction, tf.sum(tf.mul(gradient, direction), axis, true));
  return tf.mul(tf.sub(gradient, along), scale);
}

function wrongCount(config: LayerConfig, count: number): never {
  return fail('wrong-shape', l10n.t('Layer "{0}" expects two inputs but gets {1}.', config.path, count), {
    subject: config.path,
  });
}
