import * as l10n from '@vscode/l10n';
import type { ExportedSet } from '../../shared/results/exportSet';

/** What an export wrote, and why a part is missing. */
export function exportedText({ folder, files, missing, relation }: ExportedSet): string {
  const left = missing.map(({ name, why }) => l10n.t('Not exported: {0}. {1}', name, why));
  return [
    l10n.t('Exported {0} files to {1}.', files.length, folder),
    ...(relation === null ? [] : [relation]),
    ...left,
  ].join(' ');
}
