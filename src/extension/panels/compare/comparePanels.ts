import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { CompareChoice } from '../../../shared/compare/compareView';
import type { LayerChoice } from '../../../shared/view';
import type { App } from '../../app';
import { showError } from '../../errors';
import { lastRun } from '../../pickers/chooseRun';
import { parseCompareChoice } from '../../settings/savedState';
import { SingleFlight } from '../../singleFlight';
import { followPages, giveWay } from '../pageEvents';
import { ComparePanel, compareTitle } from './comparePanel';

const VIEW_TYPE = 'layerglass.compare';

/** The pages of two models of this window; they survive a reload of the window. */
export class ComparePanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Set<ComparePanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly showLayer: (choice: LayerChoice) => void,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, (path) =>
      [...this.panels].filter((page) => path === undefined || page.has(path)),
    );
  }

  /**
   * Shows two models side by side, on the input that was used last with the first one, if there is one.
   * @param sources disposed with the page
   */
  async show(modelPath: string, otherPath: string, sources: readonly Disposable[] = []): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    this.app.client.noteUserRequest(otherPath);
    const shown = () => [...this.panels].find((page) => page.shows(modelPath, otherPath));
    const existing = shown();
    if (existing !== undefined) return existing.reveal();
    const key = JSON.stringify([modelPath, otherPath]);
    await this.opening.run(key, () => this.open(modelPath, otherPath, sources));
    if (shown() === undefined) for (const source of sources) source.dispose();
  }

  private async open(modelPath: string, otherPath: string, sources: readonly Disposable[]): Promise<void> {
    const lease = await this.app.models.acquire(modelPath);
    if (!lease.ok) return showError(lease.error);
    try {
      const model = await lease.value.model();
      if (!model.ok) return showError(model.error);
      const choice = { modelPath, otherPath, ...(await lastRun(this.app, model.value)) };
      const title = compareTitle(this.app, choice);
      this.attach(window.createWebviewPanel(VIEW_TYPE, title, ViewColumn.Active, {}), choice, sources);
    } finally {
      lease.value.dispose();
    }
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseCompareChoice(state);
    if (choice === undefined) return panel.dispose();
    const { modelPath, otherPath } = choice;
    if ([modelPath, otherPath].some((path) => this.app.revisions.isGone(path))) return panel.dispose();
    const other = [...this.panels].find((page) => page.shows(modelPath, otherPath));
    if (other !== undefined) return giveWay(panel, other);
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: CompareChoice, sources: readonly Disposable[] = []): void {
    const shown = new ComparePanel(this.app, this.showLayer, panel, choice);
    this.panels.add(shown);
    panel.onDidDispose(() => {
      this.panels.delete(shown);
      shown.dispose();
      for (const source of sources) source.dispose();
    });
  }
}
