import { basename, dirname, join } from 'node:path';
import { type Disposable, RelativePattern, Uri, workspace } from 'vscode';
import { LABEL_FILES } from '../../shared/labels/labelFile';

/** A model file is often written in several steps; it is reloaded this long after the last one. */
const SETTLE_MS = 500;

/** Watches all files of one model; changes in quick succession count as one. */
export class WatchedFiles implements Disposable {
  private readonly watchers = new Map<string, Disposable>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly main: string,
    private readonly onSettled: () => void,
  ) {
    this.watch([]);
  }

  /** Watches the main file, these files and those that name classes, which may be written later, and no others. */
  watch(companionFiles: readonly string[]): void {
    const folder = dirname(this.main);
    const wanted = new Set([this.main, ...companionFiles, ...LABEL_FILES.map((name) => join(folder, name))]);
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
