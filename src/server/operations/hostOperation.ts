import * as l10n from '@vscode/l10n';
import type { Shape } from '../../shared/model';
import type { Tensor, TF } from '../layers/kind';
import type { ComputedDtype } from './dtypes';
import { needsGradient, type Operation, product, refuse } from './operation';

/** A tensor outside of TF.js, its values row-major. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A result that becomes a TF.js tensor. */
export interface HostResult extends HostArray {
  readonly dtype: ComputedDtype;
}

export const floats = (shape: readonly number[], values: ArrayLike<number>): HostResult => ({
  shape,
  values,
  dtype: 'float32',
});

export const integers = (shape: readonly number[], values: ArrayLike<number>): HostResult => ({
  shape,
  values,
  dtype: 'int32',
});

/** Per tensor: 2 GB in double precision. */
export const MAX_HOST_VALUES = 2 ** 28;

/** Zeros in the shape of a tensor, to accumulate in. @throws Refusal `too-large`. */
export function zerosLike({ shape }: Pick<HostArray, 'shape'>): Float64Array {
  const size = product(shape);
  if (size > MAX_HOST_VALUES) {
    refuse(
      l10n.t('it would give {0} values, and at most {1} are computed.', size, MAX_HOST_VALUES),
      'too-large',
    );
  }
  return new Float64Array(size);
}

/**
 * An operation for which some TF.js backend lacks a kernel, computed in double precision in TypeScript. Its result
 * is rounded to float32 once, so that it is at least as exact as TensorFlow's.
 */
export interface HostRule {
  outputShapes(operands: readonly Shape[]): readonly Shape[];
  multiplyAdds?(operands: readonly Shape[]): number | null;
  work?(operands: readonly Shape[]): number | null;
  forward(operands: readonly HostArray[]): readonly HostResult[];
  /**
   * dScore/dOperand, row-major, one per operand, `null` where there is none.
   * @param gradients zeros where the score does not depend on an output.
   */
  backward?(
    operands: readonly HostArray[],
    outputs: readonly HostArray[],
    gradients: readonly HostArray[],
  ): readonly (ArrayLike<number> | null)[];
}

export function hostOperation({ backward, forward, ...rule }: HostRule): Operation {
  return {
    ...rule,
    forward: ({ tf }, operands) => forward(operands.map(read)).map((result) => written(tf, result)),
    ...(backward && {
      backward({ tf }, step) {
        const { inputs, outputs, gradients } = step;
        if (gradients.every((gradient) => gradient === null)) return inputs.map(() => null);
        const given = gradients.map((gradient, i) => {
          const shape = outputs[i]?.shape ?? [];
          return gradient ? read(gradient) : { shape, values: zerosLike({ shape }) };
        });
        const parts = backward(inputs.map(read), outputs.map(read), given);
        return inputs.map(({ shape }, i) => {
          const part = parts[i];
          return part && needsGradient(step, i) ? written(tf, floats(shape, part)) : null;
        });
      },
    }),
  };
}

const read = (tensor: Tensor): HostArray => ({ shape: tensor.shape, values: tensor.dataSync() });

function written(tf: TF, { shape, values, dtype }: HostResult): Tensor {
  if (dtype === 'float32') return tf.tensor(Float32Array.from(values), [...shape], dtype);
  if (dtype === 'int32') return tf.tensor(Int32Array.from(values), [...shape], dtype);
  return tf.tensor(Uint8Array.from(values), [...shape], dtype);
}
