import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import type { TargetChoice } from '../../shared/explanation';
import type {
  DeadChannels,
  GraphChoice,
  GraphContext,
  GraphHost,
  GraphPage,
  RunGradients,
} from '../../shared/graphView/graphPage';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { App } from '../app';
import { valueOrShow } from '../errors';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import { lastRun, refuseWeightsOnly } from '../pickers/chooseRun';
import { inputName } from '../pickers/inputName';
import { pickInputs } from '../pickers/inputPicker';
import { LatestRequest } from '../server/latestRequest';
import { type Run, sameRun } from '../settings/runs';
import { openPage, type PageLink } from './page';
import { GRAPH_CALLS } from './pageCalls';

/** What else shows the boxes of a graph. */
export interface GraphActions {
  /** Shows the values of a layer. */
  showLayer(modelPath: string, layer: string): Promise<void>;
  /** Selects the row of a layer in the Layers view. */
  select(modelPath: string, layer: string): Promise<void>;
}

interface AskedRun {
  readonly model: protocol.OpenedModel;
  readonly run: Run;
  readonly params: protocol.RunParams;
}

/** One graph page. The page lays out the graph itself, so that folding needs no request. */
export class GraphPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<GraphPage>;
  /** What the boxes are coloured by, where that needs a run. */
  private readonly ofRun: LatestRequest;
  /** The run whose dead channels or gradients the page shows, or that it is to show. */
  private run: Run | undefined;
  /** Run the next request even if it is costly or ended its process before. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly panel: WebviewPanel,
    private readonly actions: GraphActions,
    private choice: GraphChoice,
  ) {
    this.model = this.lifetime.own(new ModelLease(app.models, choice.modelPath));
    this.link = this.lifetime.own(
      openPage<GraphHost, GraphPage>(
        panel.webview,
        app.extensionUri,
        'graph',
        panel.title,
        this.host(),
        GRAPH_CALLS,
      ),
    );
    this.ofRun = this.lifetime.own(
      new LatestRequest(app.client, (progress) => this.link.tell('progress', progress)),
    );
    this.lifetime.own(
      app.runs.onChanged((path) => {
        const run = app.runs.get(path);
        if (path === choice.modelPath && run && !(this.run && sameRun(run, this.run))) this.take(run);
      }),
    );
    this.lifetime.own(
      app.runs.onTargetChanged((path) => {
        if (path === choice.modelPath) this.link.tell('targetChanged');
      }),
    );
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** Brings the page to the front. @param layer the box to mark, `null` for the one that is marked */
  show(layer: string | null): void {
    this.reveal();
    if (layer !== null) this.mark(layer);
  }

  mark(layer: string): void {
    if (layer === this.choice.layer) return;
    this.choice = { ...this.choice, layer };
    this.link.tell('mark', layer);
  }

  /** The model was reopened, after a restart of the server or a change of the file. */
  async reopened(): Promise<void> {
    const context = await this.context();
    if (this.lifetime.ended) return;
    if (context.ok) this.link.tell('setContext', context.value);
    else this.link.tell('serverDown', context.error);
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private async context(): Promise<Result<GraphContext>> {
    const { modelPath } = this.choice;
    const model = await this.model.get();
    if (!model.ok) return model;
    const graph = await this.app.client.ask(protocol.viewGraph, { modelId: model.value.modelId });
    return graph.ok ? ok({ fileName: basename(modelPath), choice: this.choice, graph: graph.value }) : graph;
  }

  private async deadChannels(): Promise<Result<DeadChannels | null>> {
    const asked = await this.askedRun();
    if (!asked.ok) return asked;
    if (asked.value === null) return ok(null);
    const { params, run } = asked.value;
    const health = await this.ofRun.ask(protocol.health, params);
    if (!health.ok) return health;
    this.app.runs.set(this.choice.modelPath, run);
    const layers = health.value.layers.flatMap(({ path, stage, deadChannels: dead, channels }) =>
      stage === 'post' && dead !== null && channels !== null ? [{ path, dead, channels }] : [],
    );
    return ok({ inputNames: run.inputs.map(inputName), layers });
  }

  private async gradients(): Promise<Result<RunGradients | null>> {
    const asked = await this.askedRun();
    if (!asked.ok) return asked;
    if (asked.value === null) return ok(null);
    const { params, run, model } = asked.value;
    const explained = this.app.runs.explainedOn(this.choice.modelPath, run);
    const target: TargetChoice = explained?.target ?? { index: 'auto' };
    const { labels } = await this.app.settings.labels(model, target.output);
    const named = labels.length > 0 ? { labels } : {};
    const gradients = await this.ofRun.ask(protocol.layerGradients, { ...params, target, ...named });
    if (!gradients.ok) return gradients;
    this.app.runs.set(this.choice.modelPath, run);
    return ok({ inputNames: run.inputs.map(inputName), ...gradients.value });
  }

  /** The run that is looked at, and what a request about it needs; `null` where no input was chosen. */
  private async askedRun(): Promise<Result<AskedRun | null>> {
    const { modelPath } = this.choice;
    const opened = await this.model.get();
    if (!opened.ok) return opened;
    const model = opened.value;
    const run = this.run ?? this.app.runs.get(modelPath) ?? (await lastRun(this.app, model));
    if (run.inputs.length < model.summary.inputs.length) return ok(null);
    this.run = run;
    const { inputs, preprocessing } = run;
    const { insist } = this;
    this.insist = false;
    return ok({ model, run, params: { modelId: model.modelId, inputs, preprocessing, insist } });
  }

  /** Another input is looked at. */
  private take(run: Run): void {
    this.run = run;
    this.link.tell('runChanged');
  }

  private host(): GraphHost {
    const { modelPath } = this.choice;
    return {
      ready: () => this.context(),
      deadChannels: () => this.deadChannels(),
      gradients: () => this.gradients(),
      pickInput: async () => {
        const model = valueOrShow(await this.model.get());
        if (model === undefined) return;
        refuseWeightsOnly(model);
        const { preprocessing } = this.run ?? (await lastRun(this.app, model));
        const inputs = await pickInputs(this.app, model);
        if (inputs === undefined) return;
        await this.app.settings.remember(model.path, { lastInputs: inputs });
        this.app.client.noteUserRequest();
        this.take({ inputs, preprocessing });
      },
      cancel: async () => this.ofRun.cancel(),
      retry: async (insist) => {
        this.insist = insist;
        this.app.client.noteUserRequest(modelPath);
      },
      openLayer: async (layer) => {
        this.choice = { ...this.choice, layer };
        await this.actions.select(modelPath, layer);
        await this.actions.showLayer(modelPath, layer);
      },
      mark: async (layer) => {
        this.choice = { ...this.choice, layer };
        await this.actions.select(modelPath, layer);
      },
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }
}

export const graphTitle = ({ modelPath }: GraphChoice): string =>
  plain(l10n.t('Graph · {0}', basename(modelPath)));
