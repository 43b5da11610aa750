import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Disposable } from 'vscode';
import { notify } from '../door';
import { showError, valueOrShow } from '../errors';
import type { Client } from '../server/client';
import type { Models } from './models';

/** A training run may take this long to write a checkpoint; only then is a file that cannot be read worth a word. */
const PATIENCE_MS = [1000, 2000, 4000, 8000];

/**
 * What happens when an open model's file changes: it is read anew, as text editors do, and whoever shows it asks
 * again. While it is half written the old one stays. A file that is gone is only told about: what is shown stays, and
 * the server keeps what it has read.
 */
export function followFiles(models: Models, client: Client): Disposable {
  /** By path, how often it changed: a later change takes over from the one that is still being waited for. */
  const changes = new Map<string, number>();
  return models.onNews(async ({ path, what }) => {
    if (what === 'reopened') return;
    const change = (changes.get(path) ?? 0) + 1;
    changes.set(path, change);
    if (what === 'deleted') {
      const text = `${basename(path)} was deleted or moved. What is shown stays; new questions may need the file back.`;
      await notify('warning', text);
      return;
    }
    let again = await models.reload(path);
    for (const patience of PATIENCE_MS) {
      if (again.ok || again.error.kind === 'closed') return;
      if (again.error.kind === 'server-ended') break;
      await wait(patience);
      if (changes.get(path) !== change) return;
      again = await models.reload(path);
    }
    if (again.ok || again.error.kind === 'closed' || changes.get(path) !== change) return;
    const readAgain = async () => {
      client.personAsks(path);
      valueOrShow(await models.reload(path));
    };
    await showError(again.error, [{ title: 'Read Again', run: readAgain }]);
  });
}
