import { type LogOutputChannel, window } from 'vscode';
import type { LayerglassError } from '../shared/errors';

let current: LogOutputChannel | undefined;

/** The one log of the extension and its server: "Layerglass" in the Output panel. */
export function createLog(): LogOutputChannel {
  current = window.createOutputChannel('Layerglass', { log: true });
  return current;
}

/** Keeps where a failure of the extension itself came from. What the server failed at, the server has logged. */
export function logFailure(error: LayerglassError): void {
  if (error.stack !== undefined) current?.error(`${error.message}\n${error.stack}`);
}
