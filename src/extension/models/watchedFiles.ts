import { basename, dirname } from 'node:path';
import { type Disposable, RelativePattern, Uri, workspace } from 'vscode';

/** A writer replaces a model file in several steps; this long after the last one it is read again. */
const SETTLE_MS = 500;

/** The files that one model is made of, watched together: whichever changes, the model has changed once. */
export class WatchedFiles implements Disposable {
  private readonly watchers = new Map<string, Disposable>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly main: string,
    private readonly onSettled: () => void,
  ) {
    this.watch([]);
  }

  /** From now on these and the main file, and no others. */
  watch(companionFiles: readonly string[]): void {
    const wanted = new Set([this.main, ...companionFiles]);
    for (const [path, watcher] of this.watchers) {
      if (wanted.has(path)) continue;
      watcher.dispose();
      this.watchers.delete(path);
    }
    for (const path of wanted) if (!this.watchers.has(path)) this.watchers.set(path, this.watcher(path));
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.watchers.clear();
  }

  private watcher(path: string): Disposable {
    const pattern = new RelativePattern(Uri.file(dirname(path)), escapeGlob(basename(path)));
    const watcher = workspace.createFileSystemWatcher(pattern);
    const settle = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.onSettled, SETTLE_MS);
    };
    watcher.onDidChange(settle);
    watcher.onDidCreate(settle);
    watcher.onDidDelete(settle);
    return watcher;
  }
}

function escapeGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, '[$&]');
}
