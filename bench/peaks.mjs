/** The peak memory of processes, on Linux. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** MiB at most of a server and of its compute process, which is a child of it. */
export function peaksOf(pid) {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return [pid, ...children.trim().split(/\s+/).map(Number)]
    .map((one) => {
      try {
        const status = readFileSync(`/proc/${one}/status`, 'utf8');
        return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
      } catch {
        // `ps` itself, which has ended.
        return 0;
      }
    })
    .filter((size) => size > 0);
}
