import {
  type CustomDocument,
  type CustomReadonlyEditorProvider,
  commands,
  type Disposable,
  env,
  type Uri,
  type WebviewPanel,
  window,
} from 'vscode';
import { ok } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import type { SummaryHost, SummaryPage } from '../../shared/view';
import type { App } from '../app';
import { openAction } from '../errors';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import type { ModelSource } from '../models/revisions';
import { chooseArchitecture } from '../pickers/architecturePicker';
import type { ShowOptions } from './layerPanels';
import { openPage } from './page';
import { SUMMARY_CALLS } from './pageCalls';

export const MODEL_EDITOR = 'layerglass.model';

/** The actions of a model's summary page. */
export interface SummaryActions {
  explain(modelPath: string, layer: string | undefined): Promise<void>;
  showLayer(modelPath: string, layer: string, options?: ShowOptions): Promise<void>;
  /** @param layer the box to mark */
  showGraph(modelPath: string, layer: string | null): Promise<void>;
}

interface ModelDocument extends CustomDocument {
  readonly source: ModelSource;
}

/** Opens `.keras`, `.h5` and `.hdf5` files as a read-only table of their layers. Reads no weights. */
export class ModelEditor implements CustomReadonlyEditorProvider<ModelDocument>, Disposable {
  private readonly registration: Disposable;

  constructor(
    private readonly app: App,
    private readonly actions: SummaryActions,
  ) {
    this.registration = window.registerCustomEditorProvider(MODEL_EDITOR, this, {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  openCustomDocument(uri: Uri): ModelDocument {
    // The page's first call opens the file, so that a file that is not a model is an error on the page and not a
    // failed editor.
    const source = this.app.revisions.open(uri);
    return { uri, source, dispose: () => source.dispose() };
  }

  resolveCustomEditor({ uri, source }: ModelDocument, panel: WebviewPanel): void {
    const { app, actions } = this;
    const { path, name } = source;
    const lifetime = new Lifetime();
    const lease = lifetime.own(new ModelLease(app.models, path));
    let suggestion: string | undefined;

    const host: SummaryHost = {
      ready: async () => {
        const prepared = await source.prepare();
        if (!prepared.ok) return prepared;
        const activated = await app.models.activate(path);
        suggestion = activated.ok ? undefined : activated.error.suggestion?.open;
        if (!activated.ok) return activated;
        const model = await lease.get();
        if (!model.ok) return model;
        void chooseArchitecture(app, model.value);
        return ok({ fileName: name, notice: source.notice ?? null, summary: model.value.summary });
      },
      retry: async () => app.client.noteUserRequest(path),
      explain: (layer) => actions.explain(path, layer ?? undefined),
      openLayer: (layer) => actions.showLayer(path, layer),
      copy: async (text) => env.clipboard.writeText(text),
      trainingConfig: async () => {
        const model = await lease.get();
        if (!model.ok) return model;
        return app.client.ask(protocol.trainingConfig, { modelId: model.value.modelId });
      },
      offersH5Web: async () => app.h5web.opens(uri),
      openWithH5Web: () => app.h5web.open(uri),
      openSuggestion: async () => {
        if (suggestion !== undefined) await openAction(suggestion).run();
      },
      showGraph: () => actions.showGraph(path, null),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
    const link = lifetime.own(
      openPage<SummaryHost, SummaryPage>(
        panel.webview,
        app.extensionUri,
        'summary',
        name,
        host,
        SUMMARY_CALLS,
      ),
    );
    lifetime.own(
      app.client.onStateChanged((state) => {
        if (state.kind === 'down') link.tell('serverDown', state.error);
      }),
    );
    lifetime.own(
      app.models.onModelEvent(async (event) => {
        if (event.path !== path || event.what !== 'reopened') return;
        const model = await lease.get();
        if (lifetime.ended) return;
        if (model.ok) link.tell('setSummary', model.value.summary);
        else link.tell('serverDown', model.error);
      }),
    );
    lifetime.own(
      panel.onDidChangeViewState(async () => {
        if (!panel.active || !(await source.prepare()).ok) return;
        const activated = await app.models.activate(path);
        if (!activated.ok) app.log.debug(activated.error.message);
      }),
    );
    panel.onDidDispose(() => lifetime.dispose());
  }

  dispose(): void {
    this.registration.dispose();
  }
}
