// A table of the operations of `keras.ops`, one row per class: longer than 400 lines on purpose.

import * as l10n from '@vscode/l10n';
import { buildActivation } from '../../layers/activations/activations';
import type { KindTable, LayerKind } from '../../layers/kind';
import { type BinaryName, binary } from '../arithmetic/binary';
import { hypot, logaddexp } from '../arithmetic/binaryFormulas';
import { einsum } from '../arithmetic/einsum';
import { matmul } from '../arithmetic/matmul';
import { type NormOrder, norm, normalize } from '../arithmetic/norms';
import { argExtremum, cumulative, type ReductionName, reduction } from '../arithmetic/reductions';
import { where } from '../arithmetic/selection';
import { diff } from '../arithmetic/sequences';
import { average, countNonzero, extremumWithInitial, moments, ptp } from '../arithmetic/statistics';
import { clip, type UnaryName, unary } from '../arithmetic/unary';
import { roundTo, scaleBy } from '../arithmetic/unaryFormulas';
import { dot, inner, outer, tensordot, vdot } from '../arithmetic/vectorProducts';
import { fullLike } from '../creation';
import { cast } from '../dtypes';
import { identity, stopGradient } from '../identity';
import { oneHot } from '../manipulation/classEncoding';
import { flip, roll } from '../manipulation/flipping';
import { argsort, sort, take, takeAlongAxis, topK } from '../manipulation/gathering';
import { concatenate, stack, stackAlong } from '../manipulation/joining';
import { type PadMode, pad } from '../manipulation/padding';
import { rearrange } from '../manipulation/rearrange';
import {
  broadcastTo,
  expandDims,
  moveaxis,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from '../manipulation/reshaping';
import { scatter, scatterUpdate, segmentReduction } from '../manipulation/scatterUpdates';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { partSizes, split, unstack } from '../manipulation/splitting';
import { repeat, tile } from '../manipulation/tiling';
import { triangle } from '../manipulation/triangles';
import { glu } from '../nn/activations';
import { dotProductAttention } from '../nn/attention';
import {
  adaptivePooling,
  convolution,
  depthwiseConvolution,
  pooling,
  resize,
  separableConvolution,
} from '../nn/layerFunctions';
import { batchNormalization, layerNormalization } from '../nn/normalization';
import { depthToSpace, extractPatches, spaceToDepth } from '../nn/patches';
import { type Operation, refuse } from '../operation';
import { indexParts } from './indexParts';
import {
  axisOrFlat,
  channels,
  dtypeOf,
  operandPositions,
  pairOf,
  reducingArguments,
} from './keras3Arguments';
import { keras3Arrays } from './keras3Arrays';
import { keras3Fourier } from './keras3Fourier';
import { keras3Images } from './keras3Images';
import { keras3LinearAlgebra } from './keras3LinearAlgebra';
import { keras3Numbers } from './keras3Numbers';
import { activationKind, operationKind } from './operationKind';
import type { OperationArguments, Spelling } from './spelling';

const one = (name: UnaryName): Spelling => ({ parameters: ['x'], operation: () => unary(name) });
const two = (name: BinaryName): Spelling => ({ parameters: ['x1', 'x2'], operation: () => binary(name) });

const reduce = (name: ReductionName): Spelling => ({
  parameters: ['x'],
  operation: (args) => reduction(name, reducingArguments(args)),
});

const positionOf = (name: 'argmax' | 'argmin'): Spelling => ({
  parameters: ['x'],
  operation: (args) => argExtremum(name, axisOrFlat(args), args.bool('keepdims', false)),
});

const accumulate = (name: 'cumsum' | 'cumprod'): Spelling => ({
  parameters: ['x'],
  operation: (args) => cumulative(name, axisOrFlat(args)),
});

/** `pad_width`: one number, one pair, or a pair for each axis. */
function widthsOf(args: OperationArguments): [number, number][] {
  const given = args.raw('pad_width');
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isNested = list.some(Array.isArray);
  return (isNested ? list : [list]).map((entry) => {
    const [before = 0, after = before] = args.intList('pad_width', entry);
    return [before, after];
  });
}

/** `keras.ops` by the names of their classes; the arguments of the call first, those of the constructor in the config. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  Abs: one('abs'),
  Absolute: one('abs'),
  Negative: one('negative'),
  Square: one('square'),
  Sign: one('sign'),
  Sqrt: one('sqrt'),
  Rsqrt: one('rsqrt'),
  Reciprocal: one('reciprocal'),
  Exp: one('exp'),
  Exp2: one('exp2'),
  Expm1: one('expm1'),
  Log: one('log'),
  Log1p: one('log1p'),
  Log2: one('log2'),
  Log10: one('log10'),
  Sin: one('sin'),
  Cos: one('cos'),
  Tan: one('tan'),
  Arcsin: one('arcsin'),
  Arccos: one('arccos'),
  Arctan: one('arctan'),
  Sinh: one('sinh'),
  Cosh: one('cosh'),
  Arcsinh: one('arcsinh'),
  Arccosh: one('arccosh'),
  Arctanh: one('arctanh'),
  Erf: one('erf'),
  Erfc: one('erfc'),
  Floor: one('floor'),
  Ceil: one('ceil'),
  Round: {
    parameters: ['x'],
    operation: (args) => (args.int('decimals', 0) === 0 ? unary('round') : roundTo(args.int('decimals'))),
  },
  Fabs: one('abs'),
  Deg2rad: { parameters: ['x'], operation: () => scaleBy(Math.PI / 180) },
  Rad2deg: { parameters: ['x'], operation: () => scaleBy(180 / Math.PI) },
  Trunc: one('trunc'),
  Isnan: one('isnan'),
  Isinf: one('isinf'),
  Isfinite: one('isfinite'),
  LogicalNot: one('logical_not'),
  Clip: {
    parameters: ['x', 'x_min', 'x_max'],
    operands: ['x'],
    operation: (args) =>
      clip(args.has('x_min') ? args.number('x_min') : null, args.has('x_max') ? args.number('x_max') : null),
  },

  Add: two('add'),
  Subtract: two('subtract'),
  Multiply: two('multiply'),
  Divide: two('divide'),
  TrueDivide: two('divide'),
  DivideNoNan: two('divide_no_nan'),
  FloorDivide: two('floor_divide'),
  Mod: two('mod'),
  Power: two('power'),
  Maximum: two('maximum'),
  Minimum: two('minimum'),
  Arctan2: two('arctan2'),
  Logaddexp: { parameters: ['x1', 'x2'], operation: () => logaddexp() },
  Hypot: { parameters: ['x1', 'x2'], operation: () => hypot() },
  Equal: two('equal'),
  NotEqual: two('not_equal'),
  Greater: two('greater'),
  GreaterEqual: two('greater_equal'),
  Less: two('less'),
  LessEqual: two('less_equal'),
  LogicalAnd: two('logical_and'),
  LogicalOr: two('logical_or'),
  LogicalXor: two('logical_xor'),
  Where: { parameters: ['condition', 'x1', 'x2'], operation: () => where() },

  Sum: reduce('sum'),
  Mean: reduce('mean'),
  Max: extreme('max'),
  Amax: reduce('max'),
  Min: extreme('min'),
  Amin: reduce('min'),
  Prod: reduce('prod'),
  Var: reduce('var'),
  Std: reduce('std'),
  Logsumexp: reduce('logsumexp'),
  Any: reduce('any'),
  All: reduce('all'),
  Argmax: positionOf('argmax'),
  Argmin: positionOf('argmin'),
  Cumsum: accumulate('cumsum'),
  Cumprod: accumulate('cumprod'),

  Ptp: { parameters: ['x'], operation: (args) => ptp(reducingArguments(args)) },
  Average: { parameters: ['x', 'weights'], operation: (args) => average(axisOrFlat(args)) },
  CountNonzero: { parameters: ['x'], operation: (args) => countNonzero(args.axes()) },
  Moments: {
    parameters: ['x'],
    operation: (args) => moments({ axes: args.axes('axes'), keepdims: args.bool('keepdims', false) }),
  },
  Norm: { parameters: ['x'], operation: (args) => norm(orderOf(args), reducingArguments(args)) },
  Normalize: {
    parameters: ['x'],
    operation: (args) =>
      normalize(
        args.int('axis', -1),
        args.number('order', 2),
        args.has('epsilon') ? args.number('epsilon') : EPSILON,
      ),
  },

  Matmul: { parameters: ['x1', 'x2'], operation: () => matmul() },
  Dot: { parameters: ['x1', 'x2'], operation: () => dot() },
  Inner: { parameters: ['x1', 'x2'], operation: () => inner() },
  Outer: { parameters: ['x1', 'x2'], operation: () => outer() },
  Vdot: { parameters: ['x1', 'x2'], operation: () => vdot() },
  Tensordot: {
    parameters: ['x1', 'x2'],
    operation: (args) => {
      const axes = args.raw('axes');
      if (!Array.isArray(axes)) return tensordot(args.int('axes'));
      return tensordot(axes.map((list) => args.intList('axes', list)));
    },
  },
  Einsum: { parameters: ['*operands'], operation: (args) => einsum(args.string('subscripts')) },

  Reshape: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => reshape(args.sizes('newshape')),
  },
  Transpose: { role: 'reshaping', parameters: ['x'], operation: (args) => transpose(args.axes('axes')) },
  ExpandDims: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => expandDims(args.intList('axis')),
  },
  Squeeze: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => squeeze(args.axes()),
  },
  Ravel: { role: 'reshaping', parameters: ['x'], operation: () => reshape([-1]) },
  Moveaxis: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => moveaxis(args.intList('source'), args.intList('destination')),
  },
  Swapaxes: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => swapaxes(args.int('axis1'), args.int('axis2')),
  },
  BroadcastTo: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => broadcastTo(args.sizes('shape')),
  },
  Tile: { role: 'reshaping', parameters: ['x'], operation: (args) => tile(args.sizes('repeats')) },
  Repeat: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => repeat(args.int('repeats'), args.int('axis')),
  },
  Pad: {
    role: 'padding',
    parameters: ['x', 'constant_values'],
    operands: ['x'],
    operation: (args) =>
      pad(
        widthsOf(args),
        args.choice<PadMode>('mode', ['constant', 'reflect', 'symmetric'], 'constant'),
        args.number('constant_values', 0),
      ),
  },
  Fliplr: { role: 'reshaping', parameters: ['x'], operation: () => flip([1]) },
  Flipud: { role: 'reshaping', parameters: ['x'], operation: () => flip([0]) },
  Flip: { role: 'reshaping', parameters: ['x'], operation: (args) => flip(args.axes()) },
  Roll: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => roll(args.intList('shift'), args.axes()),
  },
  Concatenate: {
    role: 'reshaping',
    parameters: ['xs'],
    operation: (args) => concatenate(args.int('axis', 0)),
  },
  Append: {
    role: 'reshaping',
    parameters: ['x1', 'x2'],
    operation: (args) =>
      args.has('axis') ? concatenate(args.int('axis')) : refuse(l10n.t('it flattens what it joins.')),
  },
  Hstack: { role: 'reshaping', parameters: ['xs'], operation: () => stackAlong('hstack') },
  Vstack: { role: 'reshaping', parameters: ['xs'], operation: () => stackAlong('vstack') },
  Dstack: { role: 'reshaping', parameters: ['xs'], operation: () => stackAlong('dstack') },
  Diff: { parameters: ['a'], operation: (args) => diff(args.int('n', 1), args.int('axis', -1)) },
  Tril: { parameters: ['x'], operation: (args) => triangle('lower', args.int('k', 0)) },
  Triu: { parameters: ['x'], operation: (args) => triangle('upper', args.int('k', 0)) },
  Slice: {
    role: 'reshaping',
    parameters: ['inputs', 'start_indices'],
    operands: ['inputs'],
    operation: (args) => {
      const starts = args.sizes('start_indices');
      return getItem(
        args.sizes('shape').map((size, axis): IndexPart => {
          const start = starts[axis] ?? 0;
          return {
            kind: 'range',
            start,
            stop: size === null || size === -1 ? null : start + size,
            step: 1,
            exact: true,
          };
        }),
      );
    },
  },
  Stack: { role: 'reshaping', parameters: ['x'], operation: (args) => stack(args.int('axis', 0)) },
  Split: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => {
      const given = args.raw('indices_or_sections');
      if (typeof given === 'number') return split(args.int('indices_or_sections'), args.int('axis', 0));
      const places = args.intList('indices_or_sections');
      return split(partSizes(places, null), args.int('axis', 0));
    },
  },
  Unstack: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => unstack(args.int('axis', 0), args.has('num') ? args.int('num') : null),
  },

  GetItem: {
    role: 'reshaping',
    parameters: ['x', 'key'],
    operands: ['x'],
    operation: (args) => getItem(indexParts(args, 'key')),
  },
  Take: { parameters: ['x', 'indices'], operation: (args) => take(axisOrFlat(args)) },
  TakeAlongAxis: { parameters: ['x', 'indices'], operation: (args) => takeAlongAxis(axisOrFlat(args)) },
  OneHot: {
    parameters: ['x'],
    operation: (args) =>
      args.bool('sparse', false)
        ? refuse(l10n.t('its result would be sparse.'))
        : oneHot(args.int('num_classes'), args.int('axis', -1)),
  },
  Sort: { parameters: ['x'], operation: (args) => sort(args.int('axis', -1)) },
  Argsort: { parameters: ['x'], operation: (args) => argsort(args.int('axis', -1)) },
  TopK: { parameters: ['x'], operation: (args) => topK(args.int('k')) },

  Conv: {
    parameters: ['inputs', 'kernel'],
    operation: (args) => convolution(convolving(args), args),
  },
  DepthwiseConv: {
    parameters: ['inputs', 'kernel'],
    operation: (args) => depthwiseConvolution(convolving(args), args),
  },
  MaxPool: pool('Max'),
  AveragePool: pool('Average'),
  AdaptiveMaxPool: adaptivePool('Max'),
  AdaptiveAveragePool: adaptivePool('Average'),
  SeparableConv: {
    parameters: ['inputs', 'depthwise_kernel', 'pointwise_kernel'],
    operation: (args) => separableConvolution(convolving(args), args),
  },
  Rearrange: {
    role: 'reshaping',
    parameters: ['tensor', 'pattern'],
    operands: ['tensor'],
    operation: (args) => {
      const lengths = Object.entries(args.values).flatMap(([name, value]): [string, number][] =>
        typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? [[name, value]] : [],
      );
      return rearrange(args.string('pattern'), new Map(lengths));
    },
  },
  Scatter: {
    parameters: ['indices', 'values'],
    operation: (args) => scatter(args.intList('shape')),
  },
  ScatterUpdate: {
    parameters: ['inputs', 'indices', 'updates'],
    operation: (args) => {
      if (!args.has('reduction')) return scatterUpdate(false);
      return args.string('reduction') === 'add'
        ? scatterUpdate(true)
        : refuse(l10n.t('its reduction is not "add".'));
    },
  },
  SegmentSum: segment('sum'),
  SegmentMax: segment('max'),
  SegmentMin: segment('min'),
  Resize: {
    parameters: ['images'],
    operation: (args) => {
      const [height, width] = args.intList('size');
      return resize({ ...args.values, ...channels(args), height, width }, args);
    },
  },
  ExtractPatches: {
    parameters: ['images'],
    operation: (args) => {
      const size = pairOf(args, 'size');
      const strides = args.has('strides') ? pairOf(args, 'strides') : size;
      if (channels(args).data_format !== 'channels_last') refuse(l10n.t('its channels do not come last.'));
      const padding = args.choice('padding', ['same', 'valid'], 'valid');
      return extractPatches({ size, strides, dilation: args.int('dilation_rate', 1), padding });
    },
  },
  DepthToSpace: blocks(depthToSpace),
  SpaceToDepth: blocks(spaceToDepth),
  Glu: { parameters: ['x'], operation: (args) => glu(args.int('axis', -1), args) },
  BatchNorm: {
    parameters: ['x', 'mean', 'variance', 'offset', 'scale'],
    operation: (args) => {
      const [offset = null, scale = null] = operandPositions(3, args, ['offset', 'scale']);
      return batchNormalization(args.int('axis'), args.number('epsilon', 1e-3), { offset, scale });
    },
  },
  LayerNorm: {
    parameters: ['x', 'gamma', 'beta'],
    operation: (args) => {
      if (args.bool('rms_scaling', false))
        refuse(l10n.t('it scales by the variance, which Keras no longer does.'));
      const [scale = null, offset = null] = operandPositions(1, args, ['gamma', 'beta']);
      return layerNormalization(args.axes() ?? [-1], epsilonOf(args), { isCentred: true, scale, offset });
    },
  },
  RMSNorm: {
    parameters: ['x', 'scale'],
    operation: (args) => {
      const [scale = null] = operandPositions(1, args, ['scale']);
      return layerNormalization(args.axes() ?? [-1], epsilonOf(args), {
        isCentred: false,
        scale,
        offset: null,
      });
    },
  },
  DotProductAttention: {
    parameters: ['query', 'key', 'value', 'bias', 'mask', 'scale'],
    operands: ['query', 'key', 'value', 'bias', 'mask'],
    operation: (args) => {
      if (args.has('attn_logits_soft_cap')) refuse(l10n.t('its logits are capped.'));
      const [bias = null, mask = null] = operandPositions(3, args, ['bias', 'mask']);
      const scale = args.has('scale') ? args.number('scale') : null;
      const softmaxArguments = args.with({ axis: -1 });
      return dotProductAttention(
        { bias, mask, isCausal: args.bool('is_causal', false), scale },
        softmaxArguments,
      );
    },
  },

  Cast: {
    parameters: ['x'],
    operation: (args) => cast(dtypeOf(args) ?? args.bad('dtype', l10n.t('a dtype'), args.raw('dtype'))),
  },
  ConvertToTensor: {
    parameters: ['x'],
    operation: (args) => {
      const to = dtypeOf(args);
      return to === null ? identity() : cast(to);
    },
  },
  StopGradient: { parameters: ['variable'], operation: () => stopGradient() },
  Copy: { parameters: ['x'], operation: () => identity() },
  ZerosLike: { parameters: ['x'], operation: (args) => fullLike(0, dtypeOf(args)) },
  OnesLike: { parameters: ['x'], operation: (args) => fullLike(1, dtypeOf(args)) },
  FullLike: {
    parameters: ['x', 'fill_value'],
    operands: ['x'],
    operation: (args) => fullLike(args.number('fill_value'), dtypeOf(args)),
  },

  ...keras3Numbers,
  ...keras3Arrays,
  ...keras3LinearAlgebra,
  ...keras3Fourier,
  ...keras3Images,
};

function extreme(name: 'max' | 'min'): Spelling {
  const plain = reduce(name);
  return {
    ...plain,
    operation: (args) =>
      args.has('initial')
        ? extremumWithInitial(name, reducingArguments(args), args.number('initial'))
        : plain.operation(args),
  };
}

/** `keras.config.epsilon()`. */
const EPSILON = 1e-7;
const epsilonOf = (args: OperationArguments): number =>
  args.has('epsilon') ? args.number('epsilon') : EPSILON;

function orderOf(args: OperationArguments): NormOrder {
  const given = args.raw('ord');
  if (given === undefined || given === null) return null;
  if (given === 'fro' || given === 'nuc') return given;
  if (given === 'inf' || given === Number.POSITIVE_INFINITY) return 'inf';
  return given === '-inf' || given === Number.NEGATIVE_INFINITY ? '-inf' : args.number('ord');
}

const convolving = (args: OperationArguments) => ({
  strides: args.raw('strides') ?? 1,
  dilation_rate: args.raw('dilation_rate') ?? 1,
  padding: args.string('padding', 'valid'),
  ...channels(args),
});

function adaptivePool(name: 'Max' | 'Average'): Spelling {
  return {
    role: 'pooling',
    parameters: ['inputs'],
    operation: (args) =>
      adaptivePooling(name, { output_size: args.raw('output_size'), ...channels(args) }, args),
  };
}

function segment(name: 'sum' | 'max' | 'min'): Spelling {
  return {
    parameters: ['data', 'segment_ids'],
    operation: (args) =>
      args.has('num_segments')
        ? segmentReduction(name, args.int('num_segments'))
        : refuse(l10n.t('the shape of its result depends on the values.')),
  };
}

function pool(name: 'Max' | 'Average'): Spelling {
  return {
    role: 'pooling',
    parameters: ['inputs'],
    operation: (args) => {
      const pool_size = args.raw('pool_size');
      const strides = args.raw('strides') ?? pool_size;
      const padding = args.string('padding', 'valid');
      return pooling(name, { pool_size, strides, padding, ...channels(args) }, args);
    },
  };
}

function blocks(of: (block: number) => Operation): Spelling {
  return {
    parameters: ['x'],
    operation: (args) => {
      if (channels(args).data_format !== 'channels_last') refuse(l10n.t('its channels do not come last.'));
      const block = args.int('block_size');
      return block > 0 ? of(block) : args.bad('block_size', l10n.t('a positive integer'), block);
    },
  };
}

/** Activations as operations (`keras.ops.relu(x)`), by class; their names are those of `keras.activations`. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  Relu: 'relu',
  Relu6: 'relu6',
  LeakyRelu: 'leaky_relu',
  Elu: 'elu',
  Selu: 'selu',
  Celu: 'celu',
  Gelu: 'gelu',
  Silu: 'silu',
  Sigmoid: 'sigmoid',
  LogSigmoid: 'log_sigmoid',
  HardSigmoid: 'hard_sigmoid',
  HardSilu: 'hard_silu',
  HardTanh: 'hard_tanh',
  HardShrink: 'hard_shrink',
  SoftShrink: 'soft_shrink',
  Softplus: 'softplus',
  Softsign: 'softsign',
  Softmax: 'softmax',
  LogSoftmax: 'log_softmax',
  Sparsemax: 'sparsemax',
  SparsePlus: 'sparse_plus',
  SparseSigmoid: 'sparse_sigmoid',
  Squareplus: 'squareplus',
  Tanh: 'tanh',
  TanhShrink: 'tanh_shrink',
  Threshold: 'threshold',
};

const entries = (table: Readonly<Record<string, string>>): [string, LayerKind][] =>
  Object.entries(table).map(([className, name]) => [
    `ops.${className}`,
    activationKind(['x'], (args) => buildActivation({ name, args })),
  ]);

/** Operations of functional models as Keras 3 saves them: `x + 2`, `x[:, 0]`, `keras.ops.mean(x, axis=1)`. */
export const keras3Operations: KindTable = Object.fromEntries([
  ...Object.entries(SPELLINGS).map(([className, spelling]): [string, LayerKind] => [
    `ops.${className}`,
    operationKind(spelling),
  ]),
  ...entries(ACTIVATIONS),
]);
