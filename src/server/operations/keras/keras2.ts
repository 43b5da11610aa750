// A table of the TensorFlow functions that Keras 2 saves, one row per function: longer than 400 lines on purpose.

import * as l10n from '@vscode/l10n';
import { buildActivation } from '../../layers/activations/activations';
import { convolutionLayers } from '../../layers/convolution/convolution';
import type { KindTable, LayerKind } from '../../layers/kind';
import { poolingLayers } from '../../layers/pooling/pooling';
import { resizingLayers } from '../../layers/preprocessing/resizing';
import { isRecord } from '../../layers/support/records';
import { type BinaryName, binary } from '../arithmetic/binary';
import { addAll } from '../arithmetic/binaryFormulas';
import { einsum } from '../arithmetic/einsum';
import { matmul } from '../arithmetic/matmul';
import { l2Normalize, type NormOrder, norm } from '../arithmetic/norms';
import {
  argExtremum,
  cumulative,
  type Reducing,
  type ReductionName,
  reduction,
} from '../arithmetic/reductions';
import { where } from '../arithmetic/selection';
import { moments } from '../arithmetic/statistics';
import { clip, type UnaryName, unary } from '../arithmetic/unary';
import { tensordot } from '../arithmetic/vectorProducts';
import { fullLike, shapeOperation } from '../creation';
import { type ComputedDtype, cast, computedDtype } from '../dtypes';
import { identity, stopGradient } from '../identity';
import { layerOperation } from '../layerOperation';
import { oneHot } from '../manipulation/classEncoding';
import { flip, roll } from '../manipulation/flipping';
import { argsort, sort, take, topK } from '../manipulation/gathering';
import { concatenate, stack } from '../manipulation/joining';
import { type PadMode, pad } from '../manipulation/padding';
import { broadcastTo, expandDims, reshape, squeeze, transpose } from '../manipulation/reshaping';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { split, unstack } from '../manipulation/splitting';
import { repeat, tile } from '../manipulation/tiling';
import { type Operation, refuse } from '../operation';
import { indexParts } from './indexParts';
import { activationKind, operationKind } from './operationKind';
import type { OperationArguments, Spelling } from './spelling';

// What Keras 2 of TensorFlow 2.4 to 2.15 writes for `x + 2`, `tf.reduce_mean(x)` or `x[:, 0]` in a functional model: a layer
// TFOpLambda (SlicingOpLambda for an index) that names a function of TensorFlow. Its first argument is the node's
// input, several if it is a list; the others are given by name.

/** `math.add` for a function and its alias in TensorFlow 1's namespace, `compat.v1.math.add`. */
const named = (names: readonly string[], kind: LayerKind): [string, LayerKind][] =>
  names.flatMap((name): [string, LayerKind][] => [
    [`tf.${name}`, kind],
    [`tf.compat.v1.${name}`, kind],
  ]);

const as = (names: readonly string[], spelling: Spelling): [string, LayerKind][] =>
  named(names, operationKind(spelling));

const one = (name: UnaryName, ...names: string[]) =>
  as(names, { parameters: ['x'], operation: () => unary(name) });

const two = (name: BinaryName, ...names: string[]) =>
  as(names, { parameters: ['x'], operands: ['x', 'y'], operation: () => binary(name) });

/** The key of an argument that TensorFlow 1 named `old`. */
const renamedKey = (args: OperationArguments, key: string, old: string): string =>
  args.has(key) ? key : old;

const reducingArguments = (args: OperationArguments): Reducing => ({
  axes: args.axes(renamedKey(args, 'axis', 'reduction_indices')),
  keepdims: args.bool(renamedKey(args, 'keepdims', 'keep_dims'), false),
});

const reduce = (name: ReductionName, ...names: string[]) =>
  as(names, { parameters: ['input_tensor'], operation: (args) => reduction(name, reducingArguments(args)) });

const positionOf = (name: 'argmax' | 'argmin') =>
  as([`math.${name}`, name], {
    parameters: ['input'],
    operation: (args) => argExtremum(name, args.int(renamedKey(args, 'axis', 'dimension'), 0), false),
  });

