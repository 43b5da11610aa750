import type { Shape } from '../../../shared/model';
import type { LayerConfig } from '../../graph/layerConfig';
import { buildActivation } from '../../layers/activations/activations';
import { convolutionLayers } from '../../layers/convolution/convolution';
import type { KindTable, LayerKind, Tensor } from '../../layers/kind';
import { adaptivePoolingLayers } from '../../layers/pooling/adaptivePooling';
import { poolingLayers } from '../../layers/pooling/pooling';
import { resizingLayers } from '../../layers/preprocessing/resizing';
import { binary, where } from '../arithmetic/binary';
import { steps } from '../arithmetic/composed';
import { einsum } from '../arithmetic/einsum';
import { concatenate, repeat, reshape, transpose } from '../arranging/rearranging';
import { getItem, type IndexPart } from '../arranging/slicing';
import { formula, type Value } from '../compound';
import { axisIn, type Operation, ofOne, operandAt, product, refuse, shapeText } from '../operation';
import { throughKind } from '../throughKind';
import { constant } from '../values';

/** Arguments of an activation by Keras's names. */
type Arguments = Readonly<Record<string, unknown>>;

/** The values that a convolution's kernel and the arguments of the call give a layer's config. */
function convolutionConfig(arguments_: Arguments) {
  return ([input = [], kernel = []]: readonly Shape[]): Arguments => {
    const space = kernel.slice(0, -2);
    const isFirst = arguments_.data_format === 'channels_first';
    const channels = (isFirst ? input[1] : input.at(-1)) ?? null;
    const [last = null, previous = null] = [kernel.at(-1), kernel.at(-2)];
    if (channels !== null && previous !== null && channels % previous !== 0)
      refuse(`a kernel ${shapeText(kernel)} does not fit what has the shape ${shapeText(input)}.`);
    return {
      ...arguments_,
      use_bias: false,
      kernel_size: space,
      filters: last ?? 0,
      depth_multiplier: last ?? 1,
      groups: channels === null || previous === null ? 1 : channels / previous,
    };
  };
}

function kindOf(table: KindTable, className: string): LayerKind {
  return table[className] ?? refuse(`it works on as many axes as no layer of Keras does (${className}).`);
}

/** How many axes lie between batch and channels. */
const spaceOf = (shapes: readonly Shape[]): number => operandAt(shapes, 0).length - 2;

/** A layer kind that depends on the rank of the operand. */
function perRank(
  table: KindTable,
  name: (space: number) => string,
  values: (operands: readonly Shape[]) => Arguments,
  at: LayerConfig,
): Operation {
  const of = (shapes: readonly Shape[]): Operation =>
    throughKind(kindOf(table, name(spaceOf(shapes))), values, at);
  const shapesOf = (tensors: readonly Tensor[]): Shape[] => tensors.map(({ shape }) => shape);
  return {
    outputShapes: (operands) => of(operands).outputShapes(operands),
    multiplyAdds: (operands) => of(operands).multiplyAdds?.(operands) ?? null,
    work: (operands) => of(operands).work?.(operands) ?? null,
    forward: (on, operands) => of(shapesOf(operands)).forward(on, operands),
    backward: (on, step) => of(shapesOf(step.inputs)).backward?.(on, step) ?? [],
  };
}

