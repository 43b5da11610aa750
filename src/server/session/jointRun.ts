import type { Walks } from '../explain/explain';
import type { Trace } from '../run/trace';
import type { Run } from './runs';

/** Inputs of a model that were run together. */
export interface JointRun {
  /** Of all inputs, and of what fills the run up. */
  readonly whole: Trace;
  readonly walks: Walks;
  /** Each input as a run of its own; its values are those of `whole`. */
  readonly runs: readonly Run[];
}

/** One input, run alone. */
export const aloneRun = (run: Run): JointRun => ({ whole: run.trace, walks: run.walks, runs: [run] });
