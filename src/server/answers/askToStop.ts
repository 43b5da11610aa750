import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { RemoteWindow } from 'vscode-languageserver/node';
import { plain } from '../../shared/text';

const WAIT = { title: l10n.t('Keep Waiting') };
const STOP = { title: l10n.t('Stop') };

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
  const text = l10n.t(
    '{0} has not reported progress for {1} seconds. Last step: {2}.',
    basename(model),
    seconds,
    doing,
  );
  const chosen = await window.showWarningMessage(plain(text), WAIT, STOP);
  if (!chosen) return null;
  return chosen.title === STOP.title ? 'stop' : 'wait';
}
