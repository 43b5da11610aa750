import { FileType, Uri, workspace } from 'vscode';

const MAX_FILES = 500;
const MAX_FOLDERS = 2000;
const SKIPPED = new Set(['node_modules', '.git', '.venv', '__pycache__']);

/** The files of a folder, not of those in it, whose names have one of the extensions; also of a folder outside the workspace. */
export async function folderFiles(folder: string, extensions: readonly string[]): Promise<string[]> {
  const uri = Uri.file(folder);
  const found = (await entries(uri)).flatMap(([name, type]) =>
    (type & FileType.File) !== 0 && extensions.includes(endingOf(name))
      ? [Uri.joinPath(uri, name).fsPath]
      : [],
  );
  return found.slice(0, MAX_FILES);
}

const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

/**
 * At most 500 files of the workspace whose names have one of the extensions (without dots) or match `named`.
 * Uses VS Code's search, or walks the folders where the search is not available.
 */
export async function workspaceFiles(extensions: readonly string[], named?: RegExp): Promise<Uri[]> {
  const fits = (uri: Uri) => {
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    return extensions.includes(endingOf(name)) || named?.test(name) === true;
  };
  const endings = named === undefined ? extensions : [...extensions, 'json', 'pb'];
  try {
    const glob = `**/*.{${endings.join(',')}}`;
    return (await workspace.findFiles(glob, '**/node_modules/**', MAX_FILES)).filter(fits);
  } catch {
    // Remote servers without ripgrep reject every search.
    return walk(fits);
  }
}

async function walk(fits: (uri: Uri) => boolean): Promise<Uri[]> {
  const found: Uri[] = [];
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  for (let next = 0; next < folders.length && next < MAX_FOLDERS && found.length < MAX_FILES; next++) {
    const folder = folders[next];
    if (folder === undefined) break;
    for (const [name, type] of await entries(folder)) {
      const uri = Uri.joinPath(folder, name);
      if (type === FileType.Directory && !SKIPPED.has(name)) folders.push(uri);
      if ((type & FileType.File) !== 0 && fits(uri)) found.push(uri);
    }
  }
  return found.slice(0, MAX_FILES);
}

async function entries(folder: Uri): Promise<[string, FileType][]> {
  try {
    return await workspace.fs.readDirectory(folder);
  } catch {
    // A folder that cannot be read contributes no files.
    return [];
  }
}
