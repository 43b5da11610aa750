import * as l10n from '@vscode/l10n';
import { MAX_VALUES } from '../../graph/checkSizes';
import type { StaticValues } from '../../graph/opConfig';
import { constant, shapeOperation } from '../creation';
import { cast, computedDtype } from '../dtypes';
import { identity, stopGradient } from '../identity';
import { oneHot } from '../manipulation/classEncoding';
import { flip } from '../manipulation/flipping';
import { take, topK } from '../manipulation/gathering';
import { concatenate, stack } from '../manipulation/joining';
import { pad } from '../manipulation/padding';
import { broadcastTo, expandDims, reshape, squeeze, transpose } from '../manipulation/reshaping';
import { getItem, type IndexPart } from '../manipulation/slicing';
import { split, unstack } from '../manipulation/splitting';
import { tile } from '../manipulation/tiling';
import { elementCount, needsGradient, type Operation, operandAt, refuse } from '../operation';
import {
  everyOperand,
  type OpArguments,
  type OpKind,
  type OpTable,
  opKind,
  type StaticArguments,
} from './opKind';

/** The operand's known values, for operations that change only the shape. */
const kept = ({ values }: StaticArguments): StaticValues | null => values(0);

const identityOp = opKind({ operation: identity, values: kept });

/** `IdentityN`: each operand is an output. */
const identityN: Operation = {
  isPassThrough: true,
  outputShapes: (operands) => operands,
  forward: ({ tf }, operands) => operands.map((operand) => tf.clone(operand)),
  backward: (_on, step) => step.gradients.map((gradient, i) => (needsGradient(step, i) ? gradient : null)),
};

/** Rows `[before, after]` of a tensor of paddings. */
function pairs(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i] ?? 0, numbers[2 * i + 1] ?? 0]);
}

/** One position that is only known while the model runs. */
const OPEN: IndexPart = { kind: 'at', index: 0, open: true };

const isSet = (mask: number, bit: number): boolean => ((mask >> bit) & 1) === 1;

/** `x[begin:end:strides]` with TensorFlow's bit masks, one bit per part of the index. */
function stridedSlice({ config, sizes, numbers }: OpArguments): Operation {
  const [begin, end, strides] = [sizes(1), sizes(2), numbers(3)];
  const mask = (name: string): number => config.int(name, 0);
  const index = begin.map((start, i): IndexPart => {
    if (isSet(mask('ellipsis_mask'), i)) return { kind: 'ellipsis' };
    if (isSet(mask('new_axis_mask'), i)) return { kind: 'newaxis' };
    if (isSet(mask('shrink_axis_mask'), i)) return start === null ? OPEN : { kind: 'at', index: start };
    const [fromStart, toEnd] = [isSet(mask('begin_mask'), i), isSet(mask('end_mask'), i)];
    const stop = end[i] ?? null;
    const open = (!fromStart && start === null) || (!toEnd && stop === null);
    return {
      kind: 'range',
      start: fromStart ? null : start,
      stop: toEnd ? null : stop,
      step: strides[i] ?? 1,
      ...(open ? { open } : {}),
    };
  });
  return getItem(index);
}

/** The known values of a slice of a list of sizes. */
function slicedValues({ config, values }: StaticArguments): StaticValues | null {
  const [list, begin, end, strides] = [values(0), values(1), values(2), values(3)];
  const [start, stop, step] = [begin?.[0] ?? null, end?.[0] ?? null, strides?.[0] ?? null];
  if (!list || begin?.length !== 1 || start === null || stop === null || step !== 1) return null;
  const from = isSet(config.int('begin_mask', 0), 0) ? 0 : start;
  if (isSet(config.int('shrink_axis_mask', 0), 0)) return [list.at(start) ?? null];
  return list.slice(from, isSet(config.int('end_mask', 0), 0) ? undefined : stop);
}

function slice(args: OpArguments): Operation {
  const counts = args.sizes(2);
  return getItem(
    args.sizes(1).map((start, i): IndexPart => {
      const count = counts[i] ?? null;
      const whole = { kind: 'range', start: null, stop: null, step: 1 } as const;
      if (start === null || count === null) return { ...whole, open: true };
      return { kind: 'range', start, stop: count < 0 ? null : start + count, step: 1 };
    }),
  );
}

/** `tf.fill` and the like: one number in a shape that is an argument. */
function fill({ sizes, number, config }: OpArguments): Operation {
  const shape = sizes(0);
  const dtype = computedDtype(config.operands[1]?.dtype ?? '') ?? 'float32';
  return constant(shape, (tf) =>
    tf.cast(
      tf.fill(
        shape.map((size) => size ?? 1),
        number(1),
      ),
      dtype,
    ),
  );
}