/** `keras.ops.conv`: operands x and a constant kernel [..., channels / groups, filters]. */
export const convolution = (arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(convolutionLayers, (space) => `Conv${space}D`, convolutionConfig(arguments_), at);

/** `keras.ops.depthwise_conv`: operands x and a constant kernel [..., channels, multiplier]. */
export const depthwiseConvolution = (arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    convolutionLayers,
    (space) => `DepthwiseConv${space}D`,
    (operands) => ({ ...convolutionConfig(arguments_)(operands), groups: 1 }),
    at,
  );

/** `keras.ops.max_pool` and `average_pool`. */
export const pooling = (name: 'Max' | 'Average', arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    poolingLayers,
    (space) => `${name}Pooling${space}D`,
    () => arguments_,
    at,
  );

/** `keras.ops.adaptive_max_pool` and `adaptive_average_pool`. */
export const adaptivePooling = (name: 'Max' | 'Average', arguments_: Arguments, at: LayerConfig): Operation =>
  perRank(
    adaptivePoolingLayers,
    (space) => `Adaptive${name}Pooling${space}D`,
    () => arguments_,
    at,
  );

/** `keras.ops.image.resize`, of one image or of a batch. */
export function resize(arguments_: Arguments, at: LayerConfig): Operation {
  const layer = throughKind(kindOf(resizingLayers, 'Resizing'), () => arguments_, at);
  return formula((apply, operands) => {
    const image = operandAt(operands, 0);
    if (image.shape.length === 4) return apply(layer, image)[0];
    const [batch] = apply(reshape([1, ...image.shape]), image);
    const [resized] = apply(layer, batch);
    return apply(reshape(resized.shape.slice(1)), resized)[0];
  });
}

/** What `keras.ops.image.extract_patches` cuts: windows of `size` every `strides`, their places `dilation` apart. */
export interface Patches {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilation: number;
  readonly padding: 'same' | 'valid';
}

/**
 * `keras.ops.image.extract_patches` of images with their channels last: [batch, height, width, channels] gives
 * [batch, rows, columns, size * size * channels].
 */
export function extractPatches({ size, strides, dilation, padding }: Patches): Operation {
  if (product(size) > 4096 || size.some((n) => n < 1) || strides.some((n) => n < 1)) {
    refuse(`patches of ${size.join(' x ')} are not cut.`);
  }
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (x.shape.length !== 4 || height === null || width === null) {
      return refuse('patches are cut from a batch of images of known size.');
    }
    if (padding === 'same') refuse('patches that reach over the edge are not cut.');
    const [rows = 0, columns = 0] = [height, width].map((n, i) =>
      Math.floor((n - ((size[i] ?? 1) - 1) * dilation - 1) / (strides[i] ?? 1) + 1),
    );
    const [down, across] = size;
    if (strides[0] === down && strides[1] === across && dilation === 1) {
      // Side by side: only the order of values changes.
      const part = of(
        getItem([range(0, batch, 1), range(0, rows * down, 1), range(0, columns * across, 1)]),
        x,
      );
      const apart = of(reshape([batch ?? -1, rows, down, columns, across, channels]), part);
      const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
      return of(
        reshape([batch ?? -1, rows, columns, channels === null ? null : down * across * channels]),
        ordered,
      );
    }
    const cuts = Array.from({ length: down * across }, (_, i): Value => {
      const [top, left] = [Math.floor(i / across) * dilation, (i % across) * dilation];
      const along = (start: number, count: number, step: number) =>
        range(start, start + (count - 1) * step + 1, step);
      return of(
        getItem([range(0, batch, 1), along(top, rows, strides[0]), along(left, columns, strides[1])]),
        x,
      );
    });
    return of(concatenate(3), ...cuts);
  });
}

const range = (start: number, stop: number | null, step: number): IndexPart => ({
  kind: 'range',
  start,
  stop,
  step,
});

/** `keras.ops.depth_to_space`, channels last: blocks of channels become blocks of pixels. */
export function depthToSpace(block: number): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    if (x.shape.length !== 4) return refuse(`${shapeText(x.shape)} is not a shape of images.`);
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (channels === null || channels % (block * block) !== 0) {
      return refuse(`${channels ?? 'unknown'} channels are no blocks of ${block} x ${block}.`);
    }
    const depth = channels / (block * block);
    const apart = of(reshape([batch, height, width, block, block, depth]), x);
    const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
    return of(reshape([batch, by(height, block), by(width, block), depth]), ordered);
  });
}

/** `keras.ops.space_to_depth`, channels last: blocks of pixels become blocks of channels. */
export function spaceToDepth(block: number): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const x = operandAt(operands, 0);
    if (x.shape.length !== 4) return refuse(`${shapeText(x.shape)} is not a shape of images.`);
    const [batch = null, height = null, width = null, channels = null] = x.shape;
    if (height === null || width === null || height % block !== 0 || width % block !== 0) {
      return refuse(`${height ?? '?'} x ${width ?? '?'} pixels are no blocks of ${block} x ${block}.`);
    }
    const apart = of(reshape([batch, height / block, block, width / block, block, channels]), x);
    const ordered = of(transpose([0, 1, 3, 2, 4, 5]), apart);
    const depth = channels === null ? null : channels * block * block;
    return of(reshape([batch, height / block, width / block, depth]), ordered);
  });
}

const by = (size: number | null, factor: number): number | null => (size === null ? null : size * factor);

