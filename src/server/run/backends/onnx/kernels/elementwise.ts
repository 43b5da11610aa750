import { sizeOf } from '../../../../../shared/model';
import type { GraphWriter } from '../graphWriter';
import {
  type Asked,
  firstOperand,
  isFloat,
  type Kernel,
  type KernelTable,
  number,
  operand,
  result,
} from '../kernel';
import { ELEMENT_TYPES } from '../model';
import type { Call, Value } from '../value';

/** Nodes that compute a function of each value; `name` is that of the values. */
type Formula = (graph: GraphWriter, name: string, call: Call) => string;

/** A function of each value of the first operand, in whichever layout that is. */
function unary(formula: Formula, dtype: 'float32' | 'bool' = 'float32'): Kernel {
  return {
    outputs: (call) => [{ shape: firstOperand(call).shape, dtype }],
    write(graph, call) {
      graph.defineLike(result(call), [firstOperand(call)], ([name = '']) => formula(graph, name, call));
    },
  };
}

const node =
  (op: string): Formula =>
  (graph, name) =>
    graph.add(op, [name]);

const clip = (graph: GraphWriter, name: string, low: number, high: number): string =>
  graph.add('Clip', [name, graph.float(low), graph.float(high)]);

/** From this many values on, a sigmoid is computed by the runtime's own kernel. */
const LARGE_SIGMOID = 2 ** 14;

/**
 * ONNX Runtime's kernel takes everything beyond 18 for 18, an error of 1.6e-8: nothing in a feature map or in a gate of a loop, which
 * would take more than half as many nodes again, much in a probability. Small values, among which are all probabilities, are computed
 * exactly.
 */
const sigmoid: Formula = (graph, name, call) => {
  if (graph.isStep || sizeOf(result(call).shape) >= LARGE_SIGMOID) return graph.add('Sigmoid', [name]);
  const exponential = graph.add('Exp', [graph.add('Neg', [name])]);
  return graph.add('Reciprocal', [graph.add('Add', [exponential, graph.float(1)])]);
};

/**
 * The values with all but 0 moved to at least 1 from it, also the smallest one, 2^-149. With `Clip` a sign, in a third of the time that
 * ONNX Runtime's `Sign` takes.
 */
const magnified = (graph: GraphWriter, name: string): string => {
  const factor = graph.float(2 ** 127);
  return graph.add('Mul', [graph.add('Mul', [name, factor]), factor]);
};

/** 1 above 0, `alpha` elsewhere; NaN stays NaN. */
const step: Formula = (graph, name, call) => {
  const alpha = call.attributes.alpha ?? 0;
  const sign = clip(graph, magnified(graph, name), 0, 1);
  if (alpha === 0) return sign;
  const rest = graph.add('Mul', [graph.add('Sub', [graph.float(1), sign]), graph.float(Number(alpha))]);
  return graph.add('Add', [sign, rest]);
};

/** How the shape of an operand is seen beside a channels-first image. */
function besideFirst(graph: GraphWriter, value: Value): string {
  const { shape } = value;
  if (shape.length === 4) return graph.first(value);
  if (sizeOf(shape) === 1) return graph.reshape(graph.plain(value), [1, 1, 1, 1]);
  const padded = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
  const [batch = 1, height = 1, width = 1, channels = 1] = padded;
  const image = graph.reshape(graph.plain(value), height * width === 1 ? [batch, channels, 1, 1] : padded);
  return height * width === 1 ? image : graph.add('Transpose', [image], { perm: [0, 3, 1, 2] });
}

/** A function of two values with broadcasting, in channels-first layout where one operand of the shape of the result has it. */
function binary(op: string | Formula2, dtype?: 'bool', accepts?: Kernel['accepts']): Kernel {
  const combine: Formula2 = typeof op === 'string' ? (graph, a, b) => graph.add(op, [a, b]) : op;
  return {
    ...(accepts && { accepts }),
    outputs({ operands: [a, b] }) {
      const type = dtype ?? a?.dtype ?? 'float32';
      return [{ shape: broadcast(a?.shape ?? [], b?.shape ?? []), dtype: type }];
    },
    write(graph, call) {
      const [a, b] = call.operands;
      if (a === undefined || b === undefined) return;
      const out = result(call);
      const leads = (value: Value) =>
        value.shape.length === 4 && sizeOf(value.shape) === sizeOf(out.shape) && graph.isFirst(value);
      if (leads(a) || leads(b) || isPerChannel(a, b) || isPerChannel(b, a)) {
        graph.defineFirst(out, combine(graph, besideFirst(graph, a), besideFirst(graph, b)));
      } else graph.definePlain(out, combine(graph, graph.plain(a), graph.plain(b)));
    },
  };
}

type Formula2 = (graph: GraphWriter, a: string, b: string) => string;

/** An image of fewer channels is combined with one number per channel in runs of so few values that it takes ten times as long. */
const FEW_CHANNELS = 16;

/** Whether one number per channel is combined with an image of few channels, such as the input of a network. */
function isPerChannel({ shape }: Value, other: Value): boolean {
  const channels = shape[3] ?? 0;
  const isImage = shape.length === 4 && channels < FEW_CHANNELS && channels > 1;
  return (
    isImage && sizeOf(other.shape) === channels && other.shape.at(-1) === channels && sizeOf(shape) > channels
  );
}

