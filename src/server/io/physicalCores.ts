import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus } from 'node:os';

/** Processor cores that this process may use, without the second thread that a core may have. */
export function physicalCores(): number {
  const logical = cpus().length;
  // Elsewhere the system tells only other programs. Most x64 processors have two threads per core, no ARM processor has.
  const physical = coresOfLinux(logical) ?? (arch() === 'x64' ? Math.ceil(logical / 2) : logical);
  return Math.max(1, Math.min(physical, availableParallelism()));
}

/** `null` where the kernel does not tell, or not for every processor. */
function coresOfLinux(logical: number): number | null {
  const cores = new Set<string>();
  try {
    for (let i = 0; i < logical; i++) {
      cores.add(readFileSync(`/sys/devices/system/cpu/cpu${i}/topology/thread_siblings_list`, 'utf8'));
    }
  } catch {
    return null;
  }
  return cores.size > 0 ? cores.size : null;
}
