import type { Shape } from '../../shared/model';
import { sumOf } from '../graph/cost';
import type { Tensor } from '../layers/kind';
import type { ComputeContext, Operation, OperationStep } from './operation';
import { elementCount, operandAt } from './operation';

/** A value inside a compound operation: an operand or the output of a step. */
export interface Value {
  /** Static before the model runs, else that of the tensor. */
  readonly shape: Shape;
  readonly id: number;
}

/** Applies an operation and returns its outputs, at least one. */
export type Apply = (operation: Operation, ...operands: Value[]) => [Value, ...Value[]];

interface Step {
  readonly operation: Operation;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * An operation composed of others: `build` applies them in sequence; shapes, values and gradients
 * follow. The backward pass recomputes intermediate values, so common expensive operations are implemented directly.
 */
export function compound(build: (apply: Apply, operands: readonly Value[]) => readonly Value[]): Operation {
  function record<T>(
    operands: readonly T[],
    run: (operation: Operation, inputs: readonly T[]) => readonly T[],
    shapeOf: (value: T) => Shape,
  ) {
    const values: T[] = [...operands];
    const steps: Step[] = [];
    const valueAt = (id: number): Value => ({ id, shape: shapeOf(operandAt(values, id)) });
    const apply: Apply = (operation, ...inputs) => {
      const ids = inputs.map(({ id }) => id);
      const results = run(
        operation,
        ids.map((id) => operandAt(values, id)),
      );
      const outputs = results.map((result) => values.push(result) - 1);
      steps.push({ operation, inputs: ids, outputs });
      const [first, ...rest] = outputs.map(valueAt);
      if (first === undefined) throw new RangeError('an operation returned no output');
      return [first, ...rest];
    };
    const outputs = build(
      apply,
      operands.map((_, id) => valueAt(id)),
    ).map(({ id }) => id);
    return { values, steps, outputs };
  }
  const runSteps = (ctx: ComputeContext, operands: readonly Tensor[]) =>
    record<Tensor>(
      operands,
      (operation, inputs) => operation.forward(ctx, inputs),
      (tensor) => tensor.shape,
    );
  /** The total cost of all steps, `null` where it depends on an unknown size. */
  const totalCost = (operands: readonly Shape[], of: 'multiplyAdds' | 'work'): number | null => {
    const counts: (number | null)[] = [];
    const count = (operation: Operation, inputs: readonly Shape[]): readonly Shape[] => {
      counts.push(operation[of] ? operation[of](inputs) : 0);
      return operation.outputShapes(inputs);
    };
    record<Shape>(operands, count, (shape) => shape);
    return sumOf(counts);
  };
  /** All intermediate values are there until the last step, beside the workspace of the one that needs most. */
  const workspace = (operands: readonly Shape[]): number | null => {
    const needs: (number | null)[] = [];
    const need = (operation: Operation, inputs: readonly Shape[]): readonly Shape[] => {
      needs.push(operation.workspace ? operation.workspace(inputs) : 0);
      return operation.outputShapes(inputs);
    };
    const { values, outputs } = record<Shape>(operands, need, (shape) => shape);
    const inner = values.filter((_, id) => id >= operands.length && !outputs.includes(id)).map(elementCount);
    const most = needs.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
    return sumOf([...inner, most]);
  };
  return {
    outputShapes(operands) {
      const { values, outputs } = record<Shape>(
        operands,
        (operation, inputs) => operation.outputShapes(inputs),
        (shape) => shape,
      );
      return outputs.map((id) => operandAt(values, id));
    },
    multiplyAdds: (operands) => totalCost(operands, 'multiplyAdds'),
    work: (operands) => totalCost(operands, 'work'),
    workspace,
    forward(ctx, operands) {
      const { values, outputs } = runSteps(ctx, operands);
      // Copies, since an output may be an operand or appear twice.
      return outputs.map((id) => ctx.tf.clone(operandAt(values, id)));
    },
    backward(ctx, step) {
      const { values, steps, outputs } = runSteps(ctx, step.inputs);
      const reaching = new Map<number, Tensor>();
      const add = (id: number, gradient: Tensor | null | undefined): void => {
        const before = reaching.get(id);
        if (gradient) reaching.set(id, before ? ctx.tf.add(before, gradient) : gradient);
      };
      for (const [i, id] of outputs.entries()) add(id, step.gradients[i]);
      const needed = dependentValues(step, steps);
      for (const { operation, inputs, outputs: given } of steps.toReversed()) {
        const gradients = given.map((id) => reaching.get(id) ?? null);
        if (!operation.backward || gradients.every((gradient) => gradient === null)) continue;
        const toInputs = operation.backward(ctx, {
          inputs: inputs.map((id) => operandAt(values, id)),
          outputs: given.map((id) => operandAt(values, id)),
          gradients,
          requested: inputs.map((id) => needed.has(id)),
        });
        for (const [i, id] of inputs.entries()) add(id, toInputs[i]);
      }
      return step.inputs.map((_, id) => (needed.has(id) ? (reaching.get(id) ?? null) : null));
    },
  };
}

/** The values that depend on an operand whose gradient is requested. */
function dependentValues({ inputs, requested: wanted }: OperationStep, steps: readonly Step[]): Set<number> {
  const found = new Set(inputs.flatMap((_, id) => (wanted?.[id] === false ? [] : [id])));
  for (const step of steps) {
    if (step.inputs.some((id) => found.has(id))) for (const id of step.outputs) found.add(id);
  }
  return found;
}

/** A compound operation of one output. */
export const formula = (build: (apply: Apply, operands: readonly Value[]) => Value): Operation =>
  compound((apply, operands) => [build(apply, operands)]);
