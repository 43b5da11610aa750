import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { listFolder } from './openFile';
import { withWriteErrors } from './writeErrors';

/**
 * The only module that writes files. The content goes to a temporary file beside the target, is flushed to disk and then
 * renamed to the target, so that a full disk leaves the old file unchanged. A symbolic link at the target is replaced itself,
 * never the file that it leads to, because the link may have come with an untrusted model. Folders, devices and pipes are
 * never replaced.
 */

/** Writes one file, making its folder. @throws Failure `write-failed`, naming the file. */
export function writeFile(path: string, bytes: Uint8Array): void {
  writeAllOrNone((add) => add(path, bytes));
}

/**
 * Writes the files that `work` adds: all of them or, if one cannot be written or `work` throws, none. Each file is on disk
 * when `add` returns, and under its own name when this function returns.
 * @throws Failure `write-failed`, naming the file, and the errors of `work`.
 */
export function writeAllOrNone(work: (add: AddFile) => void): void {
  const staging = new Staging();
  try {
    work((path, bytes) => staging.add(path, bytes));
    staging.commit();
  } catch (thrown) {
    staging.rollBack();
    throw thrown;
  }
}

/** `writeAllOrNone` for asynchronous work. */
export async function writeAllOrNoneAsync<T>(work: (add: AddFile) => Promise<T>): Promise<T> {
  const staging = new Staging();
  try {
    const answer = await work((path, bytes) => staging.add(path, bytes));
    staging.commit();
    return answer;
  } catch (thrown) {
    staging.rollBack();
    throw thrown;
  }
}

/** `bytes` may be given in parts, which are written one after another. */
export type AddFile = (path: string, bytes: Uint8Array | readonly Uint8Array[]) => void;

interface Staged {
  readonly target: string;
  readonly temporary: string;
  /** The previous file at the target, under another name; `null` if there was none. */
  backup: string | null;
  isInPlace: boolean;
}

class Staging {
  private readonly files: Staged[] = [];
  /** Folders created for the files, outer ones first. */
  private readonly folders: string[] = [];

  add(path: string, bytes: Uint8Array | readonly Uint8Array[]): void {
    const target = resolve(path);
    withWriteErrors(target, () => {
      const folder = dirname(target);
      this.makeFolder(folder);
      const mode = modeOf(target);
      const temporary = temporaryIn(folder);
      this.files.push({ target, temporary, backup: null, isInPlace: false });
      writeThrough(temporary, bytes instanceof Uint8Array ? [bytes] : bytes, mode);
    });
  }

  commit(): void {
    for (const file of this.files) {
      withWriteErrors(file.target, () => {
        // Renaming one file is atomic; of several, the old ones are kept until all are renamed.
        if (this.files.length > 1) file.backup = backUp(file.target);
        renameSync(file.temporary, file.target);
        file.isInPlace = true;
      });
    }
    for (const { backup: old } of this.files) if (old !== null) remove(old);
  }

  rollBack(): void {
    for (const { target, temporary, backup: old, isInPlace } of this.files.reverse()) {
      if (!isInPlace) remove(temporary);
      else if (old === null) remove(target);
      if (old !== null) ignoreErrors(() => renameSync(old, target));
    }
    for (const folder of this.folders.reverse()) ignoreErrors(() => rmdirSync(folder));
  }

  private makeFolder(folder: string): void {
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    const made: string[] = [];
    for (let one = folder; ; one = dirname(one)) {
      made.unshift(one);
      if (one === first || dirname(one) === one) break;
    }
    this.folders.push(...made);
  }
}

/** A short name, because the target's name may already have the maximum length. */
const temporaryIn = (folder: string): string =>
  join(folder, `.layerglass-${randomBytes(6).toString('hex')}.tmp`);
const TEMPORARY = /^\.layerglass-[0-9a-f]{12}\.tmp$/;

/** Removes what a process that was killed left in a folder. For a folder that no other process writes into. */
export function removeTemporaries(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const name of listFolder(folder)) if (TEMPORARY.test(name)) remove(join(folder, name));
}

const DEFAULT_MODE = 0o666;
const PERMISSIONS = 0o777;

/** The permissions of the new file; `null` for the default. */
function modeOf(target: string): number | null {
  const there = statSync(target, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (!there.isFile()) {
    fail(
      'write-failed',
      l10n.t('{0} could not be written: it is a folder, a device or a pipe.', basename(target)),
      {
        subject: target,
        remedy: l10n.t('Choose another name.'),
      },
    );
  }
  return lstatSync(target).isSymbolicLink() ? null : there.mode & PERMISSIONS;
}

function writeThrough(path: string, parts: readonly Uint8Array[], mode: number | null): void {
  // `wx`: never through a link or over an existing file.
  const fd = openSync(path, 'wx', DEFAULT_MODE);
  try {
    for (const bytes of parts) {
      for (let done = 0; done < bytes.byteLength; ) done += writeSync(fd, bytes, done);
    }
    if (mode !== null) fchmodSync(fd, mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Hard-links the file at `target` to another name; copies it if the file system has no hard links. */
function backUp(target: string): string | null {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return null;
  const old = temporaryIn(dirname(target));
  try {
    linkSync(target, old);
  } catch {
    copyFileSync(target, old);
  }
  return old;
}

const remove = (path: string): void => ignoreErrors(() => rmSync(path, { force: true }));

/** Rolling back continues after errors; only the first failure is reported. */
function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
