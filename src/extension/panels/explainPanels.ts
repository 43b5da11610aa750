import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import { atOutput } from '../../shared/explainChoice';
import type { InputSource } from '../../shared/inputs';
import { plain } from '../../shared/text';
import type { ExplainChoice } from '../../shared/view';
import type { App } from '../app';
import { showError } from '../errors';
import { chooseRun } from '../pickers/chooseRun';
import { parseExplainChoice } from '../settings/savedState';
import { SingleFlight } from '../singleFlight';
import { withProgress } from '../ui';
import { ExplainPanel, type ShowLayer } from './explainPanel';
import { initialChoice } from './initialChoice';
import { followPages, giveWay, pagesIn } from './pageEvents';

const VIEW_TYPE = 'layerglass.explain';

/** The explain pages of this window, one per model; they survive a reload of the window. */
export class ExplainPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, ExplainPanel>();
  private lastShown: ExplainPanel | undefined;
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly showLayer: ShowLayer,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, pagesIn(this.panels));
  }

  /** The choice of the last active explain page, if one is open. */
  get shown(): ExplainChoice | undefined {
    return this.lastShown?.choice;
  }

  /**
   * Explains the model at `path` on its remembered input, or on one that the user picks.
   *
   * @param layer explain at this layer; left out, an open page keeps its layer and a new one uses the default
   */
  async explain(path: string, layer?: string): Promise<void> {
    this.app.timeLine.reach('Explain Prediction');
    this.app.client.noteUserRequest(path);
    const opened = await this.opening.run(path, () => this.open(path, layer));
    if (!opened && layer !== undefined) await this.panels.get(path)?.reveal(layer);
  }

  /** Explains what another page shows: a model with an input, layer, method and target. */
  async show(choice: ExplainChoice): Promise<void> {
    this.app.client.noteUserRequest(choice.modelPath);
    const existing = this.panels.get(choice.modelPath);
    if (existing !== undefined) await existing.reveal(choice);
    else this.attach(this.newPanel(choice.modelPath), choice);
    await this.activate(choice.modelPath);
  }

  private async open(path: string, layer: string | undefined): Promise<void> {
    const lease = await withProgress('window', l10n.t('Opening {0}', basename(path)), () =>
      this.app.models.activate(path),
    );
    if (!lease.ok) return showError(lease.error);
    const existing = this.panels.get(path);
    if (existing !== undefined) return existing.reveal(layer);
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    this.app.timeLine.reach('model opened');
    const run = await chooseRun(this.app, model.value);
    if (run === undefined) return;
    const restored = this.panels.get(path);
    if (restored !== undefined) return restored.reveal(layer);
    this.app.timeLine.reach('input chosen');
    this.attach(this.newPanel(path), initialChoice(path, model.value, run, layer));
  }

  /** Explains one output of the model at `path` on other inputs; an open page keeps its layer, method and target of that output. */
  async explainInputs(path: string, inputs: readonly InputSource[], output: number): Promise<void> {
    this.app.client.noteUserRequest(path);
    const existing = this.panels.get(path);
    if (existing !== undefined) return existing.showInputs(inputs, output);
    const lease = await this.app.models.activate(path);
    if (!lease.ok) return showError(lease.error);
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    const { preprocessing = model.value.defaultPreprocessing } = await this.app.settings.of(model.value);
    await this.app.settings.rememberStep(path, inputs);
    const opened = this.panels.get(path);
    if (opened !== undefined) return opened.showInputs(inputs, output);
    const choice = initialChoice(path, model.value, { inputs, preprocessing });
    this.attach(this.newPanel(path), atOutput(choice, output));
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseExplainChoice(state);
    if (choice === undefined) return panel.dispose();
    const other = this.panels.get(choice.modelPath);
    if (other !== undefined) return giveWay(panel, other);
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    this.attach(panel, choice);
    await this.activate(choice.modelPath);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private newPanel(path: string): WebviewPanel {
    return window.createWebviewPanel(
      VIEW_TYPE,
      plain(l10n.t('Explain {0}', basename(path))),
      ViewColumn.Active,
      {},
    );
  }

  private attach(panel: WebviewPanel, choice: ExplainChoice): void {
    const path = choice.modelPath;
    const shown = new ExplainPanel(this.app, this.showLayer, panel, choice);
    this.panels.set(path, shown);
    this.lastShown = shown;
    panel.onDidChangeViewState(() => {
      if (!panel.active) return;
      this.lastShown = shown;
      void this.activate(path);
    });
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(path) === shown) this.panels.delete(path);
      if (this.lastShown === shown) this.lastShown = [...this.panels.values()].at(-1);
    });
  }

  /** Makes the Layers view follow the page. The page shows a failure itself: it opens the same model. */
  private async activate(path: string): Promise<void> {
    const lease = await this.app.models.activate(path);
    if (!lease.ok) this.app.log.warn(lease.error.message);
  }
}
