import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import { ALL_INPUTS } from '../../shared/gallery/galleryFilter';
import type { GalleryChoice } from '../../shared/gallery/galleryView';
import type { App } from '../app';
import { showError } from '../errors';
import { refuseWeightsOnly } from '../pickers/chooseRun';
import { parseGalleryChoice } from '../settings/savedState';
import { SingleFlight } from '../singleFlight';
import { type ExplainInput, GalleryPanel, galleryTitle } from './galleryPanel';
import { followPages, giveWay, pagesIn } from './pageEvents';

const VIEW_TYPE = 'layerglass.gallery';

/** The gallery pages of this window, one per model; they survive a reload of the window. */
export class GalleryPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, GalleryPanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly explainInput: ExplainInput,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, pagesIn(this.panels));
  }

  /** Shows the inputs of the model at `path`. @throws Failure `weights-only` */
  async showInputs(modelPath: string): Promise<void> {
    this.app.client.noteUserRequest(modelPath);
    await this.opening.run(modelPath, () => this.open(modelPath));
  }

  private async open(modelPath: string): Promise<void> {
    const lease = await this.app.models.activate(modelPath);
    if (!lease.ok) return showError(lease.error);
    const existing = this.panels.get(modelPath);
    if (existing !== undefined) return existing.reveal();
    const model = await lease.value.model();
    if (!model.ok) return showError(model.error);
    refuseWeightsOnly(model.value);
    const panel = window.createWebviewPanel(VIEW_TYPE, galleryTitle(modelPath), ViewColumn.Active, {});
    this.attach(panel, { modelPath, filter: ALL_INPUTS });
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseGalleryChoice(state);
    if (choice === undefined) return panel.dispose();
    const other = this.panels.get(choice.modelPath);
    if (other !== undefined) return giveWay(panel, other);
    if (this.app.revisions.isGone(choice.modelPath)) return panel.dispose();
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: GalleryChoice): void {
    const shown = new GalleryPanel(this.app, this.explainInput, panel, choice);
    this.panels.set(choice.modelPath, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(choice.modelPath) === shown) this.panels.delete(choice.modelPath);
    });
  }
}
