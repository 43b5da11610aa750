import { basename } from 'node:path';
import { commands, Uri } from 'vscode';
import { type LayerglassError, type Result, toError } from '../shared/errors';
import { notify } from './door';
import { logFailure } from './log';

/** A way out offered as a button below an error. */
export interface ErrorAction {
  readonly title: string;
  run(): unknown;
}

const showLogAction: ErrorAction = {
  title: 'Show Log',
  run: () => commands.executeCommand('layerglass.showLog'),
};
const restartAction: ErrorAction = {
  title: 'Restart Server',
  run: () => commands.executeCommand('layerglass.restartServer'),
};

/** Opens a model that an error names as the way out. */
export function openAction(path: string): ErrorAction {
  return {
    title: `Open ${basename(path)}`,
    run: () => commands.executeCommand('layerglass.openModel', Uri.file(path)),
  };
}

/** The buttons that make sense for a kind of failure, whatever the caller adds. */
function usualActions(error: LayerglassError): readonly ErrorAction[] {
  if (error.suggestion !== undefined) return [openAction(error.suggestion.open)];
  if (error.kind === 'closed') return [restartAction, showLogAction];
  if (error.kind === 'server-ended' || error.kind === 'internal' || error.kind === 'backend')
    return [showLogAction];
  return [];
}

/**
 * Shows a failure as one notification: what happened, the way out, and buttons. A cancelled request is no news
 * to the user who cancelled it, so it shows nothing.
 */
export async function showError(error: LayerglassError, actions: readonly ErrorAction[] = []): Promise<void> {
  if (error.kind === 'cancelled') return;
  logFailure(error);
  const offered = [...actions, ...usualActions(error)];
  const text = error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  const chosen = await notify('error', text, ...offered.map((action) => action.title));
  await offered.find((action) => action.title === chosen)?.run();
}

/** The value of an answer; a failure is shown and becomes `undefined`. */
export function valueOrShow<T>(result: Result<T>, actions: readonly ErrorAction[] = []): T | undefined {
  if (result.ok) return result.value;
  void showError(result.error, actions);
  return undefined;
}

/** Wraps a command so that whatever it throws reaches the user as a sentence, never as a stack trace. */
export function guarded<Args extends unknown[]>(
  command: (...args: Args) => Promise<void> | void,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await command(...args);
    } catch (thrown) {
      void showError(toError(thrown));
    }
  };
}
