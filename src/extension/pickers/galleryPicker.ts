import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri } from 'vscode';
import type { OpenedModel } from '../../shared/protocol';
import { chooseFile, pick } from '../ui';
import { offerFor } from './inputOffer';

interface SourceItem extends QuickPickItem {
  readonly action?: 'folder' | 'file' | 'usual';
  readonly removed?: string;
}

/**
 * Lets the user add files and folders to those whose inputs a gallery shows, or remove one.
 * @param folder of the model
 * @returns the new ones; none for the usual ones; `undefined` when the user cancelled
 */
export async function pickGallerySources(
  { path, summary }: OpenedModel,
  current: readonly string[],
  folder: string,
): Promise<readonly string[] | undefined> {
  const items: SourceItem[] = [
    { label: l10n.t('Add a Folder…'), iconPath: new ThemeIcon('folder-opened'), action: 'folder' },
    { label: l10n.t('Add Files…'), iconPath: new ThemeIcon('file-add'), action: 'file' },
    { label: l10n.t("Only the Model's Folder"), iconPath: new ThemeIcon('discard'), action: 'usual' },
    { label: l10n.t('shown now'), kind: QuickPickItemKind.Separator },
    ...current.map((source) => ({
      label: l10n.t('Remove {0}', basename(source)),
      description: source,
      iconPath: new ThemeIcon('close'),
      removed: source,
    })),
  ];
  const title = l10n.t('Inputs of {0}', basename(path));
  const item = await pick(items, {
    title,
    placeHolder: l10n.t('Folders of images, folders named as classes, arrays, tables or FASTA files'),
  });
  if (item?.removed !== undefined) return current.filter((source) => source !== item.removed);
  if (item?.action === 'usual') return [folder];
  if (item?.action === undefined) return undefined;
  const [input] = summary.inputs;
  const extensions = input === undefined ? [] : [...offerFor(input, null).extensions, 'json'];
  const isFolder = item.action === 'folder';
  const chosen = await chooseFile({
    title,
    defaultUri: Uri.file(folder),
    canSelectMany: true,
    canSelectFiles: !isFolder,
    canSelectFolders: isFolder,
    ...(isFolder ? {} : { filters: { [l10n.t('Inputs')]: extensions } }),
  });
  if (chosen === undefined || chosen.length === 0) return undefined;
  return [...new Set([...current, ...chosen.map(({ fsPath }) => fsPath)])];
}
