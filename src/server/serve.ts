import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { CancellationToken, Connection, HoverParams } from 'vscode-languageserver/node';
import {
  createConnection,
  NotebookDocuments,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import * as z from 'zod';
import { toError, toResult } from '../shared/errors';
import { BACKENDS } from '../shared/model';
import type { ModelParams, OpenedModel, RequestType, RunParams, ServerOptions } from '../shared/protocol';
import * as protocol from '../shared/protocol';
import { mark } from '../shared/timeLine';
import { packNumbers } from '../shared/wireNumbers';
import { askToStop } from './answers/askToStop';
import { listCheckpoints } from './answers/checkpoints/listCheckpoints';
import { CODE_CAPABILITIES, CodeEditor } from './answers/code/codeEditor';
import { foldersOf } from './answers/code/editor';
import { listInputs } from './answers/gallery/listInputs';
import { thumbnails } from './answers/gallery/thumbnails';
import { hover } from './answers/hover';
import { layerConfig, trainingConfig } from './answers/modelConfig';
import { ModelJsonEditor } from './answers/modelJson/modelJsonEditor';
import { createProgress } from './answers/progress';
import { checkParams } from './answers/requestParams';
import { BackendMeasurement, type MeasurementHost } from './compute/backendMeasurement';
import type { RequestControl } from './compute/compute';
import { Compute } from './compute/compute';
import { MANY_HANDLERS, PAIR_HANDLERS, type PairParams, RUN_HANDLERS } from './compute/runHandlers';
import type { SpareProcess } from './compute/spareProcess';
import { WEIGHT_HANDLERS } from './compute/weights/handlers';
import type { WeightsThreadOptions } from './compute/weights/startThread';
import { WeightsThread } from './compute/weights/weightsThread';
import { explainableLayers } from './explain/layerChoice';
import { viewGraph } from './graph/viewGraph';
import { PartReader } from './inputs/partReader';
import { MAX_JSON_BYTES } from './io/limits';
import { readFile } from './io/openFile';
import { findLabels } from './labels/labels';
import { locateLayer } from './language/locateLayer';
import type { Control } from './run/control';
import { fittingFor, partsFor } from './session/modelInputs';
import type { OpenModel } from './session/openModels';
import { OpenModels, settingsFile } from './session/openModels';
import { loadSidecar, readSidecar, writeSidecar } from './session/sidecar';
import { callTool } from './tools/tools';

const DEFAULTS = {
  backend: 'auto',
  nativePath: '',
  customLayers: [],
  memoryLimit: 0,
  threads: 0,
} satisfies ServerOptions;
/** A setting of a wrong type counts as unset. */
const optionsSchema = z
  .object({
    backend: z
      .enum(['auto', ...BACKENDS])
      .catch('auto')
      .default('auto'),
    nativePath: z.string().catch('').default(''),
    customLayers: z.array(z.string()).catch([]).default([]),
    memoryLimit: z.number().nonnegative().catch(0).default(0),
    threads: z.number().int().nonnegative().catch(0).default(0),
  })
  .catch(DEFAULTS);

/** The processes beside the server's. */
interface Processes {
  /** The compute process that is starting together with the server. */
  readonly spare: SpareProcess;
  /** Starts one that measures a backend. */
  readonly measure: MeasurementHost['start'];
  /** Starts the thread for weights. */
  weights(options: WeightsThreadOptions): Worker;
}

export function startServer(processes: Processes): void {
  serve(createConnection(ProposedFeatures.all), processes);
}

function serve(connection: Connection, processes: Processes): void {
  const documents = new TextDocuments(TextDocument);
  const notebooks = new NotebookDocuments(documents);
  const code = new CodeEditor(connection, documents, notebooks, () => server.models);
  const modelJson = new ModelJsonEditor(connection, documents);
  const loaded = mark('server: code loaded');
  let server = createServer(connection, DEFAULTS, processes);
  let activeModel: string | null = null;

  connection.onInitialize((params) => {
    server = createServer(connection, optionsSchema.parse(params.initializationOptions ?? {}), processes);
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        ...CODE_CAPABILITIES,
      },
      serverInfo: { name: 'layerglass' },
    };
  });
  connection.onInitialized(() => {
    void connection.sendNotification(protocol.reached.method, loaded);
    code.listen();
    modelJson.offerOutline();
  });
  connection.onShutdown(() => {
    server.measurement.dispose();
    server.compute.dispose();
    server.weights.dispose();
    processes.spare.end();
  });

  function handle<Params extends object, Value>(
    type: RequestType<Params, Value>,
    work: (params: Params, control: RequestControl) => Promise<Value> | Value,
  ): void {
    connection.onRequest(type.method, async (...sent: unknown[]): Promise<unknown> => {
      // The token is the last argument; without parameters it is the only one, and a list is spread into arguments.
      const token = sent.pop() as CancellationToken;
      // Some clients send null for missing parameters.
      const values = sent.filter((value) => value !== null);
      const params = values.length === 1 ? values[0] : undefined;
      const { report, end } = createProgress(connection, params);
      const result = await toResult(() => work(checkParams(type, params), { cancellation: token, report }));
      end();
      if (!result.ok && result.error.stack !== undefined) {
        connection.console.error(`${type.method}: ${result.error.message}\n${result.error.stack}`);
      }
      return packNumbers(result);
    });
  }

  handle(protocol.openModel, async ({ path, architecture }) => {
    // The next request usually runs the model.
    server.compute.prepare(path, architecture);
    const model = await server.models.open(path, architecture);
    void connection.sendNotification(protocol.reached.method, mark('server: model opened'));
    return describeModel(model);
  });
  handle(protocol.closeModel, ({ modelId, atOnce }) => {
    server.models.close(modelId, atOnce);
    return null;
  });
  handle(protocol.viewGraph, ({ modelId }) => viewGraph(server.models.get(modelId).graph));
  handle(protocol.backendStatus, () => server.compute.backend());
  for (const row of [...RUN_HANDLERS, ...MANY_HANDLERS]) {
    const type = row.type as RequestType<RunParams, unknown>;
    handle(type, (params, control) =>
      server.compute.request(type, server.models.get(params.modelId), params, control),
    );
  }
  for (const row of PAIR_HANDLERS) {
    const type = row.type as RequestType<PairParams, unknown>;
    handle(type, (params, control) =>
      server.compute.request(
        type,
        server.models.get(params.modelId),
        params,
        control,
        server.models.get(params.otherModelId),
      ),
    );
  }
  handle(protocol.listCheckpoints, ({ folder, member }) => listCheckpoints(folder, member));
  handle(protocol.inputParts, ({ modelId, input, source }) =>
    partsFor(server.models.get(modelId), input, source),
  );
  const reader = new PartReader();
  handle(protocol.listInputs, (params, control) =>
    listInputs(server.models.get(params.modelId), params, controlOf(control)),
  );
  handle(protocol.thumbnails, (params, control) =>
    thumbnails(server.models.get(params.modelId), params, reader, controlOf(control)),
  );
  handle(protocol.fittingInputs, ({ modelId, input, paths }) =>
    fittingFor(server.models.get(modelId), input, paths),
  );
  handle(protocol.callTool, (params, control) => callTool(server, params, control));
  handle(protocol.layerConfig, ({ modelId, layer }) => layerConfig(server.models.get(modelId), layer));
  handle(protocol.trainingConfig, ({ modelId }) => trainingConfig(server.models.get(modelId)));
  handle(protocol.readSidecar, ({ modelId }) => readSidecar(settingsFile(server.models.get(modelId))));
  handle(protocol.writeSidecar, ({ modelId, settings }) => ({
    path: writeSidecar(settingsFile(server.models.get(modelId)), settings),
  }));
  for (const row of WEIGHT_HANDLERS) {
    const type = row.type as RequestType<ModelParams, unknown>;
    handle(type, (params, control) =>
      server.weights.request(type, server.models.get(params.modelId), params, control),
    );
  }
  handle(protocol.locateLayer, ({ path, layer }) => {
    const open = documents.all().find((document) => pathOf(document.uri) === path);
    return locateLayer(open?.getText() ?? readText(path), layer);
  });

  handle(protocol.compareWithCode, (params) => code.files.compare(params));
  handle(protocol.codeFor, ({ path, paths }) => code.files.codeFor(path, paths));
  handle(protocol.layerInCode, ({ paths, ...wanted }) => code.files.find(wanted, paths));

  connection.onNotification(protocol.activeModelChanged.method, (params: unknown) => {
    try {
      activeModel = checkParams(protocol.activeModelChanged, params).path;
    } catch (thrown) {
      connection.console.warn(toError(thrown).message);
    }
  });
  connection.onNotification(protocol.willExplain.method, (params: unknown) => {
    try {
      const model = server.models.find(checkParams(protocol.willExplain, params).path);
      if (model) server.compute.warmUp(model);
    } catch (thrown) {
      connection.console.warn(toError(thrown).message);
    }
  });
  connection.onHover(async ({ textDocument, position }: HoverParams) => {
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    try {
      const named = await hover(server.models, document, position, {
        active: activeModel,
        documents: documents.all(),
        folders: () => foldersOf(connection),
        graphOf: (text) => modelJson.graphOf(text),
      });
      return named ?? code.hover(textDocument.uri, position);
    } catch (thrown) {
      connection.console.warn(`Hover in ${basename(textDocument.uri)}: ${toError(thrown).message}`);
      return null;
    }
  });

  documents.listen(connection);
  notebooks.listen(connection);
  connection.listen();
}

