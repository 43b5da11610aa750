import { type LogOutputChannel, window } from 'vscode';

/** The one log of the extension and its server: "Layerglass" in the Output panel. */
export function createLog(): LogOutputChannel {
  return window.createOutputChannel('Layerglass', { log: true });
}
