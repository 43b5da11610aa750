import type { Shape } from '../../shared/model';
import { sumOf } from '../graph/cost';
import type { Tensor } from '../layers/kind';
import type { Computing, Operation, OperationStep } from './operation';
import { operandAt } from './operation';

/** A value inside a compound operation: what an operand or a step gives. */
export interface Value {
  /** Static while shapes are, else that of the tensor. */
  readonly shape: Shape;
  readonly id: number;
}

/** Applies an operation and gives its outputs; it has at least one. */
export type Apply = (operation: Operation, ...operands: Value[]) => [Value, ...Value[]];

interface Step {
  readonly operation: Operation;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/**
 * An operation written in terms of others: `build` applies them one after the other, and shapes, values and gradients
 * follow. The way back computes the values in between again, so what is common and dear has a way of its own.
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
      if (first === undefined) throw new RangeError('an operation gave nothing');
      return [first, ...rest];
    };
    const outputs = build(
      apply,
      operands.map((_, id) => valueAt(id)),
    ).map(({ id }) => id);
    return { values, steps, outputs };
  }
  const play = (on: Computing, operands: readonly Tensor[]) =>
    record<Tensor>(
      operands,
      (operation, inputs) => operation.forward(on, inputs),
      (tensor) => tensor.shape,
    );
  /** A cost of all steps, `null` where an unknown size decides. */
  const total = (operands: readonly Shape[], of: 'multiplyAdds' | 'work'): number | null => {
    const counts: (number | null)[] = [];
    const count = (operation: Operation, inputs: readonly Shape[]): readonly Shape[] => {
      counts.push(operation[of] ? operation[of](inputs) : 0);
      return operation.outputShapes(inputs);
    };
    record<Shape>(operands, count, (shape) => shape);
    return sumOf(counts);
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
    multiplyAdds: (operands) => total(operands, 'multiplyAdds'),
    work: (operands) => total(operands, 'work'),
    forward(on, operands) {
      const { values, outputs } = play(on, operands);
      // Copies, since an output may be an operand handed through or be given twice.
      return outputs.map((id) => on.tf.clone(operandAt(values, id)));
    },
    backward(on, step) {
      const { values, steps, outputs } = play(on, step.inputs);
      const reaching = new Map<number, Tensor>();
      const add = (id: number, gradient: Tensor | null | undefined): void => {
        const before = reaching.get(id);
        if (gradient) reaching.set(id, before ? on.tf.add(before, gradient) : gradient);
      };
      for (const [i, id] of outputs.entries()) add(id, step.gradients[i]);
      const needed = depending(step, steps);
      for (const { operation, inputs, outputs: given } of steps.toReversed()) {
        const gradients = given.map((id) => reaching.get(id) ?? null);
        if (!operation.backward || gradients.every((gradient) => gradient === null)) continue;
        const toInputs = operation.backward(on, {
          inputs: inputs.map((id) => operandAt(values, id)),
          outputs: given.map((id) => operandAt(values, id)),
          gradients,
          wanted: inputs.map((id) => needed.has(id)),
        });
        for (const [i, id] of inputs.entries()) add(id, toInputs[i]);
      }
      return step.inputs.map((_, id) => (needed.has(id) ? (reaching.get(id) ?? null) : null));
    },
  };
}

/** The values that depend on an operand whose gradient is asked for. */
function depending({ inputs, wanted }: OperationStep, steps: readonly Step[]): Set<number> {
  const found = new Set(inputs.flatMap((_, id) => (wanted?.[id] === false ? [] : [id])));
  for (const step of steps) {
    if (step.inputs.some((id) => found.has(id))) for (const id of step.outputs) found.add(id);
  }
  return found;
}

/** A compound operation of one output. */
export const formula = (build: (apply: Apply, operands: readonly Value[]) => Value): Operation =>
  compound((apply, operands) => [build(apply, operands)]);
