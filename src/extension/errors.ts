import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, Uri } from 'vscode';
import { type ErrorKind, type LayerglassError, type Result, toError } from '../shared/errors';
import { logFailure } from './log';
import { notify } from './ui';

/** An action offered as a button of an error notification. */
export interface ErrorAction {
  readonly title: string;
  run(): unknown;
}

const showLogAction: ErrorAction = {
  title: l10n.t('Show Log'),
  run: () => commands.executeCommand('layerglass.showLog'),
};
const restartAction: ErrorAction = {
  title: l10n.t('Restart Server'),
  run: () => commands.executeCommand('layerglass.restartServer'),
};

/** Opens the file that an error suggests instead. */
export function openAction(path: string): ErrorAction {
  return {
    title: l10n.t('Open {0}', basename(path)),
    run: () => commands.executeCommand('layerglass.openModel', Uri.file(path)),
  };
}

/** Kinds about which the log says more. */
const LOGGED: ReadonlySet<ErrorKind> = new Set(['server-ended', 'internal', 'backend', 'download-failed']);

/** The standard buttons for a kind of failure. */
function usualActions(error: LayerglassError): readonly ErrorAction[] {
  if (error.suggestion !== undefined) return [openAction(error.suggestion.open)];
  if (error.kind === 'closed') return [restartAction, showLogAction];
  if (LOGGED.has(error.kind)) return [showLogAction];
  return [];
}

/**
 * Shows a failure as one notification with its message, remedy and actions. A cancelled request shows nothing: the user
 * cancelled it.
 */
export async function showError(error: LayerglassError, actions: readonly ErrorAction[] = []): Promise<void> {
  if (error.kind === 'cancelled') return;
  logFailure(error);
  const offered = [...actions, ...usualActions(error)];
  const text = error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  const chosen = await notify('error', text, ...offered.map((action) => action.title));
  await offered.find((action) => action.title === chosen)?.run();
}

/** The value of a result; a failure is shown and becomes `undefined`. */
export function valueOrShow<T>(result: Result<T>, actions: readonly ErrorAction[] = []): T | undefined {
  if (result.ok) return result.value;
  void showError(result.error, actions);
  return undefined;
}

/** Wraps a command so that anything it throws is shown to the user as a message, never as a stack trace. */
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
