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
import { wakeForText } from './wake';

/** The server of this window, for `deactivate`, which VS Code waits for. */
let running: Client | undefined;

/** Wires the extension together. The analysis server starts later, with the first model. */
export function activate(context: ExtensionContext): void {
  const log = createLog();
  const client = new Client(Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath, log);
  running = client;
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
    followFiles(models, client),
    ...registerCommands(app, explainPanels),
    ...registerLayerCommands(app, actions),
    ...wakeForText(client),
  );
}

/** Ends the server: one that hangs would outlive the window, it does not notice that nobody listens. */
export async function deactivate(): Promise<void> {
  await running?.end();
}
