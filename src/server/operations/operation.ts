import * as l10n from '@vscode/l10n';
import type { ErrorKind } from '../../shared/errors';
import type { BackendName, Shape } from '../../shared/model';
import { isPossibleShape, MAX_VALUES } from '../graph/checkSizes';
import type { StaticValues } from '../graph/opConfig';
import type { BackwardStep, Tensor, TF } from '../layers/kind';
import { shapeText } from '../layers/support/shapeMatching';

/** Where an operation is computed. */
export interface ComputeContext {
  readonly tf: TF;
  readonly backend: BackendName;
}

/** A backward step of an operation whose operands may be constants or weights, which need no gradient. */
export interface OperationStep extends BackwardStep {
  /** For each operand whether its gradient is requested; all are if left out. */
  readonly requested?: readonly boolean[];
}

/** Whether the gradient of an operand is to be computed: it is a float whose gradient is requested. */
export const needsGradient = (step: OperationStep, operand: number): boolean =>
  step.inputs[operand]?.dtype === 'float32' && step.requested?.[operand] !== false;

/**
 * What an operation does, with its arguments bound: `reduction('mean', { axes: [1] })` is one, `binary('add')` another.
 * How a vocabulary spells it (Keras 3's `Mean`, TensorFlow's `math.reduce_mean`, a graph's `Mean` node) is not its
 * concern: a vocabulary reads its own arguments, creates an operation and names the tensors that are its operands.
 *
 * To use an operation from another vocabulary: read the arguments, call the factory (`unary`, `binary`, `reduction`,
 * `reshape`, ...), then `outputShapes`, `forward` and `backward` with the operands in the factory's order. Numbers are
 * float32, int32 or bool, as in TF.js; integers and booleans have no gradient. An impossible one is a `Refusal`, whose message
 * states the cause without the name of the node, which the caller adds.
 */
export interface Operation {
  /** Every value of output k is one of operand k (of the only operand), unchanged, at any position. */
  readonly isPassThrough?: true;
  /** Of an operation that only reorders axes: axis i of the output is axis `permutation(rank)[i]` of the operand. */
  permutation?(rank: number): readonly number[];
  /** Static shapes of the outputs, `null` for unknown sizes; @throws Refusal. */
  outputShapes(operands: readonly Shape[]): readonly Shape[];
  /** The values of the outputs that are known before the model runs, row-major; left out by operations that compute no shapes. */
  staticValues?(operands: readonly StaticOperand[]): readonly (StaticValues | null)[];
  /** Multiply-adds, `null` where they depend on an unknown size; left out by operations that are not sums of products. */
  multiplyAdds?(operands: readonly Shape[]): number | null;
  /** Elementary steps where they far outnumber products and values (`LayerRule.work`). */
  work?(operands: readonly Shape[]): number | null;
  /** Values needed besides operands and outputs where they may far outnumber those (`LayerRule.workspace`). */
  workspace?(operands: readonly Shape[]): number | null;
  /** Disposes of no intermediate tensor: call it inside a `tf.tidy`. */
  forward(ctx: ComputeContext, operands: readonly Tensor[]): readonly Tensor[];
  /**
   * dScore/dOperand, one per operand, `null` where there is none. Left out by operations without a gradient (comparisons,
   * rounding, indices): they pass none back, as in TensorFlow.
   */
  backward?(ctx: ComputeContext, step: OperationStep): readonly (Tensor | null)[];
}

/** An operand whose values may be known before the model runs. */
export interface StaticOperand {
  readonly shape: Shape;
  readonly values: StaticValues | null;
}

/** The cause: the node's arguments, its input shapes (Keras refuses them as well), its input values, or their number. */
export type RefusalKind = Extract<ErrorKind, 'bad-config' | 'wrong-shape' | 'bad-input' | 'too-large'>;

