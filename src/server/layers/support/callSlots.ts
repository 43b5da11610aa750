import type { CallArguments } from '../../graph/callArguments';
import { isRecord } from './records';

/** For a tensor among a call's arguments, its index among the node's inputs; `undefined` for any other argument. */
export function slotOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value.input === 'number' ? value.input : undefined;
}

/** An argument of a call, given by position or by name. */
export function argumentOf(call: CallArguments | undefined, position: number, name: string): unknown {
  return call?.args[position] ?? call?.kwargs[name];
}

/** A keyword-only flag; absent means false. */
export const flagOf = (call: CallArguments | undefined, name: string): boolean => call?.kwargs[name] === true;
