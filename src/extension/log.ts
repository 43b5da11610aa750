import { type LogOutputChannel, window } from 'vscode';
import type { LayerglassError } from '../shared/errors';

let current: LogOutputChannel | undefined;

/** The shared log of the extension and its server: "Layerglass" in the Output panel. */
export function createLog(): LogOutputChannel {
  current = window.createOutputChannel('Layerglass', { log: true });
  return current;
}

/** Logs the stack of a failure in the extension itself. The server logs its own. */
export function logFailure(error: LayerglassError): void {
  if (error.stack !== undefined) current?.error(`${error.message}\n${error.stack}`);
}