const accumulate = (name: 'cumsum' | 'cumprod') =>
  as([`math.${name}`, name], {
    parameters: ['x'],
    operation: (args) =>
      cumulative(name, args.int('axis', 0), {
        exclusive: args.bool('exclusive', false),
        reverse: args.bool('reverse', false),
      }),
  });

/** An activation of Keras's; `values` gives its arguments by their Keras names. */
const activation = (
  names: readonly string[],
  name: string,
  values: (args: OperationArguments) => Record<string, unknown> = () => ({}),
) =>
  named(
    names,
    activationKind(['features'], (args) => buildActivation({ name, args: args.with(values(args)) })),
  );

const axisOf = (args: OperationArguments) => ({ axis: args.int(renamedKey(args, 'axis', 'dim'), -1) });

function dtypeOf(args: OperationArguments): ComputedDtype | null {
  if (!args.has('dtype')) return null;
  const given = args.raw('dtype');
  const name = isRecord(given) && isRecord(given.config) ? given.config.name : given;
  const kind = typeof name === 'string' ? computedDtype(name) : null;
  return kind ?? args.bad('dtype', l10n.t('a dtype of numbers'), given);
}

function widthsOf(args: OperationArguments): [number, number][] {
  const given = args.raw('paddings');
  if (!Array.isArray(given)) return args.bad('paddings', l10n.t('pairs of numbers'), given);
  return given.map((entry) => {
    const [before = 0, after = 0] = args.intList('paddings', entry);
    return [before, after];
  });
}

const PAD_MODES: ReadonlyMap<string, PadMode> = new Map([
  ['CONSTANT', 'constant'],
  ['REFLECT', 'reflect'],
  ['SYMMETRIC', 'symmetric'],
]);

/** `slice(x, begin, size)`: a size of -1 is the rest of the axis. */
function sliced(args: OperationArguments): Operation {
  const sizes = args.sizes('size');
  return getItem(
    args.sizes('begin').map((begin, axis): IndexPart => {
      const size = sizes[axis] ?? null;
      if (begin === null || size === null)
        return { kind: 'range', start: null, stop: null, step: 1, open: true };
      return { kind: 'range', start: begin, stop: size === -1 ? null : begin + size, step: 1, exact: true };
    }),
  );
}

/** `strided_slice` by its numbers and bit masks. */
function stridedSlice(args: OperationArguments): Operation {
  const begin = args.intList('begin');
  const end = args.intList('end');
  const strides = args.has('strides') ? args.intList('strides') : begin.map(() => 1);
  const bit = (key: string, axis: number): boolean => ((args.int(key, 0) >> axis) & 1) === 1;
  return getItem(
    begin.map((start, axis): IndexPart => {
      if (bit('ellipsis_mask', axis)) return { kind: 'ellipsis' };
      if (bit('new_axis_mask', axis)) return { kind: 'newaxis' };
      if (bit('shrink_axis_mask', axis)) return { kind: 'at', index: start };
      return {
        kind: 'range',
        start: bit('begin_mask', axis) ? null : start,
        stop: bit('end_mask', axis) ? null : (end[axis] ?? null),
        step: strides[axis] ?? 1,
      };
    }),
  );
}

/** `ord` of `norm`: a number, or the name of one. */
function orderOf(args: OperationArguments): NormOrder {
  const given = args.raw('ord') ?? 'euclidean';
  if (given === 'euclidean' || given === 'fro') return null;
  if (given === 'inf' || given === Number.POSITIVE_INFINITY) return 'inf';
  return args.number('ord');
}

/** One number for both axes, two, or four with those of batch and channels. */
function perSpace(args: OperationArguments, key: string, fallback: number): number[] {
  const given = args.has(key) ? args.intList(key) : [fallback];
  const [first = fallback, second = first] = given.length === 4 ? given.slice(1, 3) : given;
  return [first, second];
}

function paddingOf(args: OperationArguments): string {
  const name = args.string('padding', 'VALID');
  if (name === 'SAME' || name === 'VALID') return name.toLowerCase();
  return refuse(l10n.t('only the paddings SAME and VALID are computed.'));
}