export const REMEDIES: Readonly<Record<RefusalKind, string>> = {
  'bad-config': l10n.t(
    'The file is damaged, or the input does not fit the model; save the model again with Keras.',
  ),
  'wrong-shape': l10n.t(
    'The file is damaged, or the input does not fit the model; save the model again with Keras.',
  ),
  'bad-input': l10n.t('Choose another input; Keras refuses this one as well.'),
  'too-large': l10n.t('Choose a smaller input, or a layer before this one.'),
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

/**
 * Computes an operation after checking the size of its result: a size may be one of the input values,
 * unknown until then. @throws Refusal
 */
export function computeSized(
  operation: Operation,
  ctx: ComputeContext,
  operands: readonly Tensor[],
): readonly Tensor[] {
  for (const shape of operation.outputShapes(operands.map((operand) => operand.shape))) {
    if (!isPossibleShape(shape)) {
      refuse(l10n.t('its values imply the impossible shape {0}.', shapeText(shape)), 'bad-input');
    }
    const count = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
    if (count > MAX_VALUES)
      refuse(l10n.t('it would give {0} values {1}.', count, shapeText(shape)), 'too-large');
  }
  return operation.forward(ctx, operands);
}

export { shapeText };

/** Operand `index` of an operation. */
export function operandAt<T>(operands: readonly T[], index: number): T {
  const found = operands[index];
  return found === undefined ? refuse(l10n.t('operand {0} is missing.', index + 1)) : found;
}

/** An operation of one operand and one output. */
export function singleOperand(what: {
  shape(operand: Shape): Shape;
  value(ctx: ComputeContext, x: Tensor): Tensor;
  gradient?(ctx: ComputeContext, gradient: Tensor, x: Tensor, y: Tensor): Tensor;
  /** The values are those of the operand, in its order. */
  readonly keepsValues?: true;
  /** The values are some of the operand's, in any order, possibly repeated. */
  readonly isPassThrough?: boolean;
  staticValues?(operand: StaticOperand): StaticValues | null;
  workspace?(operand: Shape): number | null;
}): Operation {
  const { gradient, staticValues, isPassThrough, workspace } = what;
  const known = what.keepsValues ? ({ values }: StaticOperand) => values : staticValues;
  return {
    ...(isPassThrough && { isPassThrough }),
    ...(known && { staticValues: (operands) => [known(operandAt(operands, 0))] }),
    outputShapes: (operands) => [what.shape(operandAt(operands, 0))],
    ...(workspace && { workspace: (operands) => workspace(operandAt(operands, 0)) }),
    forward: (ctx, operands) => [what.value(ctx, operandAt(operands, 0))],
    ...(gradient && {
      backward(ctx, step) {
        const [dy] = step.gradients;
        if (!dy || !needsGradient(step, 0)) return [null];
        return [gradient(ctx, dy, operandAt(step.inputs, 0), operandAt(step.outputs, 0))];
      },
    }),
  };
}

/** The tensor as float32, for functions such as `exp`. */
export const asFloat = (tf: TF, x: Tensor): Tensor => (x.dtype === 'float32' ? x : tf.cast(x, 'float32'));

/** Booleans as int32: TF.js's kernels compute with numbers only. */
export const asNumber = (tf: TF, x: Tensor): Tensor => (x.dtype === 'bool' ? tf.cast(x, 'int32') : x);

/** An axis counted from the front; negative ones count from the end. */
export function normalizeAxis(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(at) && at >= 0 && at < rank) return at;
  return refuse(l10n.t('a tensor of {0} axes has no axis {1}.', rank, axis), 'wrong-shape');
}

/** Several axes, ascending; all of them for `null`. */
export function normalizeAxes(axes: readonly number[] | null, rank: number): number[] {
  if (axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const found = [...new Set(axes.map((axis) => normalizeAxis(axis, rank)))].sort((a, b) => a - b);
  return found.length === axes.length
    ? found
    : refuse(l10n.t('an axis is named twice in [{0}].', axes.join(', ')));
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The product of sizes, `null` when one is unknown. */
export const elementCount = (shape: Shape): number | null =>
  shape.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);
