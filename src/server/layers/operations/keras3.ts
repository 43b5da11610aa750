import { build } from '../activations';
import type { KindTable, LayerKind } from '../kind';
import { type BinaryName, binary, where } from './binary';
import { argsort, oneHot, sort, take, takeAlongAxis, topK } from './gathering';
import { indexParts } from './indexParts';
import { refuse } from './operation';
import { activationKind, operationKind } from './operationKind';
import { matmul } from './products';
import {
  broadcastTo,
  concatenate,
  expandDims,
  flip,
  moveaxis,
  type PadMode,
  pad,
  partsBetween,
  repeat,
  reshape,
  roll,
  split,
  squeeze,
  stack,
  swapaxes,
  tile,
  transpose,
  unstack,
} from './rearranging';
import { argExtremum, cumulative, type ReductionName, reduction } from './reductions';
import { getItem } from './slicing';
import type { OperationArguments, Spelling } from './spelling';
import { clip, type UnaryName, unary } from './unary';
import { cast, filledLike, identity, type NumberKind, numberKind, stopGradient } from './values';

const one = (name: UnaryName): Spelling => ({ parameters: ['x'], operation: () => unary(name) });
const two = (name: BinaryName): Spelling => ({ parameters: ['x1', 'x2'], operation: () => binary(name) });

const reduce = (name: ReductionName): Spelling => ({
  parameters: ['x'],
  operation: (args) => reduction(name, { axes: args.axes(), keepdims: args.bool('keepdims', false) }),
});

const positionOf = (name: 'argmax' | 'argmin'): Spelling => ({
  parameters: ['x'],
  operation: (args) => argExtremum(name, axisOrFlat(args), args.bool('keepdims', false)),
});

const accumulate = (name: 'cumsum' | 'cumprod'): Spelling => ({
  parameters: ['x'],
  operation: (args) => cumulative(name, axisOrFlat(args)),
});

const axisOrFlat = (args: OperationArguments): number | null => (args.has('axis') ? args.int('axis') : null);

/** What only gives the values another shape. */
const handsOn = { role: 'reshaping', passesOn: true } as const;

/** The dtype that is asked for, `null` where none is. */
function dtypeOf(args: OperationArguments): NumberKind | null {
  if (!args.has('dtype')) return null;
  return numberKind(args.string('dtype')) ?? args.bad('dtype', 'a dtype of numbers', args.raw('dtype'));
}

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
    operation: (args) => (args.int('decimals', 0) === 0 ? unary('round') : refuse('it rounds to decimals.')),
  },
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

  Matmul: { parameters: ['x1', 'x2'], operation: () => matmul() },

  Reshape: {
    ...handsOn,
    parameters: ['x'],
    operation: (args) => reshape(args.sizes('newshape')),
  },
  Transpose: { role: 'reshaping', parameters: ['x'], operation: (args) => transpose(args.axes('axes')) },
  ExpandDims: {
    ...handsOn,
    parameters: ['x'],
    operation: (args) => expandDims(args.intList('axis')),
  },
  Squeeze: {
    ...handsOn,
    parameters: ['x'],
    operation: (args) => squeeze(args.axes()),
  },
  Ravel: { ...handsOn, parameters: ['x'], operation: () => reshape([-1]) },
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
  Stack: { role: 'reshaping', parameters: ['x'], operation: (args) => stack(args.int('axis', 0)) },
  Split: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => {
      const given = args.raw('indices_or_sections');
      if (typeof given === 'number') return split(args.int('indices_or_sections'), args.int('axis', 0));
      const places = args.intList('indices_or_sections');
      return split(partsBetween(places, null), args.int('axis', 0));
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
        ? refuse('its result would be sparse.')
        : oneHot(args.int('num_classes'), args.int('axis', -1)),
  },
  Sort: { parameters: ['x'], operation: (args) => sort(args.int('axis', -1)) },
  Argsort: { parameters: ['x'], operation: (args) => argsort(args.int('axis', -1)) },
  TopK: { parameters: ['x'], operation: (args) => topK(args.int('k')) },

  Cast: {
    parameters: ['x'],
    operation: (args) => cast(dtypeOf(args) ?? args.bad('dtype', 'a dtype', args.raw('dtype'))),
  },
  ConvertToTensor: {
    parameters: ['x'],
    operation: (args) => {
      const to = dtypeOf(args);
      return to === null ? identity() : cast(to);
    },
  },
  StopGradient: { parameters: ['variable'], operation: () => stopGradient() },
  Copy: { passesOn: true, parameters: ['x'], operation: () => identity() },
  ZerosLike: { parameters: ['x'], operation: (args) => filledLike(0, dtypeOf(args)) },
  OnesLike: { parameters: ['x'], operation: (args) => filledLike(1, dtypeOf(args)) },
  FullLike: {
    parameters: ['x', 'fill_value'],
    operands: ['x'],
    operation: (args) => filledLike(args.number('fill_value'), dtypeOf(args)),
  },
};

/** `initial` would be one more value that takes part. */
function extreme(name: 'max' | 'min'): Spelling {
  const plain = reduce(name);
  return {
    ...plain,
    operation: (args) => (args.has('initial') ? refuse('it has an initial value.') : plain.operation(args)),
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
    activationKind(['x'], (args) => build({ name, args })),
  ]);

/** Operations of functional models as Keras 3 saves them: `x + 2`, `x[:, 0]`, `keras.ops.mean(x, axis=1)`. */
export const keras3Operations: KindTable = Object.fromEntries([
  ...Object.entries(SPELLINGS).map(([className, spelling]): [string, LayerKind] => [
    `ops.${className}`,
    operationKind(spelling),
  ]),
  ...entries(ACTIVATIONS),
]);