/** @throws RangeError for shapes that do not fit */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [one = 1, other = 1] = [a[a.length - rank + i], b[b.length - rank + i]];
    if (one !== other && one !== 1 && other !== 1) {
      throw new RangeError(
        `Operands could not be broadcast together with shapes ${a.join()} and ${b.join()}.`,
      );
    }
    return one === 1 ? other : one;
  });
}

const sameTypes = ({ operands }: Asked): boolean => {
  const [a, b] = operands;
  return a !== undefined && b !== undefined && a.dtype === b.dtype && (isFloat(a) || a.dtype === 'int32');
};
/** Floats or, which an embedding computes with, whole numbers. */
const areNumbers = (call: Asked): boolean =>
  sameTypes(call) && call.operands.every(({ shape }) => sizeOf(shape) > 0);
const booleans = ({ operands }: Asked): boolean => operands.every(({ dtype }) => dtype === 'bool');

const comparison = (op: string): Kernel => binary(op, 'bool', sameTypes);

const multiplied = binary('Mul', undefined, areNumbers);

export const elementwise: KernelTable = {
  Abs: unary(node('Abs')),
  Neg: unary(node('Neg')),
  Relu: unary(node('Relu')),
  Relu6: unary((graph, name) => clip(graph, name, 0, 6)),
  Sigmoid: unary(sigmoid),
  Tanh: unary(node('Tanh')),
  Exp: unary(node('Exp')),
  Log: unary(node('Log')),
  Sqrt: unary(node('Sqrt')),
  Rsqrt: unary((graph, name) => graph.add('Reciprocal', [graph.add('Sqrt', [name])])),
  Square: unary((graph, name) => graph.add('Mul', [name, name])),
  Reciprocal: unary(node('Reciprocal')),
  Erf: unary(node('Erf')),
  Floor: unary(node('Floor')),
  Ceil: unary(node('Ceil')),
  Round: unary(node('Round')),
  Sin: unary(node('Sin')),
  Cos: unary(node('Cos')),
  Sign: unary((graph, name) => clip(graph, magnified(graph, name), -1, 1)),
  Softplus: unary(node('Softplus')),
  Step: unary(step),
  LeakyRelu: unary((graph, name, call) =>
    graph.add('LeakyRelu', [name], { alpha: { float: number(call, 'alpha') } }),
  ),
  ClipByValue: unary((graph, name, call) =>
    clip(graph, name, number(call, 'clipValueMin'), number(call, 'clipValueMax')),
  ),
  IsNan: unary(node('IsNaN'), 'bool'),

  Add: binary('Add', undefined, areNumbers),
  Sub: binary('Sub', undefined, areNumbers),
  Multiply: {
    ...multiplied,
    write(graph, call) {
      const out = result(call);
      const isScaled = (image?: Value, factors?: Value): boolean =>
        image?.shape.length === 4 &&
        factors?.weight != null &&
        graph.defineScaled(out, image, factors, besideFirst(graph, factors));
      const [a, b] = call.operands;
      if (!isScaled(a, b) && !isScaled(b, a)) multiplied.write(graph, call);
    },
  },
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  SquaredDifference: binary((graph, a, b) => {
    const difference = graph.add('Sub', [a, b]);
    return graph.add('Mul', [difference, difference]);
  }),
  Prelu: binary('PRelu'),
  Equal: comparison('Equal'),
  NotEqual: binary((graph, a, b) => graph.add('Not', [graph.add('Equal', [a, b])]), 'bool', sameTypes),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  LogicalAnd: binary('And', 'bool', booleans),
  LogicalOr: binary('Or', 'bool', booleans),
  LogicalNot: { ...unary(node('Not'), 'bool'), accepts: booleans },

  AddN: {
    outputs: (call) => [{ shape: firstOperand(call).shape, dtype: 'float32' }],
    write(graph, call) {
      graph.defineLike(result(call), call.operands, (names) =>
        names.reduce((total, name) => graph.add('Add', [total, name])),
      );
    },
  },
  Select: {
    accepts: ({ inputs: { condition, t, e } }) =>
      condition?.dtype === 'bool' &&
      t?.dtype === 'float32' &&
      e?.dtype === 'float32' &&
      condition.shape.length === t.shape.length,
    outputs: (call) => [{ shape: operand(call, 't').shape, dtype: 'float32' }],
    write(graph, call) {
      const parts = ['condition', 't', 'e'].map((name) => operand(call, name));
      graph.defineLike(result(call), parts, (names) => graph.add('Where', names));
    },
  },
  Cast: {
    accepts: ({ operands: [x], attributes: { dtype } }) =>
      (x?.dtype === 'bool' || x?.dtype === 'float32' || x?.dtype === 'int32') &&
      (dtype === 'float32' || (dtype === 'int32' && x.dtype !== 'float32')),
    outputs: ({ operands: [x], attributes: { dtype } }) => [
      { shape: x?.shape ?? [], dtype: dtype === 'int32' ? 'int32' : 'float32' },
    ],
    write(graph, call) {
      const x = operand(call, 'x');
      const out = result(call);
      if (x.dtype === out.dtype) graph.defineAs(out, x);
      else graph.defineLike(out, [x], ([name = '']) => cast(graph, name, out));
    },
  },
};

const cast = (graph: GraphWriter, name: string, { dtype }: Value): string =>
  graph.add('Cast', [name], { to: dtype === 'int32' ? ELEMENT_TYPES.int32 : ELEMENT_TYPES.float32 });
