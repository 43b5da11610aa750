import { workspace } from 'vscode';

/** Folders of packages, whose code is not the user's. */
const PACKAGES = '**/{node_modules,site-packages,.venv,venv}/**';
/** JavaScript that a build has made says again what its sources say. */
const PACKAGES_AND_BUILDS = '**/{node_modules,dist,build,out}/**';
const MAX_FILES = 500;

/** Paths of the Python files of the workspace, then of its JavaScript and TypeScript, 500 of each at most. */
export async function codeFiles(): Promise<string[]> {
  const found = await Promise.all([
    workspace.findFiles('**/*.py', PACKAGES, MAX_FILES),
    workspace.findFiles('**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}', PACKAGES_AND_BUILDS, MAX_FILES),
  ]);
  return found
    .flat()
    .filter(({ scheme }) => scheme === 'file')
    .map(({ fsPath }) => fsPath);
}
