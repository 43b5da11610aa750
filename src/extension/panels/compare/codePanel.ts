import * as l10n from '@vscode/l10n';
import { commands, type Uri, type WebviewPanel, workspace } from 'vscode';
import type {
  CompareChoice,
  CompareContext,
  CompareHost,
  ComparePage,
  ModelCode,
} from '../../../shared/compare/compareView';
import { type LayerglassError, ok } from '../../../shared/errors';
import * as protocol from '../../../shared/protocol';
import type { CodeComparison } from '../../../shared/results/codeComparison';
import type { LayerChoice } from '../../../shared/view';
import type { App } from '../../app';
import { Lifetime } from '../../lifetime';
import { ModelLease } from '../../models/modelLease';
import { LatestRequest } from '../../server/latestRequest';
import { showPlace } from '../../showPlace';
import { openPage, type PageLink } from '../page';
import { COMPARE_CALLS } from '../pageCalls';
import type { ComparedModels, ComparedPage, ShownComparison } from './comparedPage';
import { namesOf } from './modelNames';

/** The page of a model file and what code builds; it follows the code whenever that is saved. */
export class CodePanel implements ComparedPage {
  private readonly lifetime = new Lifetime();
  private readonly lease: ModelLease;
  private readonly link: PageLink<ComparePage>;
  private readonly request: LatestRequest;
  private found: CodeComparison | undefined;

  constructor(
    private readonly app: App,
    private readonly actions: {
      showLayer(choice: LayerChoice): void;
      compared(shown: ShownComparison): void;
    },
    private readonly panel: WebviewPanel,
    private readonly choice: CompareChoice & { readonly code: ModelCode },
  ) {
    this.lease = this.lifetime.own(new ModelLease(app.models, choice.modelPath));
    this.link = this.lifetime.own(
      openPage<CompareHost, ComparePage>(
        panel.webview,
        app.extensionUri,
        'compare',
        panel.title,
        this.host(),
        COMPARE_CALLS,
      ),
    );
    this.request = this.lifetime.own(
      new LatestRequest(app.client, (progress) => this.link.tell('progress', progress)),
    );
    const saved = ({ uri }: { readonly uri: Uri }) => {
      if (uri.fsPath === choice.otherPath) this.reopened();
    };
    this.lifetime.own(workspace.onDidSaveTextDocument(saved));
    this.lifetime.own(workspace.onDidSaveNotebookDocument(saved));
  }

  shows({ modelPath, code }: ComparedModels): boolean {
    return this.has(modelPath) && JSON.stringify(code) === JSON.stringify(this.choice.code);
  }

  has(path: string): boolean {
    return path === this.choice.modelPath;
  }

  reveal(): void {
    this.panel.reveal();
  }

  reopened(): void {
    this.link.tell('setContext', this.context());
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): CompareHost {
    const { modelPath, code, inputs, preprocessing } = this.choice;
    const nothing = async () => undefined;
    return {
      ready: async () => {
        const model = await this.lease.get();
        return model.ok ? ok(this.context()) : model;
      },
      compare: async () => {
        const asked = await this.request.ask(protocol.compareWithCode, { path: modelPath, ...code });
        if (!asked.ok) return asked;
        this.found = asked.value;
        const { comparison } = asked.value;
        this.actions.compared({ choice: this.choice, comparison });
        return ok(comparison);
      },
      maps: async () => {
        const message = l10n.t('Code has no values.');
        return { ok: false, error: { kind: 'not-applicable', message } };
      },
      openLayer: async (model, layer) => {
        const at = this.found?.places.find(({ path }) => path === layer)?.at ?? this.found?.modelAt;
        if (model === 'a') this.actions.showLayer({ modelPath, layer, inputs, preprocessing });
        else if (at) await showPlace(at);
      },
      // The page offers neither: the file comes first, and code has no values.
      swap: nothing,
      pickInput: nothing,
      retry: async () => this.app.client.noteUserRequest(modelPath),
      cancel: async () => this.request.cancel(),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  private context(): CompareContext {
    const { modelPath, otherPath } = this.choice;
    const [a, b] = namesOf(this.app.revisions.labelOf(modelPath), otherPath);
    return { choice: this.choice, names: { a, b }, inputNames: [] };
  }
}
