import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { GraphChoice } from '../../shared/graphView/graphPage';
import type { App } from '../app';
import { showError } from '../errors';
import { parseGraphChoice } from '../settings/savedState';
import { type GraphActions, GraphPanel, graphTitle } from './graphPanel';
import { followPages, giveWay, pagesIn } from './pageEvents';

const VIEW_TYPE = 'layerglass.graph';

/** The graph pages of this window, one per model; they survive a reload of the window. */
export class GraphPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, GraphPanel>();
  /** By the path of a model, the layer that was selected last: a tab that is restored later marks it. */
  private readonly selected = new Map<string, string>();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly actions: GraphActions,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, pagesIn(this.panels));
  }

  /** @param layer the box to mark */
  async showGraph(modelPath: string, layer: string | null): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    const existing = this.panels.get(modelPath);
    if (existing !== undefined) return existing.show(layer);
    const lease = await this.app.models.activate(modelPath);
    if (!lease.ok) return showError(lease.error);
    const choice = { modelPath, layer };
    this.attach(window.createWebviewPanel(VIEW_TYPE, graphTitle(choice), ViewColumn.Active, {}), choice);
  }

  /** A row of the Layers view was selected. */
  mark(modelPath: string, layer: string): void {
    this.selected.set(modelPath, layer);
    this.panels.get(modelPath)?.mark(layer);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseGraphChoice(state);
    if (choice === undefined) return panel.dispose();
    const other = this.panels.get(choice.modelPath);
    if (other !== undefined) return giveWay(panel, other);
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    const { layer } = choice;
    this.attach(panel, { ...choice, layer: this.selected.get(choice.modelPath) ?? layer });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: GraphChoice): void {
    const shown = new GraphPanel(this.app, panel, this.actions, choice);
    this.panels.set(choice.modelPath, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(choice.modelPath) === shown) this.panels.delete(choice.modelPath);
    });
  }
}
