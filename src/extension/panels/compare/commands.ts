import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Uri } from 'vscode';
import type { App } from '../../app';
import { guarded } from '../../errors';
import { pickModel } from '../../pickers/modelPicker';
import type { ComparePanels } from './comparePanels';

/** The context key that shows "Compare Model with Selected". */
const SELECTED = 'layerglass.comparedModelSelected';

/** "Select Model for Compare" and "Compare Model with Selected" of the Explorer, and "Compare Two Models…" of the palette. */
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
