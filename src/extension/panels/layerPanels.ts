import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { LayerChoice } from '../../shared/view';
import type { App } from '../app';
import { showError } from '../errors';
import { lastRun } from '../pickers/chooseRun';
import { parseLayerChoice } from '../settings/savedState';
import { SingleFlight } from '../singleFlight';
import { LayerPanel, layerTitle } from './layerPanel';
import { followPages } from './pageEvents';

const VIEW_TYPE = 'layerglass.layer';

/** How a layer is shown that was chosen outside its page. */
export interface ShowOptions {
  /** The focus stays where the user chose the layer. */
  readonly preserveFocus?: boolean;
  /** The page is not reused for the layer that is shown next. */
  readonly keep?: boolean;
}

/**
 * The layer pages of this window: one per model, which the next layer reuses unless the user keeps it. They survive a reload of the
 * window.
 */
export class LayerPanels implements Disposable, WebviewPanelSerializer {
  /** By the path of its model, the page that the next layer is shown on. */
  private readonly panels = new Map<string, LayerPanel>();
  private readonly kept = new Set<LayerPanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(private readonly app: App) {
    this.subscriptions = [
      ...followPages(app, VIEW_TYPE, this, (path) =>
        path === undefined ? this.pages() : this.pagesOf(path),
      ),
      app.runs.onChanged((path) => this.offerRun(path, this.pagesOf(path))),
      app.runs.onTargetChanged((path) => this.followTarget(path, this.pagesOf(path))),
    ];
  }

  /** Shows a layer for the input of the model's last run, if there is one: the page also shows what needs none. */
  async showLayer(modelPath: string, layer: string, options: ShowOptions = {}): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    const run = this.app.runs.get(modelPath);
    if (run !== undefined)
      this.show({ modelPath, layer, ...(this.app.runs.explainedOn(modelPath, run) ?? run) }, options);
    else {
      const opened = await this.opening.run(modelPath, () => this.open(modelPath, layer, options));
      const shown = this.panels.get(modelPath)?.choice;
      if (!opened && shown !== undefined) this.show({ ...shown, layer }, options);
    }
    if (options.keep) this.keep(modelPath);
  }

  private async open(modelPath: string, layer: string, options: ShowOptions): Promise<void> {
    const lease = await this.app.models.activate(modelPath);
    if (!lease.ok) return showError(lease.error);
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    this.show({ modelPath, layer, ...(await lastRun(this.app, model.value)) }, options);
  }

  show(choice: LayerChoice, { preserveFocus = false }: ShowOptions = {}): void {
    const existing = this.panels.get(choice.modelPath);
    if (existing !== undefined) {
      existing.show(choice, preserveFocus);
      return;
    }
    // Beside the explain page, since the two belong together.
    const viewColumn =
      window.tabGroups.activeTabGroup.activeTab === undefined ? ViewColumn.Active : ViewColumn.Beside;
    const column = { viewColumn, preserveFocus };
    this.attach(window.createWebviewPanel(VIEW_TYPE, layerTitle(choice), column, {}), choice);
  }

  /** The page of a model is not reused: the next layer opens another one. */
  private keep(modelPath: string): void {
    const panel = this.panels.get(modelPath);
    if (panel === undefined) return;
    this.panels.delete(modelPath);
    this.kept.add(panel);
  }

  private pages(): LayerPanel[] {
    return [...this.panels.values(), ...this.kept];
  }

  private pagesOf(modelPath: string): LayerPanel[] {
    return this.pages().filter(({ choice }) => choice.modelPath === modelPath);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseLayerChoice(state);
    if (choice === undefined) return panel.dispose();
    // Of several pages of a model, all but one were kept.
    this.keep(choice.modelPath);
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    const restored = this.attach(panel, choice);
    // A tab in the background is restored when it is shown, and the model may have been explained since.
    this.offerRun(choice.modelPath, [restored]);
    this.followTarget(choice.modelPath, [restored]);
  }

  private offerRun(modelPath: string, pages: readonly LayerPanel[]): void {
    const run = this.app.runs.get(modelPath);
    if (run !== undefined) for (const page of pages) page.offer(run);
  }

  private followTarget(modelPath: string, pages: readonly LayerPanel[]): void {
    const explained = this.app.runs.lastExplained(modelPath);
    if (explained !== undefined) for (const page of pages) page.follow(explained);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: LayerChoice): LayerPanel {
    const shown = new LayerPanel(this.app, panel, choice);
    this.panels.set(choice.modelPath, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      this.kept.delete(shown);
      if (this.panels.get(choice.modelPath) === shown) this.panels.delete(choice.modelPath);
    });
    return shown;
  }
}
