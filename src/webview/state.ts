import { vscode } from './vscodeApi';

/**
 * What a page keeps while it is hidden, moved or the window is reloaded; VS Code stores it as JSON.
 * @param isState tells whether what was stored, perhaps by an older version, can still be used
 */
export function savedState<State>(isState: (value: unknown) => value is State): State | null {
  const state = vscode.getState();
  return isState(state) ? state : null;
}

export function saveState(state: object): void {
  vscode.setState(state);
}
