import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { LayerConfig } from '../../graph/layerConfig';
import type { OpConfig } from '../../graph/opConfig';
import type { Tensor, TF } from '../../layers/kind';
import { poolingLayers } from '../../layers/pooling/pooling';
import {
  isSecondFirst,
  MAX_WEIGHTS,
  type Resampling,
  resample,
  resampleTransposed,
} from '../../layers/support/resampling';
import { type Operation, product, refuse, shapeText, singleOperand } from '../operation';
import { type OpKind, type OpTable, opKind } from './opKind';

/** The spatial entries of an attribute that has one number per axis. */
export function perSpace(config: OpConfig, key: string, spatial: 2 | 3, fallback?: number): number[] {
  if (!config.has(key) && fallback !== undefined) return new Array<number>(spatial).fill(fallback);
  const first = config.raw('data_format') === 'channels_first' ? 2 : 1;
  return config.ints(key, spatial + 2).slice(first, first + spatial);
}

const PADDINGS: ReadonlyMap<string, string> = new Map([
  ['SAME', 'same'],
  ['VALID', 'valid'],
]);

/** A Keras pooling layer with the arguments that correspond to the operation's attributes. */
function pool(className: 'MaxPooling' | 'AveragePooling', spatial: 2 | 3): OpKind {
  const kind = poolingLayers[`${className}${spatial}D`];
  const operation = (op: OpConfig): Operation => {
    const padding =
      PADDINGS.get(op.string('padding')) ?? refuse(l10n.t('its padding is neither SAME nor VALID.'));
    const config = new LayerConfig(
      {
        pool_size: perSpace(op, 'ksize', spatial),
        strides: perSpace(op, 'strides', spatial),
        padding,
        data_format: op.raw('data_format') ?? 'channels_last',
      },
      op.path,
      3,
    );
    const rest = { config, call: { args: [], kwargs: {} }, weights: [], masks: [] };
    return {
      outputShapes: (operands) => kind?.outputShapes(config, operands) ?? [],
      work: (operands) => kind?.work?.(config, operands, kind.outputShapes(config, operands)) ?? null,
      forward: (ctx, operands) => kind?.forward({ ...ctx, ...rest }, operands) ?? [],
      backward: (ctx, step) => kind?.backward({ ...ctx, ...rest }, step) ?? [],
    };
  };
  return opKind({ role: 'pooling', operation: ({ config }) => operation(config) });
}

const f = Math.fround;

/** The two of `from` positions between which each of `to` is interpolated; in float32, as TensorFlow's kernels. */
function resamplingOf(
  config: OpConfig,
  method: 'bilinear' | 'nearest',
  from: number,
  to: number,
): Resampling {
  const aligned = config.bool('align_corners', false);
  const centred = config.bool('half_pixel_centers', false);
  const scale = f(aligned && to > 1 ? (from - 1) / (to - 1) : from / to);
  const inside = (at: number): number => Math.max(0, Math.min(from - 1, at));
  const [low, high, fraction] = [new Int32Array(to), new Int32Array(to), new Float32Array(to)];
  for (let at = 0; at < to; at++) {
    const middle = f((centred ? f(at + 0.5) : at) * scale);
    if (method === 'nearest') {
      low[at] = inside(aligned ? Math.round(middle) : Math.floor(middle));
      continue;
    }
    const place = centred ? f(middle - 0.5) : middle;
    low[at] = inside(Math.floor(place));
    high[at] = inside(Math.ceil(place));
    fraction[at] = f(place - Math.floor(place));
  }
  const add = (row: Float32Array, at: number, weight: number): void => {
    row[at] = (row[at] ?? 0) + weight;
  };
  const weigh = (row: Float32Array, at: number): void => {
    add(row, low[at] ?? 0, 1 - (fraction[at] ?? 0));
    if (method !== 'nearest') add(row, high[at] ?? 0, fraction[at] ?? 0);
  };
  return { from, to, weigh, between: { low, towards: method === 'nearest' ? null : { high, fraction } } };
}

/** `tf.image.resize` of [batch, height, width, channels], also as versions before TensorFlow 2 resized. */
function resize(
  config: OpConfig,
  size: readonly (number | null)[],
  method: 'bilinear' | 'nearest',
): Operation {
  const [height = null, width = null] = size;
  const axes = (shape: readonly number[]): readonly [1 | 2, Resampling][] => {
    const rows = resamplingOf(config, method, shape[1] ?? 1, height ?? 1);
    const columns = resamplingOf(config, method, shape[2] ?? 1, width ?? 1);
    return isSecondFirst(columns, rows)
      ? [
          [1, rows],
          [2, columns],
        ]
      : [
          [2, columns],
          [1, rows],
        ];
  };
  return singleOperand({
    shape(operand: Shape): Shape {
      const [batch, rows, columns, channels] = operand;
      if (operand.length !== 4) return refuse(l10n.t('it resizes images only.'));
      if (rows === 0 || columns === 0)
        refuse(l10n.t('there is nothing to resize in {0}.', shapeText(operand)));
      if ((rows ?? 1) * (height ?? 1) > MAX_WEIGHTS || (columns ?? 1) * (width ?? 1) > MAX_WEIGHTS) {
        return refuse(l10n.t('images of {0} x {1} are too large.', String(height), String(width)));
      }
      return [batch ?? null, height, width, channels ?? null];
    },
    value: ({ tf }, x) =>
      axes(x.shape).reduce<Tensor>((y, [axis, by]) => resample(tf, y, axis, by), tf.cast(x, 'float32')),
    gradient: ({ tf }, gradient, x) =>
      axes(x.shape).reduceRight<Tensor>((g, [axis, by]) => resampleTransposed(tf, g, axis, by), gradient),
  });
}

