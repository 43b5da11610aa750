import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, Uri } from 'vscode';
import { fail } from '../shared/errors';
import type { ExplainChoice } from '../shared/view';
import type { App } from './app';
import { guarded, showError, valueOrShow } from './errors';
import { modelInActiveTab } from './models/activeTab';
import type { ExplainPanels } from './panels/explainPanels';
import { exportMap } from './panels/exportMap';
import { exportSet } from './panels/exportSet';
import type { GalleryPanels } from './panels/galleryPanels';
import type { GraphPanels } from './panels/graphPanels';
import type { HealthPanels } from './panels/healthPanels';
import { initialChoice } from './panels/initialChoice';
import { MODEL_EDITOR } from './panels/modelEditor';
import { chooseArchitecture } from './pickers/architecturePicker';
import { chooseRun } from './pickers/chooseRun';
import { pickModel } from './pickers/modelPicker';
import { notify } from './ui';

/** Registers the commands of the palette, the Explorer and the title bars. */
export function registerCommands(app: App, panels: ExplainPanels, graphs: GraphPanels): Disposable[] {
  const register = (name: string, run: (uri?: Uri) => Promise<void> | void) =>
    commands.registerCommand(
      `layerglass.${name}`,
      // A title-bar button of the Layers view passes the selected row; only a URI names a file.
      guarded((first: unknown) => run(first instanceof Uri ? first : undefined)),
    );
  return [
    register('explainPrediction', async (uri) => {
      const path = await modelFrom(app, uri);
      if (path !== undefined) await panels.explain(path);
    }),
    register('openModel', async (uri) => {
      const chosen = uri ?? (await pickModel(app.models.open));
      if (chosen !== undefined) await openModel(app, await app.revisions.pathOf(chosen));
    }),
    register('showGraph', async (uri) => {
      const path = await modelFrom(app, uri);
      if (path !== undefined) await graphs.showGraph(path, null);
    }),
    register('closeModel', () => {
      if (app.models.active !== undefined) app.models.close(app.models.active);
    }),
    register('refresh', async () => {
      const { active } = app.models;
      if (active === undefined) return;
      app.client.noteUserRequest(active);
      valueOrShow(await app.models.reload(active));
    }),
    register('openWithH5Web', async (uri) => {
      const meant = uri ?? modelInActiveTab();
      if (meant !== undefined) await app.h5web.open(meant);
    }),
    register('openInLayerglass', async (uri) => {
      const meant = uri ?? modelInActiveTab();
      if (meant !== undefined) await commands.executeCommand('vscode.openWith', meant, MODEL_EDITOR);
    }),
    register('exportHeatMap', async (uri) => {
      const choice = await shownOrChosen(app, panels, uri);
      if (choice === undefined) return;
      const exported = await exportMap(app, choice, []);
      if (exported !== null) valueOrShow(exported);
    }),
    register('exportSet', async (uri) => {
      const choice = await shownOrChosen(app, panels, uri);
      if (choice === undefined) return;
      const exported = await exportSet(app, choice);
      if (exported !== null) valueOrShow(exported);
    }),
    register('saveSettings', (uri) => saveSettings(app, uri)),
    register('restartServer', () => app.client.restart()),
    register('showLog', () => app.log.show()),
  ];
}

/** "Show Model Health": of the clicked file, else of the model that other commands mean. */
export const registerHealthCommand = (app: App, panels: HealthPanels): Disposable =>
  commands.registerCommand(
    'layerglass.showModelHealth',
    guarded(async (first: unknown) => {
      const path = await modelFrom(app, first instanceof Uri ? first : undefined);
      if (path !== undefined) await panels.showHealth(path);
    }),
  );

/** "Show Inputs": of the clicked file, else of the model that other commands mean. */
export const registerGalleryCommand = (app: App, panels: GalleryPanels): Disposable =>
  commands.registerCommand(
    'layerglass.showInputs',
    guarded(async (first: unknown) => {
      const path = await modelFrom(app, first instanceof Uri ? first : undefined);
      if (path !== undefined) await panels.showInputs(path);
    }),
  );

/** The model of a command: the clicked file, else that of the active tab, the active model, or one the user picks. */
async function modelFrom(app: App, uri: Uri | undefined): Promise<string | undefined> {
  const file = uri ?? modelInActiveTab();
  const path = file === undefined ? app.models.active : await app.revisions.pathOf(file);
  if (path !== undefined) return path;
  const chosen = await pickModel(app.models.open);
  return chosen?.fsPath;
}

/** Opens a model in the Layers view. */
export async function openModel(app: App, path: string): Promise<void> {
  app.client.noteUserRequest(path);
  const lease = await app.models.activate(path);
  if (!lease.ok) return showError(lease.error);
  await commands.executeCommand('layerglass.layers.focus');
  const model = await lease.value.model();
  if (model.ok) await chooseArchitecture(app, model.value);
}

/** What the last active explain page shows; without one, asks for the model and the input. */
async function shownOrChosen(
  app: App,
  panels: ExplainPanels,
  uri: Uri | undefined,
): Promise<ExplainChoice | undefined> {
  if (panels.shown !== undefined && uri === undefined) return panels.shown;
  const path = await modelFrom(app, uri);
  if (path === undefined) return undefined;
  const model = await openedModel(app, path);
  if (model === undefined) return undefined;
  const run = await chooseRun(app, model);
  return run === undefined ? undefined : initialChoice(path, model, run);
}

async function saveSettings(app: App, uri: Uri | undefined): Promise<void> {
  const path = await modelFrom(app, uri);
  if (path === undefined) return;
  if (app.notebooks.contains(path)) {
    fail(
      'not-applicable',
      l10n.t('{0} goes with the window: settings beside it would be lost.', basename(path)),
      {
        remedy: l10n.t('Save the model to a file in the notebook and open that.'),
        subject: path,
      },
    );
  }
  if (app.revisions.isCopy(path)) {
    fail(
      'not-applicable',
      l10n.t('{0} is a temporary copy of a revision: settings beside it would be lost.', basename(path)),
      {
        remedy: l10n.t('Open the file itself and save them there.'),
        subject: path,
      },
    );
  }
  const model = await openedModel(app, path);
  if (model === undefined) return;
  const written = valueOrShow(await app.settings.saveBeside(model));
  if (written === undefined) return;
  const open = l10n.t('Open File');
  const pressed = await notify(
    'info',
    l10n.t(
      'Saved the preprocessing, labels and inputs of {0} in {1}.',
      basename(path),
      basename(written.path),
    ),
    open,
  );
  if (pressed === open) await commands.executeCommand('vscode.open', Uri.file(written.path));
}

/** Opens a model; a failure was shown where it is undefined. */
export async function openedModel(app: App, path: string) {
  app.client.noteUserRequest(path);
  const lease = valueOrShow(await app.models.activate(path));
  return lease === undefined ? undefined : valueOrShow(await lease.model());
}
