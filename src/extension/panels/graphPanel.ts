import { basename } from 'node:path';
import { commands, type Disposable, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { GraphChoice, GraphContext, GraphHost, GraphPage } from '../../shared/view';
import type { App } from '../app';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import { openPage, type PageLink } from './page';
import { GRAPH_CALLS } from './pageCalls';

/** What else shows the boxes of a graph. */
export interface GraphActions {
  /** Shows the values of a layer. */
  showLayer(modelPath: string, layer: string): Promise<void>;
  /** Selects the row of a layer in the Layers view. */
  select(modelPath: string, layer: string): Promise<void>;
}

/** One graph page. The page lays out the graph itself, so that folding needs no request. */
export class GraphPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<GraphPage>;

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
  }

  /** Brings the page to the front. @param layer the box to mark, `null` for the one that is marked */
  show(layer: string | null): void {
    this.panel.reveal();
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

  private host(): GraphHost {
    const { modelPath } = this.choice;
    return {
      ready: () => this.context(),
      retry: async () => this.app.client.noteUserRequest(modelPath),
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

export const graphTitle = ({ modelPath }: GraphChoice): string => plain(`Graph · ${basename(modelPath)}`);
