import { physicalCores } from '../../io/physicalCores';

/** With more cores, one is left for everything else. */
const MAX_CORES_FOR_ALL = 4;

/** @param asked setting `layerglass.threads`; 0 for a thread per physical core. */
export function threadCount(asked: number): number {
  if (asked > 0) return asked;
  const cores = physicalCores();
  return cores > MAX_CORES_FOR_ALL ? cores - 1 : cores;
}
