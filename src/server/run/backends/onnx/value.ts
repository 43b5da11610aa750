import type { DataType, NamedAttrMap } from '@tensorflow/tfjs-core';
import type { ValueCheck } from '../../../layers/kind';

/** What TF.js backends store: numbers, or the bytes of strings. */
export type Stored = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** One tensor: its values, or the call that computes them when somebody reads them. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  values: Stored | null;
  /** Whether the values were searched for NaN and infinities and have none. */
  isFinite: boolean;
  /** The call that computes it, until its values are known. */
  origin: Call | null;
  /** Of a weight, and of what is computed from weights only, the (first) weight; `null` of any other value. */
  weight: Value | null;
  /** Of a weight or what is computed from it, what was computed from it, by the call. */
  derived: Map<string, readonly Value[]> | null;
}

/** The name of a call that stands for those of a recording. */
export const REPEAT = 'Repeat';
/**
 * The name of a call that makes those of a recording for each step of a sequence. Its operands are the states before the first step, the
 * sequences and the constants of the recording; its outputs the states after the last step and one sequence for each further output.
 */
export const SCAN = 'Scan';

/** One call of a TF.js kernel that was recorded and not yet made, or of several that were recorded together. */
export interface Call {
  /** TF.js's name of the kernel, or one of the names above. */
  readonly name: string;
  /** Of a call with one of the names above. */
  readonly recording: Recording | null;
  /** By TF.js's names of its inputs, in their order. */
  readonly inputs: Readonly<Record<string, Value>>;
  readonly operands: readonly Value[];
  readonly attributes: NamedAttrMap;
  readonly outputs: Value[];
  /** Name and attributes: with its operands, all that the call depends on. */
  readonly key: string;
}

/**
 * Calls that were recorded once, to be made again with other operands of the same shapes: one call in place of many. Recording a layer
 * takes many times longer than repeating it, and on a light network longer than computing it.
 */
export interface Recording {
  readonly id: number;
  /** What stands for the operands in the calls; of the operands that are needed. */
  readonly parameters: readonly Value[];
  /** Of each parameter, which of the operands it stands for. */
  readonly positions: readonly number[];
  /** In an order in which each call follows those that it needs. */
  readonly calls: readonly Call[];
  /** The values that the calls give to others, each once. */
  readonly results: readonly Value[];
  /** What the recorded work gave: parameters, constants or results. */
  readonly outputs: readonly (Value | null)[];
  /** What rejects values of operands. */
  readonly checks: readonly { readonly operand: number; readonly check: ValueCheck }[];
  /** Values that are the same each time. */
  readonly constants: ReadonlySet<Value>;
  /** The weights among them and those that they are computed from. */
  readonly weights: ReadonlySet<Value | null>;
  /** Of its calls and of the constants that are not computed from weights. */
  readonly bytes: number;
}

let count = 0;

export function createValue(
  shape: readonly number[],
  dtype: DataType,
  values: Stored | null,
  origin: Call | null = null,
): Value {
  count += 1;
  return { id: count, shape, dtype, values, isFinite: false, origin, weight: null, derived: null };
}

/** The id of the value that was created last. */
export const newestId = (): number => count;