const resizing = (method: 'bilinear' | 'nearest'): OpKind =>
  opKind({ operation: ({ config, sizes }) => resize(config, sizes(1), method), dtype: () => 'float32' });

/** Squares of `block` x `block` positions become channels (`SpaceToDepth`). */
function toDepth(tf: TF, x: Tensor, block: number): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const [rows, columns] = [height / block, width / block];
  const cut = tf.reshape(x, [batch * rows, block, columns, block * channels]);
  return tf.reshape(tf.transpose(cut, [0, 2, 1, 3]), [batch, rows, columns, block * block * channels]);
}

function toSpace(tf: TF, x: Tensor, block: number): Tensor {
  const [batch = 0, height = 0, width = 0, channels = 0] = x.shape;
  const inner = channels / block / block;
  const cut = tf.reshape(x, [batch * height, width, block, block * inner]);
  return tf.reshape(tf.transpose(cut, [0, 2, 1, 3]), [batch, height * block, width * block, inner]);
}

function blocks(op: 'DepthToSpace' | 'SpaceToDepth'): OpKind {
  const [there, back] = op === 'SpaceToDepth' ? [toDepth, toSpace] : [toSpace, toDepth];
  return opKind({
    operation({ config }) {
      const block = config.int('block_size');
      if (config.raw('data_format') === 'channels_first') refuse(l10n.t('it has its channels first.'));
      const scaled = (size: number | null | undefined, by: number): number | null => {
        const scaledSize = (size ?? 0) * by;
        if (block < 1 || !Number.isInteger(scaledSize))
          refuse(l10n.t('blocks of {0} do not divide {1}.', block, String(size)));
        return size === null || size === undefined ? null : scaledSize;
      };
      const factor = op === 'SpaceToDepth' ? 1 / block : block;
      return singleOperand({
        shape(operand) {
          if (operand.length !== 4) refuse(l10n.t('{0} is not a shape of images.', shapeText(operand)));
          const [batch = null, height, width, channels] = operand;
          const depth = scaled(channels, 1 / factor / factor);
          return [batch, scaled(height, factor), scaled(width, factor), depth];
        },
        value: ({ tf }, x) => there(tf, x, block),
        gradient: ({ tf }, gradient) => back(tf, gradient, block),
      });
    },
  });
}

/** Blocks of positions become samples of the batch and back, as around a dilated convolution of TensorFlow's. */
function batchBlocks(op: 'SpaceToBatchND' | 'BatchToSpaceND'): OpKind {
  const toBatch = op === 'SpaceToBatchND';
  return opKind({
    role: 'reshaping',
    operation({ numbers }) {
      const block = [...numbers(1)];
      const edges = numbers(2);
      const pairs = block.map((_, i): [number, number] => [edges[2 * i] ?? 0, edges[2 * i + 1] ?? 0]);
      const all = product(block);
      if (block.some((size) => size < 1)) refuse(l10n.t('a block is not positive.'));
      return singleOperand({
        shape: (operand) =>
          operand.map((size, axis) => {
            if (size === null) return null;
            if (axis === 0) return toBatch ? size * all : size / all;
            const by = block[axis - 1];
            if (by === undefined) return size;
            const [before, after] = pairs[axis - 1] ?? [0, 0];
            return toBatch ? (size + before + after) / by : size * by - before - after;
          }),
        value: ({ tf }, x) =>
          toBatch ? tf.spaceToBatchND(x, block, pairs) : tf.batchToSpaceND(x, block, pairs),
        gradient: ({ tf }, gradient) =>
          toBatch ? tf.batchToSpaceND(gradient, block, pairs) : tf.spaceToBatchND(gradient, block, pairs),
      });
    },
  });
}

/** Local response normalization across neighbouring channels (Krizhevsky et al. 2012). */
const localResponse: OpKind = opKind({
  operation({ config }) {
    const args = {
      depthRadius: config.int('depth_radius', 5),
      bias: config.number('bias', 1),
      alpha: config.number('alpha', 1),
      beta: config.number('beta', 0.5),
    };
    const { depthRadius, bias, alpha, beta } = args;
    return singleOperand({
      shape(operand) {
        if (operand.length !== 4) refuse(l10n.t('{0} is not a shape of images.', shapeText(operand)));
        return operand;
      },
      value: ({ tf }, x) =>
        tf.localResponseNormalization(
          x as Parameters<typeof tf.localResponseNormalization>[0],
          depthRadius,
          bias,
          alpha,
          beta,
        ),
      gradient: ({ tf }, dy, x, y) => tf.engine().runKernel(tf.LRNGrad, { x, y, dy }, { ...args }) as Tensor,
    });
  },
});

export const imageOps: OpTable = {
  MaxPool: pool('MaxPooling', 2),
  AvgPool: pool('AveragePooling', 2),
  MaxPool3D: pool('MaxPooling', 3),
  AvgPool3D: pool('AveragePooling', 3),
  ResizeBilinear: resizing('bilinear'),
  ResizeNearestNeighbor: resizing('nearest'),
  DepthToSpace: blocks('DepthToSpace'),
  SpaceToDepth: blocks('SpaceToDepth'),
  SpaceToBatchND: batchBlocks('SpaceToBatchND'),
  BatchToSpaceND: batchBlocks('BatchToSpaceND'),
  LRN: localResponse,
};
