import { readdirSync, readFileSync } from 'node:fs';

/** The resident set of a process in bytes. */
export interface Resident {
  readonly now: number;
  readonly peak: number;
}

/** Zeros where the system does not say (it has no /proc) or the process is gone. */
export function memoryOf(pid: number | undefined): Resident {
  const status = read(`/proc/${pid}/status`);
  const field = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Process ids of the children of a process; none where the system does not say. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
