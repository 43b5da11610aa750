import * as l10n from '@vscode/l10n';
import type { Reducing } from '../arithmetic/reductions';
import { type ComputedDtype, computedDtype } from '../dtypes';
import { refuse } from '../operation';
import type { OperationArguments, Spelling } from './spelling';

export const reducingArguments = (args: OperationArguments): Reducing => ({
  axes: args.axes(),
  keepdims: args.bool('keepdims', false),
});

export const axisOrFlat = (args: OperationArguments): number | null =>
  args.has('axis') ? args.int('axis') : null;

/** The requested dtype, `null` if there is none. */
export function dtypeOf(args: OperationArguments): ComputedDtype | null {
  if (!args.has('dtype')) return null;
  return (
    computedDtype(args.string('dtype')) ?? args.bad('dtype', l10n.t('a dtype of numbers'), args.raw('dtype'))
  );
}

/** Positions of optional operands, the first of which would be operand `start`; `null` for those that are not given. */
export function operandPositions(
  start: number,
  args: OperationArguments,
  keys: readonly string[],
): (number | null)[] {
  let next = start;
  return keys.map((key) => (args.has(key) ? next++ : null));
}

export const channels = (args: OperationArguments) => ({
  data_format: args.raw('data_format') ?? 'channels_last',
});

export function pairOf(args: OperationArguments, key: string): [number, number] {
  const [first = 1, second = first] = args.intList(key);
  return [first, second];
}

/** The dtype of a result, a default if none is requested. */
export const dtypeOrDefault = (args: OperationArguments, otherwise: ComputedDtype): ComputedDtype =>
  dtypeOf(args) ?? otherwise;

/** An operation that cannot be computed: its node is listed as unknown, with this reason. */
export const refused = (why: string): Spelling => ({ parameters: [], operation: () => refuse(why) });