/** `keras.ops.glu`: the first half of an axis times the sigmoid of the second. */
export function glu(axis: number, at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'glu', args: at });
  return ofOne({
    shape(operand) {
      const place = axisIn(axis, operand.length);
      if ((operand[place] ?? 0) % 2 !== 0) refuse(`axis ${axis} of ${shapeText(operand)} has no halves.`);
      return operand.map((size, i) => (i === place && size !== null ? size / 2 : size));
    },
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}

/** A softmax of the last axis, as an operation inside others. */
export function softmax(at: LayerConfig): Operation {
  const activation = buildActivation({ name: 'softmax', args: at });
  return ofOne({
    shape: (operand) => operand,
    value: ({ tf }, x) => activation.forward(tf, x),
    gradient: ({ tf }, gradient, x, y) => activation.backward(tf, x, y, gradient),
  });
}

/** What keeps a place out of a softmax; Keras takes 0.7 of the largest float32. */
const MASKED = -0.7 * 3.4028234663852886e38;

export interface AttentionOptions {
  /** Positions of the operands bias and mask, `null` where there is none. */
  readonly bias: number | null;
  readonly mask: number | null;
  readonly isCausal: boolean;
  /** `null` for 1 / sqrt(size of a head). */
  readonly scale: number | null;
}

/**
 * `keras.ops.dot_product_attention`: operands query [batch, T, heads, size], key and value [batch, S, key heads, size], and
 * then, if there are any, bias and mask of what broadcasts to [batch, heads, T, S].
 */
export function dotProductAttention(options: AttentionOptions, at: LayerConfig): Operation {
  return formula((apply, operands) => {
    const { of, two } = steps(apply);
    const [query, key, value] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
    const [, length = null, heads = null, size = null] = query.shape;
    const [, places = null, keyHeads = null] = key.shape;
    if (query.shape.length !== 4 || size === null || heads === null || keyHeads === null) {
      return refuse('attention needs a query of four axes, its heads and their size known.');
    }
    // Each key serves a group of queries.
    const shared = (x: Value): Value => (heads === keyHeads ? x : of(repeat(heads / keyHeads, 2), x));
    const scale = options.scale ?? 1 / Math.sqrt(size);
    let logits = two('multiply', of(einsum('btnh,bsnh->bnts'), query, shared(key)), scale);
    if (options.bias !== null) logits = two('add', logits, operandAt(operands, options.bias));
    const keep = (mask: Value): Value =>
      of(where(), mask, logits, of(constant([], (tf) => tf.scalar(MASKED))));
    if (options.mask !== null) logits = keep(operandAt(operands, options.mask));
    if (options.isCausal) {
      if (length === null || places === null) return refuse('a causal mask needs known lengths.');
      logits = keep(of(causal(length, places)));
    }
    return of(einsum('bnts,bsnh->btnh'), of(softmax(at), logits), shared(value));
  });
}

/** True where a query may look: at itself and what comes before it. */
const causal = (rows: number, columns: number): Operation => ({
  outputShapes: () => [[rows, columns]],
  forward({ tf }) {
    const down = tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]);
    return [tf.greaterEqual(down, tf.reshape(tf.range(0, columns, 1, 'int32'), [1, columns]))];
  },
});

/** `keras.ops.tril` and `triu`: zeros above, or below, the diagonal `k` of the last two axes. */
export function triangle(part: 'lower' | 'upper', k: number): Operation {
  return formula((apply, operands) => {
    const x = operandAt(operands, 0);
    const [rows, columns] = x.shape.slice(-2);
    if (x.shape.length < 2 || typeof rows !== 'number' || typeof columns !== 'number') {
      return refuse('a triangle needs matrices of known size.');
    }
    const mask: Operation = {
      outputShapes: () => [[rows, columns]],
      forward({ tf }) {
        const down = tf.add(tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]), tf.scalar(k, 'int32'));
        const across = tf.reshape(tf.range(0, columns, 1, 'int32'), [1, columns]);
        const kept = part === 'lower' ? tf.greaterEqual(down, across) : tf.lessEqual(down, across);
        return [tf.cast(kept, 'float32')];
      },
    };
    return apply(binary('multiply'), x, apply(mask)[0])[0];
  });
}

/**
 * `keras.ops.batch_normalization`: operands x, mean, variance and, by `offset` and `scale`, their positions.
 */
export function batchNormalization(
  axis: number,
  epsilon: number,
  places: { readonly offset: number | null; readonly scale: number | null },
): Operation {
  return formula((apply, operands) => {
    const { of, one, two } = steps(apply);
    const x = operandAt(operands, 0);
    const at = axisIn(axis, x.shape.length);
    const along = (i: number): Value =>
      of(reshape(x.shape.map((_, j) => (j === at ? -1 : 1))), operandAt(operands, i));
    const inverse = one('rsqrt', two('add', along(2), epsilon));
    const factor = places.scale === null ? inverse : two('multiply', inverse, along(places.scale));
    const scaled = two('multiply', two('subtract', x, along(1)), factor);
    return places.offset === null ? scaled : two('add', scaled, along(places.offset));
  });
}

/** `keras.ops.layer_normalization` and `rms_normalization`: over `axes`, then times and plus the operands at those places. */
export function layerNormalization(
  axes: readonly number[],
  epsilon: number,
  options: { readonly isCentred: boolean; readonly scale: number | null; readonly offset: number | null },
): Operation {
  return formula((apply, operands) => {
    const { of, one, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const over = { axes, keepdims: true };
    const at = axes.map((axis) => axisIn(axis, x.shape.length));
    const shaped = (i: number): Value =>
      of(reshape(x.shape.map((size, j) => (at.includes(j) ? size : 1))), operandAt(operands, i));
    const centred = options.isCentred ? two('subtract', x, reduce('mean', x, over)) : x;
    const spread = reduce('mean', one('square', centred), over);
    let result = two('multiply', centred, one('rsqrt', two('add', spread, epsilon)));
    if (options.scale !== null) {
      // Only with a mean does Keras lay the scale over the axes; else it broadcasts as it is.
      const scale = options.isCentred ? shaped(options.scale) : operandAt(operands, options.scale);
      result = two('multiply', result, scale);
    }
    return options.offset === null ? result : two('add', result, shaped(options.offset));
  });
}
