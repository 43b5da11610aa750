import * as l10n from '@vscode/l10n';
import type { StaticValues } from '../../graph/opConfig';
import type { Tensor } from '../../layers/kind';
import { shapesMatch, sizesMatch } from '../../layers/support/shapeMatching';
import { type BinaryName, binary } from '../arithmetic/binary';
import { where } from '../arithmetic/selection';
import { clip, type UnaryName, unary } from '../arithmetic/unary';
import { fullLike } from '../creation';
import {
  type ComputeContext,
  needsGradient,
  type Operation,
  operandAt,
  refuse,
  shapeText,
} from '../operation';
import { everyOperand, type OpKind, type OpTable, opKind } from './opKind';

/** TensorFlow's functions of two values, by what `keras.ops` calls them; `whole`: the same on sizes of a shape. */
const BINARY: Readonly<
  Record<string, { readonly name: BinaryName; wholeValue?(a: number, b: number): number }>
> = {
  Add: { name: 'add', wholeValue: (a, b) => a + b },
  AddV2: { name: 'add', wholeValue: (a, b) => a + b },
  Sub: { name: 'subtract', wholeValue: (a, b) => a - b },
  Mul: { name: 'multiply', wholeValue: (a, b) => a * b },
  RealDiv: { name: 'divide' },
  Div: { name: 'divide' },
  DivNoNan: { name: 'divide_no_nan' },
  FloorDiv: { name: 'floor_divide', wholeValue: (a, b) => Math.floor(a / b) },
  FloorMod: { name: 'mod', wholeValue: (a, b) => a - b * Math.floor(a / b) },
  Pow: { name: 'power' },
  SquaredDifference: { name: 'squared_difference' },
  Maximum: { name: 'maximum', wholeValue: Math.max },
  Minimum: { name: 'minimum', wholeValue: Math.min },
  Atan2: { name: 'arctan2' },
};

/** Comparisons, also of sizes and counters. */
const COMPARISONS: Readonly<
  Record<string, { readonly name: BinaryName; whole(a: number, b: number): boolean }>
> = {
  Equal: { name: 'equal', whole: (a, b) => a === b },
  NotEqual: { name: 'not_equal', whole: (a, b) => a !== b },
  Greater: { name: 'greater', whole: (a, b) => a > b },
  GreaterEqual: { name: 'greater_equal', whole: (a, b) => a >= b },
  Less: { name: 'less', whole: (a, b) => a < b },
  LessEqual: { name: 'less_equal', whole: (a, b) => a <= b },
  LogicalAnd: { name: 'logical_and', whole: (a, b) => a !== 0 && b !== 0 },
  LogicalOr: { name: 'logical_or', whole: (a, b) => a !== 0 || b !== 0 },
};

const UNARY: Readonly<Record<string, UnaryName>> = {
  Abs: 'abs',
  Neg: 'negative',
  Square: 'square',
  Sign: 'sign',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  Reciprocal: 'reciprocal',
  Inv: 'reciprocal',
  Exp: 'exp',
  Expm1: 'expm1',
  Log: 'log',
  Log1p: 'log1p',
  Sin: 'sin',
  Cos: 'cos',
  Tan: 'tan',
  Asin: 'arcsin',
  Acos: 'arccos',
  Atan: 'arctan',
  Sinh: 'sinh',
  Cosh: 'cosh',
  Asinh: 'arcsinh',
  Acosh: 'arccosh',
  Atanh: 'arctanh',
  Erf: 'erf',
  Erfc: 'erfc',
  Floor: 'floor',
  Ceil: 'ceil',
  Round: 'round',
  Rint: 'round',
};

const UNARY_PREDICATES: Readonly<Record<string, UnaryName>> = {
  IsNan: 'isnan',
  IsInf: 'isinf',
  IsFinite: 'isfinite',
  LogicalNot: 'logical_not',
};

