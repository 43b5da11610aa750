import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { LayerChoice } from '../../shared/view';
import type { App } from '../app';
import { showError } from '../errors';
import { lastRun } from '../pickers/chooseRun';
import { parseLayerChoice } from '../settings/savedState';
import { SingleFlight } from '../singleFlight';
import { LayerPanel, layerTitle } from './layerPanel';

const VIEW_TYPE = 'layerglass.layer';

/** The layer pages of this window, one per model; they survive a reload of the window. */
export class LayerPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, LayerPanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(private readonly app: App) {
    this.subscriptions = [
      window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      app.models.onModelEvent(({ path, what }) => {
        if (what === 'reopened') this.panels.get(path)?.reopened();
      }),
      app.runs.onChanged((path) => {
        const run = app.runs.get(path);
        if (run !== undefined) this.panels.get(path)?.offer(run);
      }),
      app.client.onStateChanged((state) => {
        if (state.kind === 'down') for (const panel of this.panels.values()) panel.serverDown(state.error);
      }),
    ];
  }

  /** Shows a layer for the input of the model's last run, if there is one: the page also shows what needs none. */
  async showLayer(modelPath: string, layer: string): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    const run = this.app.runs.get(modelPath);
    if (run !== undefined) return this.show({ modelPath, layer, ...run });
    const opened = await this.opening.run(modelPath, () => this.open(modelPath, layer));
    const shown = this.panels.get(modelPath)?.choice;
    if (!opened && shown !== undefined) this.show({ ...shown, layer });
  }

  private async open(modelPath: string, layer: string): Promise<void> {
    const lease = await this.app.models.activate(modelPath);
    if (!lease.ok) return showError(lease.error);
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    this.show({ modelPath, layer, ...(await lastRun(this.app, model.value)) });
  }

  show(choice: LayerChoice): void {
    const existing = this.panels.get(choice.modelPath);
    if (existing !== undefined) {
      existing.show(choice);
      return;
    }
    // Beside the explain page, since the two belong together.
    const column =
      window.tabGroups.activeTabGroup.activeTab === undefined ? ViewColumn.Active : ViewColumn.Beside;
    this.attach(window.createWebviewPanel(VIEW_TYPE, layerTitle(choice), column, {}), choice);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseLayerChoice(state);
    if (choice === undefined || this.panels.has(choice.modelPath)) return panel.dispose();
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: LayerChoice): void {
    const shown = new LayerPanel(this.app, panel, choice);
    this.panels.set(choice.modelPath, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(choice.modelPath) === shown) this.panels.delete(choice.modelPath);
    });
  }
}
