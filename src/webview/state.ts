import { vscode } from './vscodeApi';

/**
 * What a page stored while it was hidden or moved or the window was reloaded, perhaps by an older version: whoever reads
 * a part of it checks that part.
 */
export function savedState(): Readonly<Record<string, unknown>> {
  const state = vscode.getState();
  return typeof state === 'object' && state !== null ? { ...state } : {};
}

/** VS Code stores it as JSON. */
export function saveState(state: object): void {
  vscode.setState(state);
}
