import type { Control } from '../../run/control';
import type { Trace } from '../../run/trace';
import type { ExplainRequest, ExplainResult, ReadArray, Walks } from '../explain';

/** The explanation that is examined, and what it was made from. */
export interface Subject {
  readonly trace: Trace;
  readonly walks: Walks;
  readonly question: ExplainRequest;
  readonly found: Pick<ExplainResult, 'header' | 'maps'>;
  readonly readArray: ReadArray;
  readonly control: Control;
}

/** A figure, or null and the sentence that says why there is none. */
export interface Figure<T> {
  readonly value: T | null;
  readonly note: string | null;
}

export const figure = <T>(value: T): Figure<T> => ({ value, note: null });
export const missing = (note: string): Figure<never> => ({ value: null, note });

/** A part of the progress of longer work. */
export const portion = (control: Control, from: number, to: number, message: string): Control => ({
  isCancelled: () => control.isCancelled(),
  report: (fraction) => control.report(from + (to - from) * fraction, message),
});
