import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import type { Disposable } from 'vscode';
import { showError, valueOrShow } from '../errors';
import type { Client } from '../server/client';
import { notify } from '../ui';
import type { Models } from './models';

/** Delays between retries: a training run may take this long to write a checkpoint, so failures are shown only after. */
const RETRY_DELAYS_MS = [1000, 2000, 4000, 8000];

/**
 * Reloads an open model when its file changes, as text editors do, and its pages update. While the file is only partly
 * written, the old model stays. If the file is deleted, the user is only notified: pages and the server keep what was read.
 */
export function reloadOnChange(models: Models, client: Client): Disposable {
  /** Number of changes by path: a later change replaces the retries of an earlier one. */
  const changes = new Map<string, number>();
  return models.onModelEvent(async ({ path, what }) => {
    if (what === 'reopened') return;
    const change = (changes.get(path) ?? 0) + 1;
    changes.set(path, change);
    if (what === 'deleted') {
      const text = l10n.t(
        '{0} was deleted or moved. Open pages stay, but new computations may need the file.',
        basename(path),
      );
      await notify('warning', text);
      return;
    }
    let result = await models.reload(path);
    for (const delay of RETRY_DELAYS_MS) {
      if (result.ok || result.error.kind === 'closed') return;
      if (result.error.kind === 'server-ended') break;
      await wait(delay);
      if (changes.get(path) !== change) return;
      result = await models.reload(path);
    }
    if (result.ok || result.error.kind === 'closed' || changes.get(path) !== change) return;
    const reload = async () => {
      client.noteUserRequest(path);
      valueOrShow(await models.reload(path));
    };
    await showError(result.error, [{ title: l10n.t('Reload Model'), run: reload }]);
  });
}