function onlyChannelsLast(args: OperationArguments): void {
  if (args.string('data_format', 'NHWC') !== 'NHWC') refuse(l10n.t('its channels do not come last.'));
}

const pool = (names: readonly string[], className: 'MaxPooling2D' | 'AveragePooling2D') =>
  as(names, {
    role: 'pooling',
    parameters: ['input'],
    operation(args) {
      onlyChannelsLast(args);
      const pool_size = perSpace(args, 'ksize', 1);
      const strides = args.has('strides') ? perSpace(args, 'strides', 1) : pool_size;
      return layerOperation(
        kindOf(poolingLayers, className),
        () => ({ pool_size, strides, padding: paddingOf(args) }),
        args,
      );
    },
  });

const convolve = (names: readonly string[], className: 'Conv2D' | 'DepthwiseConv2D') =>
  as(names, {
    parameters: ['input'],
    operands: ['input', 'filter', 'filters'],
    operation(args) {
      onlyChannelsLast(args);
      const common = {
        strides: perSpace(args, 'strides', 1),
        dilation_rate: perSpace(args, renamedKey(args, 'dilations', 'rate'), 1),
        padding: paddingOf(args),
        use_bias: false,
      };
      return layerOperation(
        kindOf(convolutionLayers, className),
        ([input = [], filter = []]) => ({
          ...common,
          kernel_size: filter.slice(0, 2),
          filters: filter[3] ?? 0,
          depth_multiplier: filter[3] ?? 1,
          groups: className === 'Conv2D' ? (input.at(-1) ?? 1) / (filter[2] ?? 1) : 1,
        }),
        args,
      );
    },
  });

function kindOf(table: KindTable, className: string): LayerKind {
  const kind = table[className];
  if (kind === undefined) throw new RangeError(`there is no layer ${className}`);
  return kind;
}

const RESIZED: ReadonlyMap<string, string> = new Map([
  ['bilinear', 'bilinear'],
  ['nearest', 'nearest'],
  ['bicubic', 'bicubic'],
  ['lanczos3', 'lanczos3'],
  ['lanczos5', 'lanczos5'],
]);

