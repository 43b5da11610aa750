import { totalmem } from 'node:os';
import { PROCESS_PER_RUN } from '../explain/memory';

const GIB = 2 ** 30;

/** Default limit of the compute process's resident set. */
const DEFAULT_PROCESS_BYTES = 6 * GIB;
/** Node and a backend alone take a quarter of this. */
const MIN_PROCESS_BYTES = 0.5 * GIB;
/** A quarter of the machine's memory is left for everything else. */
const SHARE_OF_MACHINE = 0.75;
/** Node and a backend before any model is run. */
const IDLE_PROCESS_BYTES = 0.25 * GIB;
/** Traces, walks and weights that are kept for all models together. */
const KEPT_BYTES = 1.5 * GIB;

export interface MemoryLimits {
  /** The compute process is ended above this. */
  readonly process: number;
  /** A run whose values are estimated above this needs the user's confirmation. */
  readonly run: number;
  /** Traces, walks and weights above this are evicted, the oldest run first, except those of the current run. */
  readonly kept: number;
  /**
   * Unused memory between two requests: above this the compute process is replaced by a new one. The heaps of WebAssembly
   * libraries never shrink below the size that the largest file or run needed.
   */
  readonly idle: number;
}

/** @param gibibytes setting `layerglass.memoryLimit`; 0 for the default, otherwise at least half a GiB. */
export function memoryLimits(gibibytes = 0): MemoryLimits {
  const process =
    gibibytes > 0
      ? Math.max(MIN_PROCESS_BYTES, gibibytes * GIB)
      : Math.min(DEFAULT_PROCESS_BYTES, totalmem() * SHARE_OF_MACHINE);
  return {
    process,
    run: (process - IDLE_PROCESS_BYTES) / PROCESS_PER_RUN,
    kept: Math.min(KEPT_BYTES, process / 3),
    idle: Math.max(MIN_PROCESS_BYTES, process / 2),
  };
}
