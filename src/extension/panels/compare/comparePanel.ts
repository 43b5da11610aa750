import * as l10n from '@vscode/l10n';
import { commands, type WebviewPanel } from 'vscode';
import type {
  CompareChoice,
  CompareContext,
  ComparedMaps,
  CompareHost,
  ComparePage,
} from '../../../shared/compare/compareView';
import { type LayerglassError, ok, type Result } from '../../../shared/errors';
import type { OpenedModel } from '../../../shared/protocol';
import * as protocol from '../../../shared/protocol';
import { plain } from '../../../shared/text';
import type { LayerChoice } from '../../../shared/view';
import type { App } from '../../app';
import { valueOrShow } from '../../errors';
import { Lifetime } from '../../lifetime';
import { ModelLease } from '../../models/modelLease';
import { inputName } from '../../pickers/inputName';
import { pickInputs } from '../../pickers/inputPicker';
import { LatestRequest } from '../../server/latestRequest';
import { initialChoice } from '../initialChoice';
import { openPage, type PageLink } from '../page';
import { COMPARE_CALLS } from '../pageCalls';
import type { ComparedModels, ComparedPage, ShownComparison } from './comparedPage';
import { namesOf } from './modelNames';

interface Models {
  readonly a: OpenedModel;
  readonly b: OpenedModel;
}

/** The page of two models. */
export class ComparePanel implements ComparedPage {
  private readonly lifetime = new Lifetime();
  private readonly leases: ReadonlyMap<string, ModelLease>;
  private readonly link: PageLink<ComparePage>;
  private readonly request: LatestRequest;
  private readonly mapsRequest: LatestRequest;
  /** Run the next request even if it is costly or ended its process before. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly actions: {
      showLayer(choice: LayerChoice): void;
      compared(shown: ShownComparison): void;
    },
    private readonly panel: WebviewPanel,
    /** The authoritative choice; the page stores a copy that survives a reload of the window. */
    private current: CompareChoice,
  ) {
    const paths = [...new Set([current.modelPath, current.otherPath])];
    this.leases = new Map(
      paths.map((path) => [path, this.lifetime.own(new ModelLease(app.models, path))] as const),
    );
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
    this.mapsRequest = this.lifetime.own(new LatestRequest(app.client));
  }

  /** Whether it shows these two models, in either order. */
  shows({ modelPath, otherPath, code }: ComparedModels): boolean {
    return code === undefined && this.has(modelPath) && this.has(otherPath);
  }

  has(path: string): boolean {
    return this.leases.has(path);
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** After a restart of the server or a change of a file. */
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
    return {
      ready: async () => {
        const models = await this.models();
        return models.ok ? ok(this.context()) : models;
      },
      compare: async () => {
        this.mapsRequest.cancel();
        const insist = this.insist;
        this.insist = false;
        const models = await this.models();
        if (!models.ok) return models;
        const { a, b } = models.value;
        const { labels } = await this.app.settings.labels(a, 0);
        const choice = this.current;
        const compared = await this.request.ask(protocol.compare, {
          ...{ modelId: a.modelId, otherModelId: b.modelId, labels, insist },
          ...this.run(),
        });
        if (compared.ok) this.actions.compared({ choice, comparison: compared.value });
        return compared;
      },
      maps: () => this.maps(),
      openLayer: async (model, layer) => {
        const { modelPath, otherPath } = this.current;
        this.actions.showLayer({ modelPath: model === 'a' ? modelPath : otherPath, layer, ...this.run() });
      },
      swap: async () => {
        const { modelPath, otherPath } = this.current;
        this.take({ ...this.current, modelPath: otherPath, otherPath: modelPath });
      },
      pickInput: async () => {
        const models = valueOrShow(await this.models());
        if (models === undefined) return;
        const inputs = await pickInputs(this.app, models.a, { current: this.current.inputs });
        if (inputs === undefined) return;
        await this.app.settings.remember(models.a.path, { lastInputs: inputs });
        this.take({ ...this.current, inputs });
      },
      retry: async (insist) => {
        this.insist = insist;
        for (const path of this.leases.keys()) this.app.client.noteUserRequest(path);
      },
      cancel: async () => this.request.cancel(),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  /** The default map of each model, of the class that A predicts. */
  private async maps(): Promise<Result<ComparedMaps>> {
    const models = await this.models();
    if (!models.ok) return models;
    const { a, b } = models.value;
    const { labels } = await this.app.settings.labels(a, 0);
    const ask = (model: OpenedModel, index: 'auto' | number) => {
      const { method, layer } = initialChoice(model.path, model, this.run());
      return this.mapsRequest.ask(protocol.explain, {
        ...{ modelId: model.modelId, method, layer, target: { index }, labels },
        ...this.run(),
      });
    };
    const first = await ask(a, 'auto');
    if (!first.ok) return first;
    const second = await ask(b, first.value.target.index);
    return second.ok ? ok({ a: first.value, b: second.value }) : second;
  }

  private run(): Pick<CompareChoice, 'inputs' | 'preprocessing'> {
    const { inputs, preprocessing } = this.current;
    return { inputs, preprocessing };
  }

  private async models(): Promise<Result<Models>> {
    const { modelPath, otherPath } = this.current;
    const a = await this.opened(modelPath);
    if (!a.ok) return a;
    const b = await this.opened(otherPath);
    return b.ok ? ok({ a: a.value, b: b.value }) : b;
  }

  private opened(path: string): Promise<Result<OpenedModel>> {
    const lease = this.leases.get(path);
    if (lease !== undefined) return lease.get();
    return Promise.resolve({ ok: false, error: { kind: 'closed', message: l10n.t('The page was closed.') } });
  }

  /** The user chose something else. */
  private take(choice: CompareChoice): void {
    this.app.client.noteUserRequest();
    this.current = choice;
    this.panel.title = compareTitle(this.app, choice);
    this.link.tell('setContext', this.context());
  }

  private context(): CompareContext {
    const { modelPath, otherPath, inputs } = this.current;
    const [a, b] = namesOf(this.app.revisions.labelOf(modelPath), this.app.revisions.labelOf(otherPath));
    return { choice: this.current, names: { a, b }, inputNames: inputs.map(inputName) };
  }
}

export function compareTitle({ revisions }: Pick<App, 'revisions'>, choice: CompareChoice): string {
  const [a, b] = namesOf(revisions.labelOf(choice.modelPath), revisions.labelOf(choice.otherPath));
  return plain(`${a} ↔ ${b}`);
}
