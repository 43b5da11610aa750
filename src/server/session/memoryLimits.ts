import { totalmem } from 'node:os';

const GIB = 2 ** 30;

/** What the compute process may take at most, as its resident set, where no setting says otherwise. */
const DEFAULT_PROCESS_BYTES = 6 * GIB;
/** Node and a backend take a quarter of this by themselves: a process with less could only end. */
const MIN_PROCESS_BYTES = 0.5 * GIB;
/** A machine keeps a quarter of its memory for everything else. */
const SHARE_OF_MACHINE = 0.75;
/** Values of traces, walks and weights that are kept over all models; the oldest are let go first. */
const KEPT_BYTES = 1.5 * GIB;

export interface MemoryLimits {
  /** The compute process is ended above this. */
  readonly process: number;
  /** A run whose values are estimated above this is not started unasked. */
  readonly run: number;
  /** Traces, walks and weights are let go above this, oldest run first, never those of the run in progress. */
  readonly kept: number;
  /**
   * Of memory that holds nothing of use, between two requests: above this the compute process is replaced by a new one.
   * The heaps of libraries in WebAssembly keep the size of the largest file or run that they ever saw.
   */
  readonly idle: number;
}

/** @param gibibytes setting `layerglass.memoryLimit`; 0 for the default, at least half a GiB else. */
export function memoryLimits(gibibytes = 0): MemoryLimits {
  const process =
    gibibytes > 0
      ? Math.max(MIN_PROCESS_BYTES, gibibytes * GIB)
      : Math.min(DEFAULT_PROCESS_BYTES, totalmem() * SHARE_OF_MACHINE);
  // A walk back keeps about as much as the trace that it goes through.
  return {
    process,
    run: process / 3,
    kept: Math.min(KEPT_BYTES, process / 3),
    idle: Math.max(MIN_PROCESS_BYTES, process / 2),
  };
}
