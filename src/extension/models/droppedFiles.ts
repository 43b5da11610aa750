import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import * as l10n from '@vscode/l10n';
import { env, Uri, workspace } from 'vscode';
import { Failure, fail } from '../../shared/errors';
import { OPEN_IN_PLACE, tooLargeToDrop } from '../../shared/sources/droppedFile';
import { harmlessName } from './harmlessName';

/** What is kept, newest first; the rest is deleted with the next drop. */
const MAX_FILES = 20;
const MAX_KEPT_BYTES = 256e6;
const MAX_STEM = 50;
const MAX_ENDING = 10;

/**
 * Files from other programs that were dropped on a page. A page gets their contents but no path, and the server reads files only, so
 * that they are kept in the extension's storage: never in a folder of the user's.
 */
export class DroppedFiles {
  private readonly root: string;

  constructor(storage: Uri) {
    this.root = join(storage.fsPath, 'dropped');
  }

  /**
   * Keeps a file. @returns its path, the same for the same content and name
   * @throws Failure `too-large`, `write-failed`
   */
  async keep(name: string, bytes: Uint8Array): Promise<string> {
    const tooLarge = tooLargeToDrop(name, bytes.length);
    if (tooLarge !== null) throw new Failure(tooLarge);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const path = join(this.root, hash, copyName(name));
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, bytes, { mode: 0o600 });
    } catch (thrown) {
      fail(
        'write-failed',
        l10n.t('No copy of {0} could be written to {1}: {2}', name, dirname(path), String(thrown)),
        {
          remedy: OPEN_IN_PLACE,
          subject: path,
        },
      );
    }
    await this.removeOldest(path);
    return path;
  }

  isKept(path: string): boolean {
    return path.startsWith(this.root + sep);
  }

  private async removeOldest(newest: string): Promise<void> {
    const files: { readonly folder: string; readonly size: number; readonly time: number }[] = [];
    for (const hash of await readdir(this.root)) {
      const folder = join(this.root, hash);
      if (folder === dirname(newest)) continue;
      for (const name of await readdir(folder).catch(() => [])) {
        const found = await stat(join(folder, name)).catch(() => null);
        if (found) files.push({ folder, size: found.size, time: found.mtimeMs });
      }
    }
    files.sort((a, b) => b.time - a.time);
    let [count, bytes] = [1, (await stat(newest)).size];
    for (const { folder, size } of files) {
      count += 1;
      bytes += size;
      // On Windows a file in use cannot be deleted; the next drop tries again.
      if (count > MAX_FILES || bytes > MAX_KEPT_BYTES) {
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      }
    }
  }
}

/** A name that file systems take. */
function copyName(name: string): string {
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length).replace(/^[. ]+/, '');
  return `${harmlessName(stem, MAX_STEM) || 'dropped'}${harmlessName(ending, MAX_ENDING)}`;
}

/**
 * The path of a file that was dragged from VS Code's explorer or a tab. A page may name files of the workspace, and those beside the
 * model, only.
 *
 * @throws Failure `file-unreadable`
 */
export function draggedPath(text: string, modelPath: string): string {
  const uri = parse(text);
  const name = uri?.path.split('/').at(-1) ?? text;
  const isHere = uri?.scheme === 'file' || (uri?.scheme === 'vscode-remote' && env.remoteName !== undefined);
  if (uri === undefined || !isHere) {
    return fail('file-unreadable', l10n.t('{0} is not a file on this machine.', name), {
      remedy: l10n.t('Save it in a folder of the workspace, and drop it from the explorer.'),
      subject: text,
    });
  }
  // Without "..", which would leave the folder that it seems to be in.
  const path = resolve((uri.scheme === 'file' ? uri : Uri.file(uri.path)).fsPath);
  const inWorkspace = workspace.getWorkspaceFolder(Uri.file(path)) !== undefined;
  const beside = relative(dirname(modelPath), path);
  if (inWorkspace || !(isAbsolute(beside) || /^\.\.(?:[\\/]|$)/.test(beside))) return path;
  return fail('file-unreadable', l10n.t('{0} is neither in this workspace nor beside the model.', name), {
    remedy: OPEN_IN_PLACE,
    subject: path,
  });
}

function parse(text: string): Uri | undefined {
  try {
    return Uri.parse(text, true);
  } catch {
    return undefined;
  }
}
