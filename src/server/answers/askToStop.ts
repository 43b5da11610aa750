import { basename } from 'node:path';
import type { RemoteWindow } from 'vscode-languageserver/node';
import { plain } from '../../shared/text';

const WAIT = { title: 'Keep Waiting' };
const STOP = { title: 'Stop' };

/**
 * Asks the user whether to stop a run without recent progress, in a notification of the editor.
 * @param doing the last step, which names a layer: untrusted text from the model file.
 * @returns `null` when it was dismissed.
 */
export async function askToStop(
  window: Pick<RemoteWindow, 'showWarningMessage'>,
  model: string,
  doing: string,
  seconds: number,
): Promise<'stop' | 'wait' | null> {
  const text = `${basename(model)} has not reported progress for ${seconds} seconds. Last step: ${doing}.`;
  const chosen = await window.showWarningMessage(plain(text), WAIT, STOP);
  if (!chosen) return null;
  return chosen.title === STOP.title ? 'stop' : 'wait';
}