const FUNCTIONS: readonly [string, LayerKind][] = [
  ...one('abs', 'math.abs', 'abs'),
  ...one('negative', 'math.negative', 'negative'),
  ...one('square', 'math.square', 'square'),
  ...one('sign', 'math.sign', 'sign'),
  ...one('sqrt', 'math.sqrt', 'sqrt'),
  ...one('rsqrt', 'math.rsqrt'),
  ...one('reciprocal', 'math.reciprocal'),
  ...one('exp', 'math.exp', 'exp'),
  ...one('expm1', 'math.expm1'),
  ...one('log', 'math.log'),
  ...one('log1p', 'math.log1p'),
  ...one('sin', 'math.sin', 'sin'),
  ...one('cos', 'math.cos', 'cos'),
  ...one('tan', 'math.tan', 'tan'),
  ...one('arcsin', 'math.asin', 'asin'),
  ...one('arccos', 'math.acos', 'acos'),
  ...one('arctan', 'math.atan', 'atan'),
  ...one('sinh', 'math.sinh', 'sinh'),
  ...one('cosh', 'math.cosh', 'cosh'),
  ...one('arcsinh', 'math.asinh', 'asinh'),
  ...one('arccosh', 'math.acosh', 'acosh'),
  ...one('arctanh', 'math.atanh', 'atanh'),
  ...one('erf', 'math.erf'),
  ...one('erfc', 'math.erfc'),
  ...one('floor', 'math.floor', 'floor'),
  ...one('ceil', 'math.ceil'),
  ...one('round', 'math.round', 'round'),
  ...one('isnan', 'math.is_nan'),
  ...one('isinf', 'math.is_inf'),
  ...one('isfinite', 'math.is_finite'),
  ...one('logical_not', 'math.logical_not', 'logical_not'),
  ...as(['clip_by_value'], {
    parameters: ['t'],
    operation: (args) => clip(args.number('clip_value_min'), args.number('clip_value_max')),
  }),

  ...two('add', '__operators__.add', 'math.add', 'add'),
  ...two('subtract', 'math.subtract', 'subtract'),
  ...two('multiply', 'math.multiply', 'multiply'),
  ...two('divide', 'math.truediv', 'truediv', 'math.divide', 'divide', 'realdiv', 'div'),
  ...two('divide_no_nan', 'math.divide_no_nan'),
  ...two('floor_divide', 'floor_div', 'math.floordiv', 'floordiv'),
  ...two('mod', 'math.floormod', 'math.mod', 'floormod', 'mod'),
  ...two('power', 'math.pow', 'pow'),
  ...two('squared_difference', 'math.squared_difference'),
  ...two('maximum', 'math.maximum', 'maximum'),
  ...two('minimum', 'math.minimum', 'minimum'),
  ...two('arctan2', 'math.atan2', 'atan2'),
  ...two('equal', 'math.equal', 'equal', '__operators__.eq'),
  ...two('not_equal', 'math.not_equal', 'not_equal', '__operators__.ne'),
  ...two('greater', 'math.greater', 'greater'),
  ...two('greater_equal', 'math.greater_equal', 'greater_equal'),
  ...two('less', 'math.less', 'less'),
  ...two('less_equal', 'math.less_equal', 'less_equal'),
  ...two('logical_and', 'math.logical_and', 'logical_and'),
  ...two('logical_or', 'math.logical_or', 'logical_or'),
  ...two('logical_xor', 'math.logical_xor'),
  ...as(['where', 'where_v2'], {
    parameters: ['condition'],
    operands: ['condition', 'x', 'y'],
    operation: () => where(),
  }),
  ...as(['math.add_n', 'add_n', 'math.accumulate_n'], {
    parameters: ['*inputs'],
    operation: () => addAll(),
  }),
  ...as(['nn.bias_add'], {
    parameters: ['value'],
    operands: ['value', 'bias'],
    operation: (args) => {
      if (args.string('data_format', 'NHWC').startsWith('NC'))
        refuse(l10n.t('its channels do not come last.'));
      return binary('add');
    },
  }),

  ...reduce('sum', 'math.reduce_sum', 'reduce_sum'),
  ...reduce('mean', 'math.reduce_mean', 'reduce_mean'),
  ...reduce('max', 'math.reduce_max', 'reduce_max'),
  ...reduce('min', 'math.reduce_min', 'reduce_min'),
  ...reduce('prod', 'math.reduce_prod', 'reduce_prod'),
  ...reduce('var', 'math.reduce_variance'),
  ...reduce('std', 'math.reduce_std'),
  ...reduce('logsumexp', 'math.reduce_logsumexp', 'reduce_logsumexp'),
  ...reduce('any', 'math.reduce_any', 'reduce_any'),
  ...reduce('all', 'math.reduce_all', 'reduce_all'),
  ...as(['math.reduce_euclidean_norm'], {
    parameters: ['input_tensor'],
    operation: (args) => norm(null, reducingArguments(args)),
  }),
  ...positionOf('argmax'),
  ...positionOf('argmin'),
  ...accumulate('cumsum'),
  ...accumulate('cumprod'),
  ...as(['linalg.norm', 'norm'], {
    parameters: ['tensor'],
    operation: (args) => norm(orderOf(args), reducingArguments(args)),
  }),
  ...as(['math.l2_normalize', 'linalg.l2_normalize', 'nn.l2_normalize'], {
    parameters: ['x'],
    operation: (args) =>
      l2Normalize(args.axes(renamedKey(args, 'axis', 'dim')), args.number('epsilon', 1e-12)),
  }),
  ...as(['nn.moments'], {
    parameters: ['x'],
    operation: (args) => moments({ axes: args.axes('axes'), keepdims: reducingArguments(args).keepdims }),
  }),

  ...as(['linalg.matmul', 'matmul'], {
    parameters: ['a'],
    operands: ['a', 'b'],
    operation: (args) =>
      matmul({
        transposeA: args.bool('transpose_a', false) || args.bool('adjoint_a', false),
        transposeB: args.bool('transpose_b', false) || args.bool('adjoint_b', false),
      }),
  }),
  ...as(['tensordot', 'linalg.tensordot'], {
    parameters: ['a'],
    operands: ['a', 'b'],
    operation: (args) => {
      const axes = args.raw('axes');
      if (!Array.isArray(axes)) return tensordot(args.int('axes'));
      return tensordot(axes.map((list) => args.intList('axes', list)));
    },
  }),
  // Keras 2 leaves the operands of an einsum out of the file unless they are named.
  ...as(['einsum', 'linalg.einsum'], {
    parameters: ['equation'],
    operands: ['inputs'],
    operation: (args) => einsum(args.string('equation')),
  }),

  ...as(['reshape'], {
    role: 'reshaping',
    parameters: ['tensor'],
    operation: (args) => reshape(args.sizes('shape')),
  }),
  ...as(['ensure_shape'], { parameters: ['x'], operation: () => identity() }),
  ...as(['transpose', 'linalg.matrix_transpose'], {
    role: 'reshaping',
    parameters: ['a'],
    operation: (args) => transpose(args.axes('perm')),
  }),
  ...as(['expand_dims'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => expandDims([args.int(renamedKey(args, 'axis', 'dim'))]),
  }),
  ...as(['squeeze'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => squeeze(args.axes(renamedKey(args, 'axis', 'squeeze_dims'))),
  }),
  ...as(['broadcast_to'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => broadcastTo(args.sizes('shape')),
  }),
  ...as(['tile'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => tile(args.sizes('multiples')),
  }),
  ...as(['repeat'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => repeat(args.int('repeats'), args.int('axis')),
  }),
  ...as(['pad'], {
    role: 'padding',
    parameters: ['tensor'],
    operation: (args) =>
      pad(
        widthsOf(args),
        PAD_MODES.get(args.string('mode', 'CONSTANT').toUpperCase()) ??
          args.bad('mode', l10n.t('a padding mode'), args.raw('mode')),
        args.number('constant_values', 0),
      ),
  }),
  ...as(['reverse'], {
    role: 'reshaping',
    parameters: ['tensor'],
    operation: (args) => flip(args.intList('axis')),
  }),
  ...as(['roll'], {
    role: 'reshaping',
    parameters: ['input'],
    operation: (args) => roll(args.intList('shift'), args.intList('axis')),
  }),
  ...as(['concat'], {
    role: 'reshaping',
    parameters: ['*values'],
    operation: (args) => concatenate(args.int('axis')),
  }),
  ...as(['stack'], {
    role: 'reshaping',
    parameters: ['*values'],
    operation: (args) => stack(args.int('axis', 0)),
  }),
  ...as(['split'], {
    role: 'reshaping',
    parameters: ['value'],
    operation: (args) => {
      const given = args.raw('num_or_size_splits');
      const parts = typeof given === 'number' ? args.int('num_or_size_splits') : splitSizes(args);
      return split(parts, args.int('axis', 0));
    },
  }),
  ...as(['unstack'], {
    role: 'reshaping',
    parameters: ['value'],
    operation: (args) => unstack(args.int('axis', 0), args.has('num') ? args.int('num') : null),
  }),

  ...as(['__operators__.getitem'], {
    role: 'reshaping',
    parameters: ['tensor'],
    operation: (args) => getItem(indexParts(args, 'slice_spec')),
  }),
  ...as(['slice'], { role: 'reshaping', parameters: ['input_'], operation: sliced }),
  ...as(['strided_slice'], { role: 'reshaping', parameters: ['input_'], operation: stridedSlice }),
  ...as(['gather'], {
    parameters: ['params'],
    operands: ['params', 'indices'],
    operation: (args) => {
      const batchDims = args.int('batch_dims', 0);
      return take(args.int('axis', batchDims), batchDims);
    },
  }),
  ...as(['one_hot'], {
    parameters: ['indices'],
    operation: (args) =>
      oneHot(args.int('depth'), args.int('axis', -1), {
        on: args.number('on_value', 1),
        off: args.number('off_value', 0),
      }),
  }),
  ...as(['sort'], {
    parameters: ['values'],
    operation: (args) => sort(args.int('axis', -1), args.string('direction', 'ASCENDING') === 'DESCENDING'),
  }),
  ...as(['argsort'], {
    parameters: ['values'],
    operation: (args) =>
      argsort(args.int('axis', -1), args.string('direction', 'ASCENDING') === 'DESCENDING'),
  }),
  ...as(['math.top_k', 'nn.top_k'], { parameters: ['input'], operation: (args) => topK(args.int('k', 1)) }),

  ...as(['cast'], {
    parameters: ['x'],
    operation: (args) => cast(dtypeOf(args) ?? args.bad('dtype', l10n.t('a dtype'), args.raw('dtype'))),
  }),
  ...as(['identity', 'convert_to_tensor'], {
    parameters: ['input'],
    operation: () => identity(),
  }),
  ...as(['stop_gradient'], { parameters: ['input'], operation: () => stopGradient() }),
  ...as(['zeros_like'], { parameters: ['input'], operation: (args) => fullLike(0, dtypeOf(args)) }),
  ...as(['ones_like'], { parameters: ['input'], operation: (args) => fullLike(1, dtypeOf(args)) }),
  ...as(['shape'], { parameters: ['input'], operation: () => shapeOperation() }),

  ...as(['image.resize'], {
    parameters: ['images'],
    operation(args) {
      const [height = 0, width = 0] = args.intList('size');
      if (args.bool('preserve_aspect_ratio', false)) refuse(l10n.t('it preserves the aspect ratio.'));
      const interpolation =
        RESIZED.get(args.string('method', 'bilinear')) ??
        refuse(l10n.t('no resizing method "{0}" is computed.', args.string('method')));
      const antialias = args.bool('antialias', false);
      return layerOperation(
        kindOf(resizingLayers, 'Resizing'),
        () => ({ height, width, interpolation, antialias, data_format: 'channels_last' }),
        args,
      );
    },
  }),
  ...convolve(['nn.conv2d'], 'Conv2D'),
  ...convolve(['nn.depthwise_conv2d'], 'DepthwiseConv2D'),
  ...pool(['nn.max_pool2d', 'nn.max_pool'], 'MaxPooling2D'),
  ...pool(['nn.avg_pool2d', 'nn.avg_pool'], 'AveragePooling2D'),

  ...activation(['nn.relu'], 'relu'),
  ...activation(['nn.relu6'], 'relu6'),
  ...activation(['nn.leaky_relu'], 'leaky_relu', (args) => ({ negative_slope: args.number('alpha', 0.2) })),
  ...activation(['nn.elu'], 'elu'),
  ...activation(['nn.selu'], 'selu'),
  ...activation(['nn.silu', 'nn.swish'], 'silu', (args) =>
    args.number('beta', 1) === 1 ? {} : refuse(l10n.t('it is a swish with a beta other than 1.')),
  ),
  ...activation(['nn.gelu'], 'gelu', (args) => ({ approximate: args.bool('approximate', false) })),
  ...activation(['math.sigmoid', 'nn.sigmoid', 'sigmoid'], 'sigmoid'),
  ...activation(['math.log_sigmoid'], 'log_sigmoid'),
  ...activation(['math.tanh', 'nn.tanh', 'tanh'], 'tanh'),
  ...activation(['math.softplus', 'nn.softplus'], 'softplus'),
  ...activation(['math.softsign', 'nn.softsign'], 'softsign'),
  ...activation(['nn.softmax', 'math.softmax'], 'softmax', axisOf),
  ...activation(['nn.log_softmax', 'math.log_softmax'], 'log_softmax', axisOf),
];

/** Sizes of parts; -1 is the rest. */
function splitSizes(args: OperationArguments): (number | null)[] {
  return args.sizes('num_or_size_splits').map((size) => (size === -1 ? null : size));
}

/** Functions of TensorFlow in functional models of Keras 2, by the names that parseModel assigns. */
export const keras2Operations: KindTable = Object.fromEntries(FUNCTIONS);
