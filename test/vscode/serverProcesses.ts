import { execFileSync } from 'node:child_process';

/**
 * Process ids of Layerglass's servers among the descendants of a process.
 * @param ancestor its process id
 * @param isSelected by the command line
 */
export function serverProcesses(
  ancestor: number | undefined,
  isSelected: (args: string) => boolean,
): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const processes = rows.map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row)).filter((row) => row !== null);
  const ours = new Set([ancestor]);
  // Process ids may wrap, so that a child can have a lower id than its parent: repeat until nothing is added.
  for (let size = 0; size !== ours.size; ) {
    size = ours.size;
    for (const [, pid, parent] of processes) if (ours.has(Number(parent))) ours.add(Number(pid));
  }
  return processes
    .filter(
      ([, pid, , args = '']) => ours.has(Number(pid)) && /dist[\\/]server\.js/.test(args) && isSelected(args),
    )
    .map(([, pid]) => Number(pid));
}
