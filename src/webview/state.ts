import { vscode } from './vscodeApi';

/**
 * State that the page stored before it was hidden or moved, or the window was reloaded, perhaps by another version: callers
 * validate the parts they read.
 */
export function savedState(): Readonly<Record<string, unknown>> {
  const state = vscode.getState();
  return typeof state === 'object' && state !== null ? { ...state } : {};
}

/** Stored by VS Code as JSON. */
export function saveState(state: object): void {
  vscode.setState(state);
}
