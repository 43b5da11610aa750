import { basename, dirname } from 'node:path';
import { commands, type Disposable, FileType, Uri, workspace } from 'vscode';
import { guarded } from '../../errors';
import { pickCheckpoints } from '../../pickers/checkpointsPicker';
import type { CheckpointsPanels } from './checkpointsPanels';

/** "Open Checkpoints of This Folder" of a folder or a file in the Explorer, and "Open Checkpoints…" of the palette. */
export const registerCheckpointCommands = (
  panels: CheckpointsPanels,
  known: { readonly folders: readonly string[] },
): Disposable[] => [
  commands.registerCommand(
    'layerglass.openCheckpoints',
    guarded(async (first: unknown) => {
      if (!(first instanceof Uri)) return;
      const path = first.fsPath;
      const { type } = await workspace.fs.stat(first);
      if ((type & FileType.Directory) !== 0) await panels.show(path);
      else await panels.show(dirname(path), basename(path));
    }),
  ),
  commands.registerCommand(
    'layerglass.chooseCheckpoints',
    guarded(async () => {
      const folder = await pickCheckpoints(known.folders);
      if (folder !== undefined) await panels.show(folder);
    }),
  ),
];
