import {
  type Disposable,
  EventEmitter,
  Uri,
  ViewColumn,
  type WebviewPanel,
  type WebviewPanelSerializer,
  window,
} from 'vscode';
import type { CompareChoice, ModelCode } from '../../../shared/compare/compareView';
import type { LayerChoice } from '../../../shared/view';
import type { App } from '../../app';
import { showError } from '../../errors';
import { lastRun } from '../../pickers/chooseRun';
import { parseCompareChoice } from '../../settings/savedState';
import { SingleFlight } from '../../singleFlight';
import { followPages, giveWay } from '../pageEvents';
import { CodePanel } from './codePanel';
import type { ComparedModels, ComparedPage, ShownComparison } from './comparedPage';
import { ComparePanel, compareTitle } from './comparePanel';

const VIEW_TYPE = 'layerglass.compare';

/** The pages of two models of this window; they survive a reload of the window. */
export class ComparePanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<ComparedPage, ShownComparison | undefined>();
  private readonly opening = new SingleFlight();
  private readonly changed = new EventEmitter<undefined>();
  private readonly subscriptions: Disposable[];

  /** A page has compared its models, or was closed. */
  readonly onDidCompare = this.changed.event;

  constructor(
    private readonly app: App,
    private readonly showLayer: (choice: LayerChoice) => void,
  ) {
    this.subscriptions = [
      this.changed,
      ...followPages(app, VIEW_TYPE, this, (path) =>
        [...this.panels.keys()].filter((page) => path === undefined || page.has(path)),
      ),
    ];
  }

  /** What the open pages found, the oldest first. */
  get shown(): readonly ShownComparison[] {
    return [...this.panels.values()].filter((shown) => shown !== undefined);
  }

  /**
   * Shows two models side by side, on the input that was used last with the first one, if there is one.
   * @param sources disposed with the page
   */
  async show(modelPath: string, otherPath: string, sources: readonly Disposable[] = []): Promise<void> {
    this.app.client.noteUserRequest(otherPath);
    await this.open({ modelPath, otherPath }, sources);
  }

  /** Shows a model beside what code builds. */
  async showCode(modelPath: string, code: ModelCode): Promise<void> {
    await this.open({ modelPath, otherPath: Uri.parse(code.uri, true).fsPath, code }, []);
  }

  private async open(models: ComparedModels, sources: readonly Disposable[]): Promise<void> {
    this.app.client.noteUserRequest(models.modelPath);
    const existing = this.pageOf(models);
    if (existing !== undefined) return existing.reveal();
    await this.opening.run(JSON.stringify(models), () => this.create(models, sources));
    if (this.pageOf(models) === undefined) for (const source of sources) source.dispose();
  }

  private async create(models: ComparedModels, sources: readonly Disposable[]): Promise<void> {
    const lease = await this.app.models.acquire(models.modelPath);
    if (!lease.ok) return showError(lease.error);
    try {
      const model = await lease.value.model();
      if (!model.ok) return showError(model.error);
      const choice = { ...models, ...(await lastRun(this.app, model.value)) };
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
    const other = this.pageOf(choice);
    if (other !== undefined) return giveWay(panel, other);
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private pageOf(models: ComparedModels): ComparedPage | undefined {
    return [...this.panels.keys()].find((page) => page.shows(models));
  }

  private attach(panel: WebviewPanel, choice: CompareChoice, sources: readonly Disposable[] = []): void {
    const { code } = choice;
    const actions = {
      showLayer: this.showLayer,
      compared: (found: ShownComparison) => {
        if (!this.panels.has(shown)) return;
        this.panels.set(shown, found);
        this.changed.fire(undefined);
      },
    };
    const shown: ComparedPage =
      code === undefined
        ? new ComparePanel(this.app, actions, panel, choice)
        : new CodePanel(this.app, actions, panel, { ...choice, code });
    this.panels.set(shown, undefined);
    panel.onDidDispose(() => {
      this.panels.delete(shown);
      shown.dispose();
      for (const source of sources) source.dispose();
      this.changed.fire(undefined);
    });
  }
}
