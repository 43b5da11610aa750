import { basename } from 'node:path';
import { type Disposable, window } from 'vscode';
import { showError } from './errors';
import type { Models } from './models';

/**
 * What happens when an open model's file changes: it is read anew, as text editors do, and whoever shows it asks
 * again. A file that is gone is only told about: what is shown stays, and the server keeps what it has read.
 */
export function followFiles(models: Models): Disposable {
  return models.onNews(async ({ path, what }) => {
    const name = basename(path);
    if (what === 'deleted') {
      const text = `${name} was deleted or moved. What is shown stays; new questions may need the file back.`;
      await window.showWarningMessage(text);
    }
    if (what === 'changed-on-disk') {
      const again = await models.reload(path);
      if (!again.ok) {
        const action = { title: 'Read Again', run: () => models.reload(path) };
        await showError(again.error, [action]);
      }
    }
  });
}
