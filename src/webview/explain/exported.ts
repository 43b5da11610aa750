import type { ExportedSet } from '../../shared/results/exportSet';

/** What an export wrote, and why a part is missing. */
export function exportedText({ folder, files, missing, relation }: ExportedSet): string {
  const left = missing.map(({ name, why }) => `Not exported: ${name}. ${why}`);
  return [
    `Exported ${files.length} files to ${folder}.`,
    ...(relation === null ? [] : [relation]),
    ...left,
  ].join(' ');
}
