import { randomBytes } from 'node:crypto';
import { constants, copyFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { fail } from '../../shared/errors';
import { readFile, statOf } from './openFile';
import { withWriteErrors } from './writeErrors';

/** The file that says who writes into a folder. */
export const LOCK = '.layerglass-lock';
const MAX_LOCK_BYTES = 2 ** 12;
/** Clocks and the time since the start of a machine are known to about this. */
const CLOCK_MS = 2000;
/** The owner touches its lock so often; on another machine, one that was not touched for the second time is of a process that has ended. */
const BEAT_MS = 15_000;
const SILENT_MS = 120_000;
/** Takings-over of locks of processes that have ended, one after the other. */
const MAX_ATTEMPTS = 10;

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string().max(300),
  /** Milliseconds since 1970. */
  since: z.number(),
});
type Owner = z.infer<typeof ownerSchema>;

export interface FolderLock {
  /** Gives the folder back. */
  release(): void;
}

/**
 * Takes a folder for this process, and makes it where it is missing. The lock of a process that has ended, also by `kill -9` or with its machine,
 * is taken over: at once where it ran on this machine, else when its lock has not been touched for two minutes.
 *
 * @throws Failure `bad-input` where another process has it, `write-failed`
 */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, LOCK);
  const owner: Owner = { pid: process.pid, host: hostname(), since: Date.now() };
  const own = JSON.stringify(owner);
  return withWriteErrors(path, () => {
    mkdirSync(folder, { recursive: true });
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (create(path, own)) return held(path, own);
      const there = contentOf(path);
      if (there === null) continue;
      if (!hasEnded(path, ownerOf(there))) return failTaken(folder, path, ownerOf(there));
      takeAway(path, there);
    }
    return failTaken(folder, path, null);
  });
}

function held(path: string, own: string): FolderLock {
  const timer = setInterval(() => touch(path, own), BEAT_MS);
  // It keeps no process alive.
  timer.unref();
  return {
    release() {
      clearInterval(timer);
      removeOwn(path, own);
    },
  };
}

function touch(path: string, own: string): void {
  try {
    // Written and not dated, so that the time is that of the file system, which all machines share.
    if (contentOf(path) === own) writeFileSync(path, own, { flag: 'r+' });
  } catch {
    // The folder is gone, or not reachable for a moment: what is written next reports it.
    return;
  }
}

/** Whether the file was made: whole or not at all, and only where there is none. */
function create(path: string, content: string): boolean {
  const temporary = `${path}-${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, content, { flag: 'wx' });
  try {
    return placeAt(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function placeAt(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (thrown) {
    if (isThere(thrown)) return false;
  }
  // A file system without hard links.
  try {
    copyFileSync(temporary, path, constants.COPYFILE_EXCL);
    return true;
  } catch (thrown) {
    if (isThere(thrown)) return false;
    throw thrown;
  }
}

const isThere = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';

/** Removes the lock of a process that has ended, not one that somebody else has put in its place meanwhile. */
function takeAway(path: string, stale: string): void {
  const aside = `${path}-${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    // Somebody else was faster.
    return;
  }
  if (contentOf(aside) !== stale) placeAt(aside, path);
  rmSync(aside, { force: true });
}

function removeOwn(path: string, own: string): void {
  if (contentOf(path) === own) rmSync(path, { force: true });
}

/** Null where there is no such file. */
const contentOf = (path: string): string | null =>
  statOf(path) === null ? null : readFile(path, MAX_LOCK_BYTES).toString('utf8');

/** Null for what is no lock of ours. */
function ownerOf(content: string): Owner | null {
  try {
    return ownerSchema.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    return null;
  }
}

function hasEnded(path: string, owner: Owner | null): boolean {
  if (owner === null) return false;
  if (owner.host !== hostname()) return timeBeside(path) - (statOf(path)?.mtimeMs ?? 0) > SILENT_MS;
  // Numbers of processes begin again with the machine, or with its container.
  const isOfEarlierStart = owner.since + CLOCK_MS < Date.now() - uptime() * 1000;
  return isOfEarlierStart || owner.pid === process.pid || !isRunning(owner.pid);
}

/** The time of the file system, in milliseconds since 1970: clocks of machines differ. */
function timeBeside(path: string): number {
  const temporary = `${path}-${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, '', { flag: 'wx' });
  try {
    return statOf(temporary)?.mtimeMs ?? Date.now();
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // A process of another user may not be signalled.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

function failTaken(folder: string, path: string, owner: Owner | null): never {
  return fail(
    'bad-input',
    owner === null
      ? l10n.t('Another process is writing into {0}.', folder)
      : l10n.t('Process {0} on {1} is writing into {2}.', owner.pid, owner.host, folder),
    {
      subject: folder,
      remedy:
        owner !== null && owner.host !== hostname()
          ? l10n.t(
              'Wait until it has ended, or choose another folder. If it was killed, the folder can be used two minutes later.',
            )
          : l10n.t(
              'Wait until it has ended, or choose another folder. If nothing runs there any more, delete {0}.',
              path,
            ),
    },
  );
}