/** The known values of both sides; a single size is broadcast. */
function wholeValues(
  a: StaticValues | null,
  b: StaticValues | null,
  of: (a: number, b: number) => number,
): StaticValues | null {
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return null;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const x = a[a.length === 1 ? 0 : i] ?? null;
    const y = b[b.length === 1 ? 0 : i] ?? null;
    return x === null || y === null ? null : of(x, y);
  });
}

/** `AddN`: any number of operands of one shape. */
const sum: Operation = {
  outputShapes(operands) {
    const first = operandAt(operands, 0);
    const other = operands.find((shape) => !shapesMatch(shape, first));
    if (other) refuse(l10n.t('shapes {0} and {1} differ.', shapeText(first), shapeText(other)));
    return [first];
  },
  forward: ({ tf }, operands) => [tf.addN([...operands])],
  backward: (_on, step) =>
    step.inputs.map((_, i) => (needsGradient(step, i) ? (step.gradients[0] ?? null) : null)),
};

/** In version 1 of `Select` a condition of one axis chooses whole rows, and only a scalar condition broadcasts. */
function selectRows(): Operation {
  const chosen = where();
  const asRows = (ctx: ComputeContext, [condition, ...values]: readonly Tensor[]): Tensor[] => {
    const rank = values[0]?.rank ?? 0;
    if (condition === undefined) return values;
    const missing = condition.rank === 1 ? Math.max(0, rank - 1) : 0;
    return [
      ctx.tf.reshape(condition, [...condition.shape, ...new Array<number>(missing).fill(1)]),
      ...values,
    ];
  };
  return {
    outputShapes(operands) {
      const [condition, yes, no] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
      const isFit =
        condition.length === 0 ||
        shapesMatch(condition, yes) ||
        (condition.length === 1 && sizesMatch(condition[0], yes[0]));
      if (!isFit || !shapesMatch(yes, no))
        refuse(
          l10n.t(
            'a condition {0} cannot choose between {1} and {2}.',
            shapeText(condition),
            shapeText(yes),
            shapeText(no),
          ),
        );
      return [yes];
    },
    forward: (ctx, operands) => chosen.forward(ctx, asRows(ctx, operands)),
    backward: (ctx, step) => chosen.backward?.(ctx, { ...step, inputs: asRows(ctx, step.inputs) }) ?? [],
  };
}

const both = (): number[] => [0, 1];

const table = <T>(rows: Readonly<Record<string, T>>, kind: (row: T) => OpKind): Record<string, OpKind> =>
  Object.fromEntries(Object.entries(rows).map(([op, row]) => [op, kind(row)]));

export const elementwiseOps: OpTable = {
  ...table(BINARY, ({ name, wholeValue: whole }) =>
    opKind({
      tensors: both,
      operation: () => binary(name),
      ...(whole ? { values: ({ values }) => wholeValues(values(0), values(1), whole) } : {}),
    }),
  ),
  ...table(COMPARISONS, ({ name, whole }) =>
    opKind({
      tensors: both,
      operation: () => binary(name),
      dtype: () => 'bool',
      values: ({ values }) => wholeValues(values(0), values(1), (a, b) => Number(whole(a, b))),
    }),
  ),
  ...table(UNARY, (name) => opKind({ operation: () => unary(name) })),
  ...table(UNARY_PREDICATES, (name) => opKind({ operation: () => unary(name), dtype: () => 'bool' })),
  AddN: opKind({ tensors: everyOperand, operation: () => sum }),
  // `tf.clip_by_value` with constant limits.
  ClipByValue: opKind({ operation: (args) => clip(args.number(1), args.number(2)) }),
  Select: opKind({
    tensors: everyOperand,
    operation: selectRows,
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  SelectV2: opKind({
    tensors: everyOperand,
    operation: where,
    dtype: ({ operands }) => operands[1]?.dtype ?? 'float32',
  }),
  ZerosLike: opKind({ operation: () => fullLike(0, null) }),
  OnesLike: opKind({ operation: () => fullLike(1, null) }),
};
