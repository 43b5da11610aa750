import { workspace } from 'vscode';

/** Folders of packages, whose code is not the user's. */
const PACKAGES = '**/{node_modules,site-packages,.venv,venv}/**';
const MAX_FILES = 500;

/** Paths of the Python files of the workspace, 500 at most. */
export async function pythonFiles(): Promise<string[]> {
  const files = await workspace.findFiles('**/*.py', PACKAGES, MAX_FILES);
  return files.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
}
