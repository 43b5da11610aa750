import { type ExtensionContext, Uri } from 'vscode';
import type { App } from './app';
import { registerCommands } from './commands';
import { createLog } from './log';
import { Models } from './models/models';
import { followFiles } from './models/reloadOnChange';
import { wakeForText } from './models/startOnModelText';
import { ExplainPanels } from './panels/explainPanels';
import { LayerPanels } from './panels/layerPanels';
import { ModelEditor } from './panels/modelEditor';
import { Client } from './server/client';
import { Runs } from './settings/runs';
import { Settings } from './settings/settings';
import { registerLayerCommands } from './views/layerCommands';
import { LayersView } from './views/layersView';
import { Status } from './views/status';

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
