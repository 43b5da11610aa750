import type { ErrorKind } from '../../shared/errors';
import type { BackendName, Shape } from '../../shared/model';
import type { StaticValues } from '../graph/opConfig';
import type { BackwardStep, Tensor, TF } from '../layers/kind';
import { shapeText } from '../layers/support/shapeMatching';

/** Where an operation is computed. */
export interface Computing {
  readonly tf: TF;
  readonly backend: BackendName;
}

/** A backward step of an operation whose operands may be constants or weights, which need no gradient. */
export interface OperationStep extends BackwardStep {
  /** For each operand whether its gradient is asked for; left out, all are. */
  readonly wanted?: readonly boolean[];
}

/** Whether the gradient of an operand is to be computed: it is a float that somebody asks for. */
export const wants = (step: OperationStep, operand: number): boolean =>
  step.inputs[operand]?.dtype === 'float32' && step.wanted?.[operand] !== false;

/**
 * What an operation does, its arguments settled: `reduction('mean', { axes: [1] })` is one, `binary('add')` another.
 * How a vocabulary spells it (Keras 3's `Mean`, TensorFlow's `math.reduce_mean`, a graph's `Mean` node) is not its
 * business: a vocabulary reads its own arguments, makes one of these and says which tensors are its operands.
 *
 * To use the room from another vocabulary: read the arguments, call the factory (`unary`, `binary`, `reduction`,
 * `reshape`, ...), then `outputShapes`, `forward` and `backward` with the operands in the factory's order. Numbers are
 * float32, int32 or bool, as in TF.js; integers and booleans have no gradient. What cannot be is a `Refusal`, whose message
 * says why without naming the node: whoever runs the operation knows its name.
 */
export interface Operation {
  /** Every value of output k is one of operand k (of the only operand), unchanged, wherever it is put. */
  readonly isPassThrough?: true;
  /** Of an operation that only reorders axes: axis i of the output is axis `permutation(rank)[i]` of the operand. */
  permutation?(rank: number): readonly number[];
  /** Static shapes of the outputs, `null` for unknown sizes; @throws Refusal. */
  outputShapes(operands: readonly Shape[]): readonly Shape[];
  /** What is known of the outputs before anything runs, row-major; left out by what models do not compute shapes with. */
  staticValues?(operands: readonly StaticOperand[]): readonly (StaticValues | null)[];
  /** Products that are added up, `null` where an unknown size decides; left out by what is not a sum of products. */
  multiplyAdds?(operands: readonly Shape[]): number | null;
  /** Elementary steps where they are many more than products and values (`LayerRule.work`). */
  work?(operands: readonly Shape[]): number | null;
  /** Owns nothing: run it inside a `tf.tidy`. */
  forward(on: Computing, operands: readonly Tensor[]): readonly Tensor[];
  /**
   * dScore/dOperand, one an operand, `null` where there is none. Left out by operations without a gradient (comparisons,
   * rounding, positions): what comes before them gets none from there, as in TensorFlow.
   */
  backward?(on: Computing, step: OperationStep): readonly (Tensor | null)[];
}

/** An operand of which the values may be known before anything runs. */
export interface StaticOperand {
  readonly shape: Shape;
  readonly values: StaticValues | null;
}

/** What is at fault: the node's arguments, the values that reach it, or their number. */
export type RefusalKind = Extract<ErrorKind, 'bad-config' | 'bad-input' | 'too-large'>;

export const REMEDIES: Readonly<Record<RefusalKind, string>> = {
  'bad-config': 'The file is damaged, or the input does not fit the model; save the model again with Keras.',
  'bad-input': 'Choose another input; Keras refuses this one as well.',
  'too-large': 'Choose a smaller input, or a layer before this one.',
};

/** Why an operation cannot be computed: a sentence that does not name the node. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    why: string,
    readonly kind: RefusalKind = 'bad-config',
  ) {
    super(why);
  }
}

export function refuse(why: string, kind?: RefusalKind): never {
  throw new Refusal(why, kind);
}

/** As much as a trace keeps of one node: 1 GB of float32. */
export const MAX_VALUES = 2 ** 28;

/**
 * Computes an operation, once what it would give is seen to be possible: a size may be one of the values that reach the node,
 * so that nothing is known of it before. @throws Refusal
 */
export function computeSized(
  operation: Operation,
  on: Computing,
  operands: readonly Tensor[],
): readonly Tensor[] {
  for (const shape of operation.outputShapes(operands.map((operand) => operand.shape))) {
    if (!shape.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0))) {
      refuse(`its values imply the impossible shape ${shapeText(shape)}.`, 'bad-input');
    }
    const count = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
    if (count > MAX_VALUES) refuse(`it would give ${count} values ${shapeText(shape)}.`, 'too-large');
  }
  return operation.forward(on, operands);
}

export { shapeText };

/** Operand `index` of an operation. */
export function operandAt<T>(operands: readonly T[], index: number): T {
  const found = operands[index];
  return found === undefined ? refuse(`operand ${index + 1} is missing.`) : found;
}

/** An operation of one operand and one output. */
export function ofOne(what: {
  shape(operand: Shape): Shape;
  value(on: Computing, x: Tensor): Tensor;
  gradient?(on: Computing, gradient: Tensor, x: Tensor, y: Tensor): Tensor;
  /** Where the values are those of the operand, in its order. */
  readonly handsOn?: true;
  /** Where they are, in whatever order, some of them several times or not at all. */
  readonly isPassThrough?: boolean;
  staticValues?(operand: StaticOperand): StaticValues | null;
}): Operation {
  const { gradient, staticValues, isPassThrough } = what;
  const known = what.handsOn ? ({ values }: StaticOperand) => values : staticValues;
  return {
    ...(isPassThrough && { isPassThrough }),
    ...(known && { staticValues: (operands) => [known(operandAt(operands, 0))] }),
    outputShapes: (operands) => [what.shape(operandAt(operands, 0))],
    forward: (on, operands) => [what.value(on, operandAt(operands, 0))],
    ...(gradient && {
      backward(on, step) {
        const [dy] = step.gradients;
        if (!dy || !wants(step, 0)) return [null];
        return [gradient(on, dy, operandAt(step.inputs, 0), operandAt(step.outputs, 0))];
      },
    }),
  };
}

/** The tensor as float32, which is what functions such as `exp` are computed in. */
export const asFloat = (tf: TF, x: Tensor): Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));

/** Booleans as int32: TF.js's kernels compute with numbers only. */
export const asNumber = (tf: TF, x: Tensor): Tensor => (x.dtype === 'bool' ? tf.cast(x, 'int32') : x);

/** An axis counted from the front; negative ones count from the end. */
export function axisIn(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(at) && at >= 0 && at < rank) return at;
  return refuse(`a tensor of ${rank} axes has no axis ${axis}.`);
}

/** Several axes, ascending; all of them for `null`. */
export function axesIn(axes: readonly number[] | null, rank: number): number[] {
  if (axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const found = [...new Set(axes.map((axis) => axisIn(axis, rank)))].sort((a, b) => a - b);
  return found.length === axes.length ? found : refuse(`an axis is named twice in [${axes.join(', ')}].`);
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The product of sizes, `null` when one is unknown. */
export const sizeOf = (shape: Shape): number | null =>
  shape.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);
