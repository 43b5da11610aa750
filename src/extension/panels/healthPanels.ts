import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { HealthChoice, LayerChoice } from '../../shared/view';
import type { App } from '../app';
import { showError } from '../errors';
import { chooseRun } from '../pickers/chooseRun';
import { parseHealthChoice } from '../settings/savedState';
import { SingleFlight } from '../singleFlight';
import { HealthPanel, healthTitle } from './healthPanel';
import { followPages, giveWay, pagesIn } from './pageEvents';

const VIEW_TYPE = 'layerglass.health';

/** The health pages of this window, one per model; they survive a reload of the window. */
export class HealthPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, HealthPanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly showLayer: (choice: LayerChoice) => void,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, pagesIn(this.panels));
  }

  /** Shows the statistics for the input of the model's last run, or for one that the user picks. */
  async showHealth(modelPath: string): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    const run = this.app.runs.get(modelPath);
    if (run !== undefined) return this.show({ modelPath, ...run });
    await this.opening.run(modelPath, () => this.open(modelPath));
  }

  private async open(modelPath: string): Promise<void> {
    const lease = await this.app.models.activate(modelPath);
    if (!lease.ok) return showError(lease.error);
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    const chosen = await chooseRun(this.app, model.value);
    if (chosen !== undefined) this.show({ modelPath, ...chosen });
  }

  private show(choice: HealthChoice): void {
    const existing = this.panels.get(choice.modelPath);
    if (existing !== undefined) existing.show(choice);
    else
      this.attach(window.createWebviewPanel(VIEW_TYPE, healthTitle(choice), ViewColumn.Active, {}), choice);
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseHealthChoice(state);
    if (choice === undefined) return panel.dispose();
    const other = this.panels.get(choice.modelPath);
    if (other !== undefined) return giveWay(panel, other);
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: HealthChoice): void {
    const shown = new HealthPanel(this.app, this.showLayer, panel, choice);
    this.panels.set(choice.modelPath, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(choice.modelPath) === shown) this.panels.delete(choice.modelPath);
    });
  }
}
