import { basename } from 'node:path';
import { type QuickPickItem, ThemeIcon, Uri, workspace } from 'vscode';
import { fail } from '../../shared/errors';
import { chooseFile, pick, typed } from '../door';
import { parseLabels } from './labels';

const MAX_BYTES = 4 * 1024 * 1024;

interface LabelsItem extends QuickPickItem {
  readonly action: 'type' | 'file' | 'clear';
}

/**
 * Asks for the names of the classes, by index. Answers `undefined` when the user cancelled and an empty list
 * when the names are to be forgotten. Throws a `Failure` for a file that holds no names.
 */
export async function editLabels(current: readonly string[]): Promise<readonly string[] | undefined> {
  const items: LabelsItem[] = [
    {
      label: 'Type the Names…',
      iconPath: new ThemeIcon('edit'),
      description: current.join(', ').slice(0, 80),
      action: 'type',
    },
    {
      label: 'Read a File…',
      iconPath: new ThemeIcon('file'),
      description: 'one name a line, or a JSON list',
      action: 'file',
    },
    { label: 'Forget the Names', iconPath: new ThemeIcon('trash'), action: 'clear' },
  ];
  const chosen = await pick(items, {
    title: 'Class Names',
    placeHolder: 'Index 0 first. A single sigmoid has two: the name for 0, then the name for 1',
  });
  if (chosen?.action === 'clear') return [];
  if (chosen?.action === 'file') return readLabels();
  if (chosen?.action !== 'type') return undefined;
  const text = await typed({
    title: 'Class Names',
    prompt: 'Separated by commas, index 0 first',
    value: current.join(', '),
  });
  if (text === undefined) return undefined;
  return text.trim() === '' ? [] : text.split(',').map((name) => name.trim());
}

async function readLabels(): Promise<readonly string[] | undefined> {
  const chosen = await chooseFile({
    title: 'Class Names',
    openLabel: 'Use Names',
    filters: { 'Text or JSON': ['txt', 'json', 'csv'], 'All Files': ['*'] },
  });
  const uri = chosen?.[0];
  if (uri === undefined) return undefined;
  const name = basename(uri.fsPath);
  const { size } = await workspace.fs.stat(uri);
  if (size > MAX_BYTES) {
    fail('bad-input', `${name} is too large for a list of class names.`, { subject: uri.fsPath });
  }
  return parseLabels(name, new TextDecoder().decode(await workspace.fs.readFile(Uri.file(uri.fsPath))));
}
