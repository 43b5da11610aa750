import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type QuickPickItem, ThemeIcon } from 'vscode';
import { chooseFolder, pick } from '../ui';

interface FolderItem extends QuickPickItem {
  /** `null` to browse. */
  readonly folder: string | null;
}

/** Asks for a folder with the epochs of a training: one of the workspace, or any. `undefined` when cancelled. */
export async function pickCheckpoints(known: readonly string[]): Promise<string | undefined> {
  const browse: FolderItem = {
    label: l10n.t('Browse…'),
    description: l10n.t('any folder'),
    iconPath: new ThemeIcon('folder-opened'),
    alwaysShow: true,
    folder: null,
  };
  const items = known.map(
    (folder): FolderItem => ({ label: basename(folder), description: dirname(folder), folder }),
  );
  const chosen = await pick([...items, browse], {
    title: l10n.t('Open Checkpoints'),
    placeHolder: l10n.t('Select a folder with the epochs of a training'),
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.folder !== null) return chosen?.folder ?? undefined;
  const uri = await chooseFolder({
    title: l10n.t('Open Checkpoints'),
    openLabel: l10n.t('Open Checkpoints'),
  });
  return uri?.fsPath;
}
