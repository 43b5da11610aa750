import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { OpenedModel } from '../../shared/protocol';
import type { App } from '../app';
import { showError } from '../errors';
import { pick } from '../ui';

/** Asks which of several models a file of weights belongs to, and shows it as that one. Does nothing for other files. */
export async function chooseArchitecture(app: App, { path, architectures }: OpenedModel): Promise<void> {
  if (architectures.length === 0) return;
  const items = architectures.map((file) => ({ label: basename(file), description: dirname(file), file }));
  const chosen = await pick(items, {
    title: l10n.t('Model of {0}', basename(path)),
    placeHolder: l10n.t('The weights fit several models: select the one that they belong to'),
  });
  if (chosen === undefined) return;
  const opened = await app.models.useArchitecture(path, chosen.file);
  if (!opened.ok) showError(opened.error);
}