/** For work that is done in this process. */
const controlOf = ({ cancellation, report }: RequestControl): Control => ({
  isCancelled: () => cancellation.isCancellationRequested,
  report,
});

async function describeModel(model: OpenModel): Promise<OpenedModel> {
  return {
    modelId: model.id,
    path: model.path,
    companionFiles: model.companionFiles,
    settingsFile: settingsFile(model),
    architectures: model.architectures,
    summary: model.graph.summary,
    defaultPreprocessing: model.defaultPreprocessing,
    preprocessingReason: model.preprocessingReason,
    layers: explainableLayers(model.graph),
    foundLabels: await findLabels(model),
    sidecar: await loadSidecar(settingsFile(model)),
  };
}

/** @throws Failure `file-not-found`, `file-unreadable`, `too-large`, ... */
function readText(path: string): string {
  return readFile(path, MAX_JSON_BYTES).toString('utf8');
}

/** `null` for documents that are not files on this machine. */
function pathOf(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : null;
  } catch {
    return null;
  }
}

interface Server {
  readonly models: OpenModels;
  readonly compute: Compute;
  readonly weights: WeightsThread;
  readonly measurement: BackendMeasurement;
}

/** Models are opened and described here; everything that needs tensors runs in the compute process. */
function createServer(connection: Connection, options: ServerOptions, processes: Processes): Server {
  const { spare, measure } = processes;
  const measurement = new BackendMeasurement(
    { start: measure, log: (text) => connection.console.info(text) },
    options,
  );
  const compute = new Compute({
    fork: () => spare.take(),
    options,
    backendChanged: (status) => void connection.sendNotification(protocol.backendChanged.method, status),
    reached: (reached) => void connection.sendNotification(protocol.reached.method, reached),
    log: (level, text) => connection.console[level](text),
    computing: (isBusy) => (isBusy ? measurement.pause() : measurement.resume()),
    askToStop: (model, doing, seconds) => askToStop(connection.window, model, doing, seconds),
  });
  const weights = new WeightsThread(() => processes.weights(options));
  const models = new OpenModels({ ...options, strict: false }, (model, close) => {
    if (!close()) return;
    compute.release(model);
    weights.release(model);
  });
  return { models, compute, weights, measurement };
}
