import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../shared/model';
import { allNames } from '../../../shared/texts/nameList';
import type { StaticValues } from '../../graph/opConfig';
import type { Tensor, TF } from '../../layers/kind';
import { isFloat } from '../../layers/support/layerInputs';
import { steps } from '../arithmetic/formulaSteps';
import { formula } from '../compound';
import {
  needsGradient,
  normalizeAxis,
  type Operation,
  operandAt,
  refuse,
  type StaticOperand,
  shapeText,
} from '../operation';
import { expandDims, reshape } from './reshaping';

/** The concatenation of lists and single numbers, `null` for unknown values. */
function joinedStaticValues(operands: readonly StaticOperand[]): (StaticValues | null)[] {
  const lists = operands.map(({ shape, values }) => {
    if (values !== null || shape.length > 1) return values;
    const [length = 1] = shape;
    return length === null || length > MAX_STATIC ? null : new Array<null>(length).fill(null);
  });
  if (lists.some((list) => list === null)) return [null];
  const joined = lists.flatMap((list) => list ?? []);
  return [joined.length <= MAX_STATIC && joined.some((n) => n !== null) ? joined : null];
}

/** No shape is longer, and a model of ten thousand concatenations must not double it each time. */
const MAX_STATIC = 64;

/** `keras.ops.concatenate`: any number of operands along `axis`. */
export function concatenate(axis: number): Operation {
  return {
    staticValues: (operands) =>
      operands.every(({ shape }) => shape.length === 1) ? joinedStaticValues(operands) : [null],
    outputShapes(operands) {
      const first = operandAt(operands, 0);
      const at = normalizeAxis(axis, first.length);
      const sizes = first.map((_, i) => {
        const along = operands.map((shape) => shape[i] ?? null);
        if (i === at) return along.reduce((a, b) => (a === null || b === null ? null : a + b), 0);
        const known = along.find((size) => size !== null);
        if (along.some((size) => size !== null && size !== known)) refuseShapes(operands);
        return known ?? null;
      });
      if (operands.some((shape) => shape.length !== first.length)) refuseShapes(operands);
      return [sizes];
    },
    forward({ tf }, operands) {
      const isAnyFloat = operands.some(isFloat);
      const same = isAnyFloat ? operands.map((x) => tf.cast(x, 'float32')) : [...operands];
      return [
        same.length === 1
          ? tf.clone(operandAt(same, 0))
          : tf.concat(same, normalizeAxis(axis, operandAt(same, 0).rank)),
      ];
    },
    backward({ tf }, step) {
      const { inputs } = step;
      const [gradient] = step.gradients;
      if (!gradient) return inputs.map(() => null);
      const at = normalizeAxis(axis, gradient.rank);
      const parts = tf.split(
        gradient,
        inputs.map((input) => input.shape[at] ?? 0),
        at,
      );
      return inputs.map((_, i) => (needsGradient(step, i) ? (parts[i] ?? null) : null));
    },
  };
}

function refuseShapes(operands: readonly Shape[]): never {
  return refuse(
    l10n.t('tensors of shapes {0} cannot be joined.', allNames(operands.map(shapeText))),
    'wrong-shape',
  );
}

/** `keras.ops.stack`: any number of operands of one shape along a new axis, counted in the result. */
export function stack(axis: number): Operation {
  const joined = concatenate(axis);
  const raised = (tf: TF, x: Tensor): Tensor => tf.expandDims(x, normalizeAxis(axis, x.rank + 1));
  return {
    staticValues: (operands) =>
      operands.every(({ shape }) => shape.length === 0) ? joinedStaticValues(operands) : [null],
    outputShapes(operands) {
      const grown = expandDims([axis]);
      return joined.outputShapes(operands.flatMap((shape) => grown.outputShapes([shape])));
    },
    forward: (ctx, operands) =>
      joined.forward(
        ctx,
        operands.map((x) => raised(ctx.tf, x)),
      ),
    backward(ctx, step) {
      const inputs = step.inputs.map((x) => raised(ctx.tf, x));
      const parts = joined.backward?.(ctx, { ...step, inputs }) ?? [];
      return step.inputs.map((input, i) => {
        const part = parts[i];
        return part ? ctx.tf.reshape(part, input.shape) : null;
      });
    },
  };
}

/** `keras.ops.hstack`, `vstack` and `dstack`: concatenated along an axis, after adding the axes that this needs. */
export function stackAlong(name: 'hstack' | 'vstack' | 'dstack'): Operation {
  return formula((apply, operands) => {
    const { of } = steps(apply);
    const raised = operands.map((x) => {
      const sizes = [...x.shape];
      if (name === 'vstack' && sizes.length < 2) return of(reshape([1, sizes[0] ?? 1]), x);
      if (name === 'dstack' && sizes.length < 2) return of(reshape([1, sizes[0] ?? 1, 1]), x);
      return name === 'dstack' && sizes.length === 2 ? of(reshape([...sizes, 1]), x) : x;
    });
    const axis = name === 'vstack' ? 0 : name === 'dstack' ? 2 : raised[0]?.shape.length === 1 ? 0 : 1;
    return of(concatenate(axis), ...raised);
  });
}
