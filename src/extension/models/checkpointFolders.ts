import { dirname } from 'node:path';
import { commands, type Disposable, workspace } from 'vscode';
import { isCheckpointName } from '../../shared/checkpoints/checkpointNames';
import { workspaceFiles } from './workspaceFiles';

/** Read by the `when` clauses in package.json. */
const CONTEXT = 'layerglass.checkpointFolders';
const ENDINGS = ['keras', 'h5', 'hdf5', 'index'];
/** A training writes its files one after the other. */
const SETTLE_MS = 1000;

/** The folders of the workspace that hold at least two files that may be epochs of a training, so that the Explorer offers to open them. */
export class CheckpointFolders implements Disposable {
  private readonly subscriptions: Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private found: readonly string[] = [];

  constructor() {
    const watcher = workspace.createFileSystemWatcher(`**/*.{${ENDINGS.join(',')}}`, false, true, false);
    const later = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.search(), SETTLE_MS);
    };
    this.subscriptions = [
      watcher,
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
      workspace.onDidChangeWorkspaceFolders(later),
    ];
    void this.search();
  }

  /** Paths, as of the last search. */
  get folders(): readonly string[] {
    return this.found;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async search(): Promise<void> {
    const files = await workspaceFiles(ENDINGS);
    const counts = new Map<string, number>();
    for (const { fsPath, path } of files) {
      // The parts of a `.weights.json` are counted in its place.
      const name = path.slice(path.lastIndexOf('/') + 1).replace(/_\d{5}(?=\.weights\.h5$)/, '');
      if (isCheckpointName(name)) counts.set(dirname(fsPath), (counts.get(dirname(fsPath)) ?? 0) + 1);
    }
    this.found = [...counts].flatMap(([folder, count]) => (count > 1 ? [folder] : [])).sort();
    await commands.executeCommand('setContext', CONTEXT, this.found);
  }
}
