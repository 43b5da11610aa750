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

/**
 * A part of the progress of longer work. Its share never shrinks, though passes in it each report a share of their own.
 * @param message left out, what the part reports is named
 */
export function portion(control: Control, from: number, to: number, message?: string): Control {
  let furthest = 0;
  return {
    isCancelled: () => control.isCancelled(),
    report(fraction, doing) {
      furthest = Math.max(furthest, fraction);
      control.report(from + (to - from) * furthest, message ?? doing);
    },
  };
}

/** The progress of parts of equal length, each of which reports its share: a smaller one than before begins the next part. */
export function inParts(control: Control, parts: number): Control {
  let [part, last] = [0, 0];
  return {
    isCancelled: () => control.isCancelled(),
    report(fraction, message) {
      if (fraction < last) part = Math.min(parts - 1, part + 1);
      last = fraction;
      control.report((part + fraction) / parts, message);
    },
  };
}
