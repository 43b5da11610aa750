import { sizeOf } from '../../../../shared/model';
import { areFloats, type Kernel } from './kernel';
import { type Call, createValue, type Value } from './value';

// What a call of a kernel is recorded as.

/** JSON writes infinities and NaN as null and -0 as 0; of two graphs that differ in these, one must not serve for the other. */
export const exactNumber = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `${1 / value}/${value}`
    : value;

export function record(kernel: Kernel, call: Omit<Call, 'outputs'>): Value[] {
  const outputs: Value[] = [];
  const recorded: Call = { ...call, outputs };
  for (const { shape, dtype } of kernel.outputs(call))
    outputs.push(createValue(shape, dtype, null, recorded));
  return outputs;
}

export const accepts = (kernel: Kernel, call: Pick<Call, 'inputs' | 'operands' | 'attributes'>): boolean =>
  kernel.accepts?.(call) ?? areFloats(call);

/** The constant that keeps what is computed from constants and single numbers; `null` for any other operands. */
export function ownerOf(operands: readonly Value[]): Value | null {
  let owner: Value | null = null;
  for (const value of operands) {
    if (value.weight) owner ??= value;
    else if (value.values === null || sizeOf(value.shape) !== 1 || value.dtype === 'string') return null;
  }
  return owner;
}

/** Of an operand of what is computed once, so that no two operands have the same name. */
export function derivedName({ weight, id, dtype, shape, values }: Value): string {
  if (weight) return `c${id}`;
  const [number] = values ?? [];
  return `${dtype}[${shape}] ${Object.is(number, -0) ? '-0' : number}`;
}

export function numbersOf({ values, dtype }: Value): ArrayLike<number> {
  if (values === null || Array.isArray(values))
    throw new RangeError(`A tensor of type ${dtype} has no numbers.`);
  return values;
}

/** Whether a value stands for an operand of work that is recorded. */
export const isPlaceholder = ({ values, origin }: Value): boolean => values === null && origin === null;
