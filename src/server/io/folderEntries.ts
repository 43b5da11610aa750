import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { statOf } from './openFile';

export interface FolderEntries {
  /** Names of regular files, links to them included. */
  readonly files: readonly string[];
  /** Names of folders; links are not followed, so that no walk is endless. */
  readonly folders: readonly string[];
  /** The folder has more entries than were read. */
  readonly isCut: boolean;
}

/**
 * The names in a folder, read a few at a time, so that a folder of any size neither blocks the process nor fills its memory.
 * Empty for a folder that cannot be read.
 *
 * @param max entries that are read
 */
export async function folderEntries(folder: string, max: number): Promise<FolderEntries> {
  const files: string[] = [];
  const folders: string[] = [];
  let count = 0;
  try {
    for await (const entry of await opendir(folder, { bufferSize: 1024 })) {
      if (count++ === max) return { files, folders, isCut: true };
      const { name } = entry;
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile() || (entry.isSymbolicLink() && statOf(join(folder, name))?.isFile()))
        files.push(name);
    }
  } catch {
    return { files, folders, isCut: false };
  }
  return { files, folders, isCut: false };
}
