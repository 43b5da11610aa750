import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Uri } from 'vscode';
import { Failure, fail } from '../../../shared/errors';
import type { App } from '../../app';
import { guarded } from '../../errors';
import { modelInActiveTab } from '../../models/activeTab';
import { isModel, revisionUri } from '../../models/gitRevisions';
import { pickModel } from '../../pickers/modelPicker';
import { pickRevisions } from '../../pickers/revisionPicker';
import { codeFor } from './codeFor';
import type { ComparePanels } from './comparePanels';

/** The context key that shows "Compare Model with Selected". */
const SELECTED = 'layerglass.comparedModelSelected';

/** "Select Model for Compare" and "Compare Model with Selected" of the Explorer, and "Compare Two Models…" of the palette; revisions in Git. */
export function registerCompareCommands(app: App, panels: ComparePanels): Disposable[] {
  let selected: string | undefined;
  const register = (name: string, run: (uri: Uri, all: readonly Uri[]) => Promise<void>) =>
    commands.registerCommand(
      `layerglass.${name}`,
      guarded(async (first: unknown, all: unknown) => {
        const chosen = Array.isArray(all) ? all.filter((one) => one instanceof Uri) : [];
        if (first instanceof Uri) await run(first, chosen);
      }),
    );
  return [
    register('selectForCompare', async (uri) => {
      selected = await app.revisions.pathOf(uri);
      await commands.executeCommand('setContext', SELECTED, true);
    }),
    register('compareWithSelected', async (uri) => {
      if (selected !== undefined) await panels.show(selected, await app.revisions.pathOf(uri));
    }),
    register('compareSelected', async (uri, all) => {
      const [a = uri, b] = all;
      if (b !== undefined) await panels.show(await app.revisions.pathOf(a), await app.revisions.pathOf(b));
    }),
    commands.registerCommand(
      'layerglass.compareWithHead',
      guarded(async (state: unknown) => {
        const uri = fileOf(state) ?? modelInActiveTab() ?? (await pickModel(app.models.open));
        if (uri === undefined) return;
        if (!isModel(uri))
          fail('not-applicable', l10n.t('{0} is not a model.', basename(uri.fsPath)), {
            subject: uri.fsPath,
            remedy: l10n.t('Choose a .keras, .h5, .hdf5, model.json or saved_model.pb file.'),
          });
        const file = uri.with({ scheme: 'file', query: '' });
        await compareRevisions(app, panels, [await revisionUri(file, 'HEAD'), file]);
      }),
    ),
    commands.registerCommand(
      'layerglass.compareRevisions',
      guarded(async (first: unknown, file: unknown) => {
        // The Timeline passes its item, then the file; the Explorer the file; the palette nothing.
        const uri =
          file instanceof Uri
            ? file
            : (fileOf(first) ?? modelInActiveTab() ?? (await pickModel(app.models.open)));
        if (uri === undefined) return;
        const pair = await pickRevisions(uri.with({ scheme: 'file', query: '' }), refOf(first));
        if (pair !== undefined) await compareRevisions(app, panels, pair);
      }),
    ),
    commands.registerCommand(
      'layerglass.compareWithCode',
      guarded(async (first: unknown) => {
        const uri = first instanceof Uri ? first : (modelInActiveTab() ?? (await pickModel(app.models.open)));
        if (uri === undefined) return;
        const path = await app.revisions.pathOf(uri);
        const code = await codeFor(app, path);
        if (code !== undefined) await panels.showCode(path, { uri: code });
      }),
    ),
    commands.registerCommand(
      'layerglass.compareModels',
      guarded(async () => {
        const first = await pickModel(app.models.open, l10n.t('Compare Two Models (1/2): Model A'));
        if (first === undefined) return;
        const a = await app.revisions.pathOf(first);
        const second = await pickModel(app.models.open, l10n.t('Compare {0} With (2/2)', basename(a)));
        if (second !== undefined) await panels.show(a, await app.revisions.pathOf(second));
      }),
    ),
  ];
}

/** Revisions are copied for the server; the copies go with the page. */
async function compareRevisions(app: App, panels: ComparePanels, pair: readonly [Uri, Uri]): Promise<void> {
  const sources = pair.map((uri) => app.revisions.open(uri));
  try {
    for (const source of sources) {
      const prepared = await source.prepare();
      if (!prepared.ok) throw new Failure(prepared.error);
    }
    const [a, b] = sources;
    if (a !== undefined && b !== undefined) await panels.show(a.path, b.path, sources);
  } catch (thrown) {
    for (const source of sources) source.dispose();
    throw thrown;
  }
}

/** Of a URI, or of a row of Source Control. */
function fileOf(value: unknown): Uri | undefined {
  if (value instanceof Uri) return value;
  if (typeof value !== 'object' || value === null || !('resourceUri' in value)) return undefined;
  return value.resourceUri instanceof Uri ? value.resourceUri : undefined;
}

/** The commit of an item of the Timeline that Git made. */
function refOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('ref' in item)) return undefined;
  return typeof item.ref === 'string' && item.ref !== '' ? item.ref : undefined;
}
