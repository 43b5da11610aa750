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

/** Linux counts processor time in hundredths of a second, whatever its own clock does (`USER_HZ`). */
const MS_PER_TICK = 10;

/** Milliseconds of processor time that a process has taken, all threads together; 0 where the system does not say. */
export function processorTimeOf(pid: number | undefined): number {
  // The name of the program, in parentheses, may hold spaces; the third field follows it.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  return ((user || 0) + (system || 0)) * MS_PER_TICK;
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