/** `tf.range`: how many numbers it gives is known early only where all three of its operands are. */
function range({ config }: OpArguments): Operation {
  const dtype = config.operands.every((operand) => operand.dtype === 'int32') ? 'int32' : 'float32';
  const countOf = (start: number, stop: number, step: number): number => {
    const count = Math.max(0, Math.ceil((stop - start) / step));
    return Number.isSafeInteger(count) ? count : refuse(l10n.t('its range is infinite.'));
  };
  return {
    outputShapes() {
      const [start, stop, step] = [0, 1, 2].map((i) => config.operands[i]?.values?.[0] ?? null);
      if (typeof start !== 'number' || typeof stop !== 'number' || typeof step !== 'number') return [[null]];
      return [[countOf(start, stop, step)]];
    },
    forward({ tf }, operands) {
      const [start = 0, stop = 0, step = 1] = operands.map((operand) => operand.dataSync()[0] ?? 0);
      const count = countOf(start, stop, step);
      if (count > MAX_VALUES) refuse(l10n.t('its range has {0} numbers.', count), 'too-large');
      const values = dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = start + i * step;
      return [tf.tensor1d(values, dtype)];
    },
  };
}

/** Graphs for any rank compute sizes and axes by `tf.range`. */
function rangeValues({ values }: StaticArguments): StaticValues | null {
  const [start, stop, step] = [0, 1, 2].map((i) => values(i)?.[0] ?? null);
  if (typeof start !== 'number' || typeof stop !== 'number' || !step) return null;
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return count <= MAX_SIZES ? Array.from({ length: count }, (_, i) => start + i * step) : null;
}

/** The number of values (`Size`) or axes (`Rank`) of its operand. */
const counting = (of: (shape: readonly (number | null)[]) => number | null): OpKind =>
  opKind({
    operation: () => ({
      outputShapes: () => [[]],
      forward: ({ tf }, operands) => [tf.scalar(of(operandAt(operands, 0).shape) ?? 0, 'int32')],
    }),
    dtype: () => 'int32',
    values: ({ shape }) => [of(shape(0))],
  });

/** The operand at `places` concatenated, as far as their values are known. */
function joinedValues(args: StaticArguments, places: readonly number[]): StaticValues | null {
  const lists = places.map((i) => args.values(i) ?? unknownList(args.shape(i)));
  return lists.some((list) => list === null) ? null : lists.flatMap((list) => list ?? []);
}

function unknownList(shape: readonly (number | null)[]): StaticValues | null {
  const size = elementCount(shape);
  return size !== null && size <= MAX_SIZES && shape.length <= 1 ? new Array<null>(size).fill(null) : null;
}

/** Tensors have fewer axes. */
const MAX_SIZES = 16;

/** Before the model runs: known padding is added, the other sizes stay unknown. */
function openPad({ config }: OpArguments): Operation {
  const edges = config.operands[1]?.values;
  return shapesOnly(([x = []]) => [
    x.map((size, axis) => {
      const [before = null, after = null] = [edges?.[2 * axis], edges?.[2 * axis + 1]];
      return size === null || before === null || after === null ? null : size + before + after;
    }),
  ]);
}

/** Values and indices, as many as is determined while the model runs. */
const openTopK = shapesOnly(([x = []]) => {
  const shape = [...x.slice(0, -1), null];
  return [shape, shape];
});

/** An operation whose arguments are unknown before the model runs. */
function shapesOnly(outputShapes: Operation['outputShapes']): Operation {
  return { outputShapes, forward: () => refuse(l10n.t('its arguments are not known yet.')) };
}

const axisOf = (args: OpArguments, i: number): number => args.number(i);

