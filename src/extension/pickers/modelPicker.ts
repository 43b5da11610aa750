import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, workspace } from 'vscode';
import { MODEL_ENDINGS, MODEL_NAME } from '../models/modelFiles';
import { workspaceFiles } from '../models/workspaceFiles';
import { chooseFile, pick } from '../ui';

interface ModelItem extends QuickPickItem {
  readonly uri?: Uri;
  readonly browse?: boolean;
}

/** Asks for a model: one that is open, one in the workspace, or any file. `undefined` when cancelled. */
export async function pickModel(
  open: readonly string[],
  title = l10n.t('Open Model'),
): Promise<Uri | undefined> {
  const files = workspaceFiles(MODEL_ENDINGS, MODEL_NAME);
  const items = files.then((found): ModelItem[] => {
    const others = found.filter((uri) => !open.includes(uri.fsPath));
    others.sort((a, b) => a.fsPath.localeCompare(b.fsPath));
    return [
      ...section('open', open.map(Uri.file)),
      ...section(l10n.t('in the workspace'), others),
      { label: '', kind: QuickPickItemKind.Separator },
      {
        label: l10n.t('Browse…'),
        iconPath: new ThemeIcon('folder-opened'),
        description: l10n.t('any file'),
        alwaysShow: true,
        browse: true,
      },
    ];
  });
  const chosen = await pick(items, {
    title,
    placeHolder: l10n.t(
      'Select a Keras model (.keras, .h5, .hdf5), a TensorFlow.js model.json or a saved_model.pb',
    ),
    matchOnDescription: true,
  });
  if (chosen?.browse !== true) return chosen?.uri;
  const browsed = await chooseFile({
    title,
    openLabel: l10n.t('Open Model'),
    filters: { [l10n.t('Models')]: ['keras', 'h5', 'hdf5', 'json', 'pb'], [l10n.t('All Files')]: ['*'] },
  });
  return browsed?.[0];
}

function section(title: string, uris: readonly Uri[]): ModelItem[] {
  if (uris.length === 0) return [];
  return [
    { label: title, kind: QuickPickItemKind.Separator },
    ...uris.map((uri) => ({
      label: basename(uri.fsPath),
      description: workspace.asRelativePath(dirname(uri.fsPath)),
      uri,
    })),
  ];
}
