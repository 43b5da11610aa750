import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Disposable, LogOutputChannel } from 'vscode';

/** A private folder of this extension host for copies that no other one uses. It goes with the window. */
export class WindowFolder implements Disposable {
  /** Its name says whether the process that made it still lives. Made by whoever writes into it. */
  readonly path: string;

  /** @param root holds the folders of all extension hosts */
  constructor(
    private readonly root: string,
    private readonly log: Pick<LogOutputChannel, 'debug'>,
  ) {
    this.path = join(root, `${process.pid}-${randomBytes(8).toString('hex')}`);
  }

  /** The path of a new folder inside. */
  newFolder(): string {
    return join(this.path, randomBytes(8).toString('hex'));
  }

  /** Whether a path is, or was in an earlier session, below such a folder. */
  contains(path: string): boolean {
    return path.startsWith(this.root + sep);
  }

  /** Deletes what extension hosts left behind that were killed. */
  async removeLeftovers(): Promise<void> {
    // No folder yet is the usual case.
    const names = await readdir(this.root).catch(() => []);
    for (const name of names) {
      const pid = /^(\d+)-[0-9a-f]{16}$/.exec(name)?.[1];
      const path = join(this.root, name);
      if (pid !== undefined && path !== this.path && !runsElsewhere(Number(pid))) await this.remove(path);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (thrown) {
      // On Windows a file in use cannot be deleted.
      this.log.debug(`${path} is deleted at the next start: ${thrown}`);
    }
  }

  dispose(): void {
    try {
      // The window is closing: nobody would wait for a promise.
      rmSync(this.path, { recursive: true, force: true });
    } catch (thrown) {
      this.log.debug(`${this.path} is deleted at the next start: ${thrown}`);
    }
  }
}

/** Whether another process of that id lives: one with our own id has ended before us. */
function runsElsewhere(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
