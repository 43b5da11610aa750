import './language';
import { type ExtensionContext, Uri } from 'vscode';
import { stackOf } from '../shared/errors';
import type { App } from './app';
import { registerBatchCommand } from './batch/explainFolder';
import { openModel, registerCommands, registerGalleryCommand, registerHealthCommand } from './commands';
import { registerLanguageModelTools } from './doors/languageModelTools';
import { registerMcpServer } from './doors/mcpServer';
import { NotebookModels } from './doors/notebookModels';
import { Galleries } from './gallery/galleries';
import { createLog } from './log';
import { CheckpointFolders } from './models/checkpointFolders';
import { DroppedFiles } from './models/droppedFiles';
import { followChangedModels } from './models/gitRevisions';
import { Models } from './models/models';
import { reloadOnChange } from './models/reloadOnChange';
import { Revisions } from './models/revisions';
import { startOnModelText } from './models/startOnModelText';
import { CheckpointsPanels } from './panels/checkpoints/checkpointsPanels';
import { registerCheckpointCommands } from './panels/checkpoints/commands';
import { registerCompareCommands } from './panels/compare/commands';
import { ComparePanels } from './panels/compare/comparePanels';
import { ExplainPanels } from './panels/explainPanels';
import { GalleryPanels } from './panels/galleryPanels';
import { GraphPanels } from './panels/graphPanels';
import { H5Web } from './panels/h5web';
import { HealthPanels } from './panels/healthPanels';
import { LayerPanels, type ShowOptions } from './panels/layerPanels';
import { ModelEditor } from './panels/modelEditor';
import { registerSampleCommands } from './samples/commands';
import { Client } from './server/client';
import { Runs } from './settings/runs';
import { Settings } from './settings/settings';
import { registerTensorFlowCommands } from './tensorflow/commands';
import { Installation } from './tensorflow/installation';
import { TimeLine } from './timeLine';
import { registerCodeCommands } from './views/codeCommands';
import { ComparisonBadges } from './views/comparisonBadges';
import { registerLayerCommands } from './views/layerCommands';
import { LayersView } from './views/layersView';
import { Status } from './views/status';

/** For `deactivate`, which VS Code awaits. */
let running: Client | undefined;

/** Creates the services and registers everything. The analysis server starts with the first model. */
export function activate(context: ExtensionContext): void {
  const log = createLog();
  const timeLine = new TimeLine(log);
  timeLine.reach('activate');
  const tensorflow = new Installation(context.globalStorageUri.fsPath);
  tensorflow.removeLeftovers().catch((thrown: unknown) => log.debug(stackOf(thrown)));
  const serverModule = Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath;
  const client = new Client(serverModule, log, tensorflow.folder, timeLine);
  running = client;
  const models = new Models(client);
  const revisions = new Revisions(context.globalStorageUri, models, log);
  void revisions.removeLeftovers();
  const settings = new Settings(context.workspaceState, client, log, (path) => revisions.originOf(path));
  const notebooks = new NotebookModels(context.globalStorageUri, { models, log, client });
  void notebooks.removeLeftovers();
  const h5web = new H5Web();
  const dropped = new DroppedFiles(context.globalStorageUri);
  const { extensionUri } = context;
  const galleries = new Galleries();
  const services = { log, client, models, settings, revisions, dropped, notebooks, h5web, timeLine };
  const app: App = { extensionUri, ...services, galleries, runs: new Runs() };

  const layerPanels = new LayerPanels(app);
  const explainPanels = new ExplainPanels(app, async (choice) => layerPanels.show(choice));
  const healthPanels = new HealthPanels(app, (choice) => layerPanels.show(choice));
  const galleryPanels = new GalleryPanels(app, (...asked) => explainPanels.explainInputs(...asked));
  const checkpointsPanels = new CheckpointsPanels(app, (choice) => explainPanels.show(choice));
  const checkpointFolders = new CheckpointFolders();
  const comparePanels = new ComparePanels(app, (choice) => layerPanels.show(choice));
  const badges = new ComparisonBadges(comparePanels);
  const layersView = new LayersView(app, badges);
  const graphPanels = new GraphPanels(app, {
    showLayer: (path, layer) => layerPanels.showLayer(path, layer),
    select: (path, layer) => layersView.select(path, layer),
  });
  layersView.onSelected(({ modelPath, layer }) => graphPanels.mark(modelPath, layer));
  const actions = {
    explain: (path: string, layer: string | undefined) => explainPanels.explain(path, layer),
    showLayer: (path: string, layer: string, options?: ShowOptions) =>
      layerPanels.showLayer(path, layer, options),
    showGraph: (path: string, layer: string | null) => graphPanels.showGraph(path, layer),
  };
  context.subscriptions.push(
    ...[log, client, models, revisions, notebooks, h5web, app.runs, layerPanels, explainPanels, healthPanels],
    ...[graphPanels, galleryPanels, checkpointsPanels, checkpointFolders, comparePanels],
    layersView,
    badges,
    new ModelEditor(app, actions),
    new Status(client),
    reloadOnChange(models, client),
    ...registerCommands(app, explainPanels, graphPanels),
    registerHealthCommand(app, healthPanels),
    registerGalleryCommand(app, galleryPanels),
    ...registerCheckpointCommands(checkpointsPanels, checkpointFolders),
    ...registerCompareCommands(app, comparePanels),
    registerBatchCommand(app),
    followChangedModels(),
    ...registerLayerCommands(app, actions, () => layersView.selectedNode),
    ...registerCodeCommands(app, {
      open: (path) => openModel(app, path),
      explain: (path) => explainPanels.explain(path),
      compareWithCode: (path, code) => comparePanels.showCode(path, code),
    }),
    ...registerSampleCommands(app, samplesFolder(context), {
      explain: (path) => explainPanels.explain(path),
      showLayer: actions.showLayer,
      openModel: (path) => openModel(app, path),
    }),
    ...registerTensorFlowCommands(app, tensorflow),
    ...startOnModelText(client),
    ...registerLanguageModelTools(app, context.extension.packageJSON),
    ...registerMcpServer(app, String(context.extension.packageJSON.version)),
  );
  timeLine.reach('activated');
}

/** One folder for each version: an update brings its own samples. */
const samplesFolder = ({ globalStorageUri, extension }: ExtensionContext): Uri =>
  Uri.joinPath(globalStorageUri, `samples-${String(extension.packageJSON.version)}`);

/** Ends the server: one that hangs does not notice that the window is gone and would outlive it. */
export async function deactivate(): Promise<void> {
  await running?.end();
}
