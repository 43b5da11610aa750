import type { DataType } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../../shared/model';
import type { GraphWriter } from './graphWriter';
import type { Call, Value } from './value';

/** A call before its outputs are known. */
export type Asked = Pick<Call, 'inputs' | 'operands' | 'attributes'>;

export interface Described {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** A kernel of TF.js as a piece of an ONNX graph. */
export interface Kernel {
  /** Whether this call can be written; by default, where `areFloats`. Any other is computed by TF.js at once. */
  accepts?(call: Asked): boolean;
  /** Shapes and types of the outputs. */
  outputs(call: Asked): readonly Described[];
  /** Adds the nodes of the call and defines its outputs. */
  write(graph: GraphWriter, call: Call): void;
  /** Multiply-adds of the call, where they far outnumber its output values. */
  work?(call: Call): number;
}

export type KernelTable = Readonly<Record<string, Kernel>>;

/** An operand by TF.js's name of it. @throws RangeError if the call lacks it */
export function operand({ inputs }: Pick<Asked, 'inputs'>, name: string): Value {
  const value = inputs[name];
  if (value === undefined) throw new RangeError(`A kernel was called without "${name}".`);
  return value;
}

/** The only operand of a call, or its first. */
export function firstOperand({ operands: [x] }: Pick<Asked, 'operands'>): Value {
  if (x === undefined) throw new RangeError('A kernel was called without an operand.');
  return x;
}

/** The first output of a call. */
export function result({ outputs: [first] }: Pick<Call, 'outputs'>): Value {
  if (first === undefined) throw new RangeError('A call has no output.');
  return first;
}

export const isFloat = ({ dtype }: { readonly dtype: DataType }): boolean => dtype === 'float32';

/** Whether all operands are float32 and have values. */
export const areFloats = ({ operands }: Pick<Asked, 'operands'>): boolean =>
  operands.every((value) => isFloat(value) && sizeOf(value.shape) > 0);

/** An attribute that is a list of numbers or one number. */
export function numbers({ attributes }: Pick<Asked, 'attributes'>, name: string): number[] {
  const value = attributes[name];
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return value.map(Number);
  throw new RangeError(`A kernel was called without the numbers "${name}".`);
}

export function number({ attributes }: Pick<Asked, 'attributes'>, name: string): number {
  const value = attributes[name];
  if (typeof value === 'number') return value;
  throw new RangeError(`A kernel was called without the number "${name}".`);
}
