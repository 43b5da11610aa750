import type { CallArguments } from '../../graph/callArguments';
import { isRecord } from './records';

/** The position among the node's inputs of a tensor in a call's arguments; `undefined` for anything else. */
export function slotOf(value: unknown): number | undefined {
  return isRecord(value) && typeof value.input === 'number' ? value.input : undefined;
}

/** An argument of a call, given by its place or by its name. */
export function argumentOf(call: CallArguments | undefined, place: number, name: string): unknown {
  return call?.args[place] ?? call?.kwargs[name];
}

/** A flag that Keras takes by name only; absent means false. */
export const flagOf = (call: CallArguments | undefined, name: string): boolean => call?.kwargs[name] === true;