export const shapeOps: OpTable = {
  Identity: identityOp,
  Snapshot: identityOp,
  PlaceholderWithDefault: identityOp,
  StopGradient: opKind({ operation: stopGradient, values: kept }),
  PreventGradient: opKind({ operation: stopGradient, values: kept }),
  Cast: opKind({
    operation: ({ config }) =>
      cast(
        computedDtype(config.string('DstT')) ?? refuse(l10n.t('it casts to a dtype that is not numeric.')),
      ),
    dtype: (config) => config.string('DstT'),
    values: kept,
  }),
  Reshape: opKind({
    role: 'reshaping',
    operation: (args) => reshape(args.sizes(1)),
    values: kept,
  }),
  Squeeze: opKind({
    role: 'reshaping',
    operation: ({ config }) => {
      const axes = config.has('squeeze_dims') ? config.intList('squeeze_dims') : [];
      return squeeze(axes.length > 0 ? axes : null);
    },
    values: kept,
  }),
  ExpandDims: opKind({
    role: 'reshaping',
    operation: (args) => expandDims([axisOf(args, 1)]),
    values: kept,
  }),
  Transpose: opKind({ role: 'reshaping', operation: (args) => transpose(args.numbers(1)) }),
  EnsureShape: identityOp,
  IdentityN: opKind({ tensors: everyOperand, operation: () => identityN }),
  ShapeN: opKind({
    tensors: everyOperand,
    operation: () => ({
      outputShapes: (operands) => operands.map((operand) => [operand.length]),
      forward: ({ tf }, operands) => operands.map((operand) => tf.tensor1d(operand.shape, 'int32')),
    }),
    dtype: () => 'int32',
    values: ({ shape }) => shape(0),
  }),
  Shape: opKind({ operation: shapeOperation, dtype: () => 'int32', values: ({ shape }) => shape(0) }),
  Rank: counting((shape) => shape.length),
  Size: counting(elementCount),
  Pack: opKind({
    tensors: everyOperand,
    operation: ({ config }) => stack(config.int('axis', 0)),
    values: (args) => joinedValues(args, everyOperand(args.count)),
  }),
  Unpack: opKind({
    operation: ({ config }) => unstack(config.int('axis', 0), config.int('num')),
  }),
  ConcatV2: opKind({
    tensors: (count) => everyOperand(count - 1),
    operation: (args) => concatenate(axisOf(args, -1)),
    values: (args) => joinedValues(args, everyOperand(args.count - 1)),
  }),
  Concat: opKind({
    tensors: (count) => everyOperand(count).slice(1),
    operation: (args) => concatenate(axisOf(args, 0)),
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  Split: opKind({
    tensors: () => [1],
    operation: (args) => split(args.config.int('num_split'), axisOf(args, 0)),
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  SplitV: opKind({
    operation: (args) =>
      split(
        args.numbers(1).map((size) => (size < 0 ? null : size)),
        axisOf(args, 2),
      ),
  }),
  StridedSlice: opKind({ operation: stridedSlice, values: slicedValues }),
  Slice: opKind({ operation: slice }),
  Tile: opKind({ operation: (args) => tile(args.sizes(1)) }),
  BroadcastTo: opKind({ operation: (args) => broadcastTo(args.sizes(1)) }),
  ReverseV2: opKind({ operation: (args) => flip(args.numbers(1)) }),
  Gather: opKind({ tensors: () => [0, 1], operation: () => take(0), operandNames: ['params', 'indices'] }),
  ResourceGather: opKind({
    tensors: () => [0, 1],
    operandNames: ['embeddings', 'indices'],
    operation: ({ config }) => take(config.int('batch_dims', 0), config.int('batch_dims', 0)),
  }),
  GatherV2: opKind({
    tensors: () => [0, 1],
    operandNames: ['params', 'indices'],
    operation: (args) => take(axisOf(args, 2), args.config.int('batch_dims', 0)),
    values({ values, shape }) {
      const [list, at] = [values(0), values(1)];
      if (!list || !at || shape(0).length !== 1) return null;
      return at.map((i) => (i === null ? null : (list.at(i) ?? null)));
    },
  }),
  Fill: opKind({
    tensors: () => [],
    operation: fill,
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  Range: opKind({ tensors: everyOperand, operation: range, values: rangeValues }),
  OneHot: opKind({
    operation: ({ config, number }) =>
      oneHot(number(1), config.int('axis', -1), { on: number(2), off: number(3) }),
    dtype: ({ operands }) => operands[2]?.dtype ?? 'float32',
  }),
  TopKV2: opKind({ operation: (args) => (args.isKnown(1) ? topK(args.number(1)) : openTopK) }),
  Pad: opKind({
    role: 'padding',
    operation: (args) => (args.isKnown(1) ? pad(pairs(args.numbers(1))) : openPad(args)),
  }),
  PadV2: opKind({
    role: 'padding',
    operation: (args) =>
      args.isKnown(1) && args.isKnown(2)
        ? pad(pairs(args.numbers(1)), 'constant', args.number(2))
        : openPad(args),
  }),
  MirrorPad: opKind({
    role: 'padding',
    operation: (args) =>
      pad(
        pairs(args.numbers(1)),
        args.config.choice('mode', ['REFLECT', 'SYMMETRIC']) === 'REFLECT' ? 'reflect' : 'symmetric',
      ),
  }),
};
