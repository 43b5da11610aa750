import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  CancellationToken,
  Connection,
  HoverParams,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import {
  createConnection,
  ProposedFeatures,
  TextDocumentSyncKind,
  TextDocuments,
  WorkDoneProgress,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { z } from 'zod';
import type { Result } from '../shared/errors';
import { toError, toResult } from '../shared/errors';
import type { OpenedModel, RequestType } from '../shared/protocol';
import * as protocol from '../shared/protocol';
import { channelTiles } from './channelTiles';
import { defaultLayer, layersToExplain } from './explain/layerChoice';
import { layerValues } from './explain/layerValues';
import { METHODS } from './explain/methods';
import { explainRun } from './explanation';
import { MAX_TOPOLOGY_BYTES } from './formats/topology';
import { writeHeatMap } from './heatMapFiles';
import { hoverAt } from './hover';
import { readFile } from './io/openFile';
import { locateLayer } from './language/locateLayer';
import type { Control } from './run/control';
import type { OpenModel } from './session/openModels';
import { Session } from './session/session';
import { readSidecar, writeSidecar } from './sidecar';

/** Progress is for people: more than this many reports a second only cost. */
const REPORT_EVERY_MS = 80;

const optionsSchema = z.object({
  backend: z.enum(['auto', 'native', 'wasm', 'cpu']).catch('auto').default('auto'),
  nativePath: z.string().catch('').default(''),
  customLayers: z.array(z.string()).catch([]).default([]),
});

function serve(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  let session = new Session({ backend: 'auto', nativePath: '', strict: false });
  let activeModel: string | null = null;

  connection.onInitialize((params) => {
    const options = optionsSchema.parse(params.initializationOptions ?? {});
    session = new Session({ ...options, strict: false }, (status) => {
      void connection.sendNotification(protocol.backendChanged.method, status);
    });
    return {
      capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental, hoverProvider: true },
      serverInfo: { name: 'layerglass' },
    };
  });

  function answer<Params extends object, Value>(
    type: RequestType<Params, Value>,
    work: (params: Params, control: Control) => Promise<Value> | Value,
  ): void {
    connection.onRequest(
      type.method,
      async (params: Params, token: CancellationToken): Promise<Result<Value>> => {
        const { control, end } = controlOf(connection, params, token);
        const result = await toResult(() => work(params, control));
        end();
        if (!result.ok && result.error.kind === 'internal') connection.console.error(result.error.message);
        return result;
      },
    );
  }

  answer(protocol.openModel, async ({ path }) => opened(await session.open(path)));
  answer(protocol.closeModel, ({ modelId }) => {
    session.close(modelId);
    return null;
  });
  answer(protocol.backendStatus, async () => (await session.backend()).status);
  answer(protocol.explain, (params, control) =>
    session.run(
      params.modelId,
      params.inputs,
      params.preprocessing,
      control,
      async (run) => (await explainRun(run, params, control)).explanation,
    ),
  );
  answer(protocol.exportHeatMap, (params, control) =>
    session.run(params.modelId, params.inputs, params.preprocessing, control, async (run) => {
      const explained = await explainRun(run, params, control);
      const files = writeHeatMap(explained, params.folder, params.base, params.formats, params);
      const { header } = explained;
      return { files, header };
    }),
  );
  answer(protocol.layerValues, (params, control) =>
    session.run(params.modelId, params.inputs, params.preprocessing, control, (run) =>
      layerValues(run.trace, params.layer),
    ),
  );
  answer(protocol.channelTiles, (params, control) =>
    session.run(params.modelId, params.inputs, params.preprocessing, control, (run) =>
      channelTiles(run, params),
    ),
  );
  answer(protocol.explainableLayers, ({ modelId }) => {
    const { graph } = session.get(modelId);
    return {
      defaultLayer: defaultLayer(graph, 0),
      layers: layersToExplain(graph, 0).map(({ path, outputShapes }) => ({
        path,
        shape: outputShapes[0] ?? [],
      })),
    };
  });
  answer(protocol.readSidecar, ({ modelId }) => readSidecar(session.get(modelId).path));
  answer(protocol.writeSidecar, ({ modelId, settings }) => ({
    path: writeSidecar(session.get(modelId).path, settings),
  }));
  answer(protocol.locateLayer, ({ path, layer }) => {
    const open = documents.all().find((document) => pathOf(document.uri) === path);
    return locateLayer(open?.getText() ?? textOf(path), layer);
  });

  connection.onNotification(protocol.activeModelChanged.method, ({ path }: { path: string | null }) => {
    activeModel = path;
  });
  connection.onHover(async ({ textDocument, position }: HoverParams) => {
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    try {
      return await hoverAt(session, document, position, activeModel);
    } catch (thrown) {
      connection.console.warn(`Hover in ${basename(textDocument.uri)}: ${toError(thrown).message}`);
      return null;
    }
  });

  documents.listen(connection);
  connection.listen();
}

function opened(model: OpenModel): OpenedModel {
  return {
    modelId: model.id,
    path: model.path,
    also: model.also,
    summary: model.graph.summary,
    methods: METHODS.map((method) => method.info),
    defaultPreprocessing: model.defaultPreprocessing,
  };
}

/** @throws Failure `file-not-found`, `file-unreadable`, `too-large`, ... */
function textOf(path: string): string {
  return readFile(path, MAX_TOPOLOGY_BYTES).toString('utf8');
}

/** `null` for documents that lie in no file of this machine. */
function pathOf(uri: string): string | null {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : null;
  } catch {
    return null;
  }
}

/** Progress and cancellation of one request. */
function controlOf(
  connection: Connection,
  params: object,
  token: CancellationToken,
): { control: Control; end: () => void } {
  const progressToken = 'workDoneToken' in params ? params.workDoneToken : undefined;
  const reports =
    typeof progressToken === 'string' || typeof progressToken === 'number' ? progressToken : null;
  let last = 0;
  let begun = false;
  const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd): void => {
    if (reports !== null) void connection.sendProgress(WorkDoneProgress.type, reports, value);
  };
  return {
    control: {
      isCancelled: () => token.isCancellationRequested,
      report(fraction, message) {
        const now = performance.now();
        if (reports === null || now - last < REPORT_EVERY_MS) return;
        last = now;
        const percentage = Math.round(fraction * 100);
        send(begun ? { kind: 'report', percentage, message } : { kind: 'begin', title: message, percentage });
        begun = true;
      },
    },
    end: () => {
      if (begun) send({ kind: 'end' });
    },
  };
}

serve(createConnection(ProposedFeatures.all));
