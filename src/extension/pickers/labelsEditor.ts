import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type QuickPickItem, ThemeIcon, Uri, workspace } from 'vscode';
import { fail } from '../../shared/errors';
import type { FoundLabels } from '../../shared/labels/foundLabels';
import { MAX_LABEL_BYTES, parseLabels } from '../../shared/labels/labelFile';
import { chooseFile, pick, typed } from '../ui';

interface LabelsItem extends QuickPickItem {
  readonly action: 'type' | 'file' | 'clear' | 'found';
}

/**
 * Asks for the names of the classes, by index.
 * @param found the names beside or inside the model.
 * @returns an empty list to clear the names, `found` to use those again, `undefined` when the user cancelled
 * @throws Failure `bad-input` for a file without names
 */
export async function editLabels(
  { labels: current, from }: FoundLabels,
  found: FoundLabels,
): Promise<readonly string[] | 'found' | undefined> {
  const items: LabelsItem[] = [
    {
      label: l10n.t('Enter Class Names…'),
      iconPath: new ThemeIcon('edit'),
      description: current.join(', ').slice(0, 80),
      action: 'type',
    },
    {
      label: l10n.t('Load from File…'),
      iconPath: new ThemeIcon('file'),
      description: l10n.t('one name per line, or a JSON list'),
      action: 'file',
    },
    ...(found.from !== null && found.from !== from
      ? [
          {
            label: l10n.t('Use the Names Found'),
            iconPath: new ThemeIcon('search'),
            description: l10n.t('from {0}', found.from),
            action: 'found' as const,
          },
        ]
      : []),
    { label: l10n.t('Clear Class Names'), iconPath: new ThemeIcon('trash'), action: 'clear' },
  ];
  const chosen = await pick(items, {
    title: l10n.t('Class Names'),
    placeHolder: l10n.t('Names start at class 0. A single sigmoid has two: the names of class 0 and class 1'),
  });
  if (chosen?.action === 'found') return 'found';
  if (chosen?.action === 'clear') return [];
  if (chosen?.action === 'file') return readLabels();
  if (chosen?.action !== 'type') return undefined;
  const text = await typed({
    title: l10n.t('Class Names'),
    prompt: l10n.t('Separate names with commas, starting at class 0.'),
    value: current.join(', '),
  });
  if (text === undefined) return undefined;
  return text.trim() === '' ? [] : text.split(',').map((name) => name.trim());
}

async function readLabels(): Promise<readonly string[] | undefined> {
  const chosen = await chooseFile({
    title: l10n.t('Class Names'),
    openLabel: l10n.t('Load Class Names'),
    filters: { [l10n.t('Text or JSON')]: ['txt', 'json', 'csv'], [l10n.t('All Files')]: ['*'] },
  });
  const uri = chosen?.[0];
  if (uri === undefined) return undefined;
  const name = basename(uri.fsPath);
  const { size } = await workspace.fs.stat(uri);
  if (size > MAX_LABEL_BYTES) {
    fail('bad-input', l10n.t('{0} is too large for a list of class names.', name), {
      subject: uri.fsPath,
      remedy: l10n.t('Choose a text file with one name per line, or a JSON list of names.'),
    });
  }
  return parseLabels(name, new TextDecoder().decode(await workspace.fs.readFile(Uri.file(uri.fsPath))));
}
