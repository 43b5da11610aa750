import { type ExtensionContext, Uri } from 'vscode';
import type { App } from './app';
import { Client } from './client';
import { registerCommands } from './commands';
import { ExplainPanels } from './explainPanels';
import { followFiles } from './fileNews';
import { registerLayerCommands } from './layerCommands';
import { LayerPanels } from './layerPanels';
import { LayersView } from './layersView';
import { createLog } from './log';
import { ModelEditor } from './modelEditor';
import { Models } from './models';
import { Runs } from './runs';
import { Settings } from './settings';
import { Status } from './status';
import { wakeForModelText } from './wake';

/** Wires the extension together. The analysis server starts later, with the first model. */
export function activate(context: ExtensionContext): void {
  const log = createLog();
  const client = new Client(Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath, log);
  const models = new Models(client);
  const settings = new Settings(context.workspaceState, client, log);
  const app: App = { extensionUri: context.extensionUri, log, client, models, settings, runs: new Runs() };

  const layerPanels = new LayerPanels(app);
  const explainPanels = new ExplainPanels(app, async (choice) => layerPanels.show(choice));
  const actions = {
    explain: (path: string, layer: string | undefined) => explainPanels.explain(path, layer),
    showLayer: (path: string, layer: string) => layerPanels.showLayer(path, layer),
  };
  context.subscriptions.push(
    ...[log, client, models, app.runs, layerPanels, explainPanels],
    new LayersView(app),
    new ModelEditor(app, actions),
    new Status(client),
    followFiles(models),
    ...registerCommands(app, explainPanels),
    ...registerLayerCommands(app, actions),
    ...wakeForModelText(client),
  );
}
