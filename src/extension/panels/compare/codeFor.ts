import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri, workspace } from 'vscode';
import * as protocol from '../../../shared/protocol';
import type { App } from '../../app';
import { valueOrShow } from '../../errors';
import { codeFiles } from '../../models/codeFiles';
import { notify, pick } from '../../ui';

/** The code of the workspace that builds the layers of a model; where several files do, the user chooses. */
export async function codeFor(app: App, path: string): Promise<string | undefined> {
  const found = valueOrShow(await app.client.ask(protocol.codeFor, { path, paths: await codeFiles() }));
  if (found === undefined) return undefined;
  const [only, second] = found;
  if (only === undefined) {
    await notify('info', l10n.t('No code of the workspace builds layers of {0}.', basename(path)));
    return undefined;
  }
  if (second === undefined) return only;
  const items = found.map((uri) => ({
    label: basename(Uri.parse(uri).fsPath),
    detail: workspace.asRelativePath(Uri.parse(uri)),
    uri,
  }));
  const title = l10n.t('Compare {0} With the Code In', basename(path));
  return (await pick(items, { title, matchOnDetail: true }))?.uri;
}
