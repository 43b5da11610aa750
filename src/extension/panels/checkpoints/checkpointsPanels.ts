import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type Disposable, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { CheckpointsChoice } from '../../../shared/checkpoints/checkpointsView';
import { fail, type LayerglassError, type Result } from '../../../shared/errors';
import type { OpenedModel } from '../../../shared/protocol';
import * as protocol from '../../../shared/protocol';
import type { CheckpointFile } from '../../../shared/results/checkpoints';
import type { ExplainChoice } from '../../../shared/view';
import type { App } from '../../app';
import { showError } from '../../errors';
import type { Lease } from '../../models/models';
import { chooseArchitecture } from '../../pickers/architecturePicker';
import { chooseRun } from '../../pickers/chooseRun';
import { parseCheckpointsChoice } from '../../settings/savedState';
import { SingleFlight } from '../../singleFlight';
import { withProgress } from '../../ui';
import { initialChoice } from '../initialChoice';
import { followPages, giveWay } from '../pageEvents';
import { CheckpointsPanel, checkpointsTitle } from './checkpointsPanel';

const VIEW_TYPE = 'layerglass.checkpoints';

/** The pages of trainings of this window, one per folder; they survive a reload of the window. */
export class CheckpointsPanels implements Disposable, WebviewPanelSerializer {
  private readonly panels = new Map<string, CheckpointsPanel>();
  private readonly opening = new SingleFlight();
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly app: App,
    private readonly explain: (choice: ExplainChoice) => Promise<void>,
  ) {
    this.subscriptions = followPages(app, VIEW_TYPE, this, (modelPath) =>
      [...this.panels.values()].filter((page) => modelPath === undefined || page.modelPath === modelPath),
    );
  }

  /** Shows the epochs in a folder, on the input that was used last or on one that the user picks. @param member see `listCheckpoints` */
  async show(folder: string, member?: string): Promise<void> {
    this.app.client.noteUserRequest();
    const key = keyOf({ folder, member });
    const existing = this.panels.get(key);
    if (existing !== undefined) return existing.reveal();
    await this.opening.run(key, () => this.open(folder, member));
  }

  private async open(folder: string, member: string | undefined): Promise<void> {
    const place = { folder, ...(member === undefined ? {} : { member }) };
    const list = await this.app.client.ask(protocol.listCheckpoints, place);
    if (!list.ok) return showError(list.error);
    const found = await withProgress('window', l10n.t('Opening {0}', basename(folder)), () =>
      this.firstThatOpens([...list.value.files].reverse()),
    );
    if (!found.ok) return showError(found.error);
    const lease = found.value;
    try {
      const model = await this.described(lease);
      if (!model.ok) return showError(model.error);
      const run = await chooseRun(this.app, model.value);
      if (run === undefined) return;
      const { modelPath, method, layer } = initialChoice(lease.path, model.value, run);
      const choice: CheckpointsChoice = {
        ...{ ...place, modelPath, ...run, method, layer },
        ...{ target: 'auto', label: null, isOneScale: false },
      };
      this.attach(
        window.createWebviewPanel(VIEW_TYPE, checkpointsTitle(choice), ViewColumn.Active, {}),
        choice,
      );
    } finally {
      lease.dispose();
    }
  }

  /** The model that stands for all epochs where the user chooses an input or a layer: the newest that can be read. */
  private async firstThatOpens(files: readonly CheckpointFile[]): Promise<Result<Lease>> {
    let first: LayerglassError | undefined;
    for (const { path } of files) {
      this.app.client.noteUserRequest(path);
      const lease = await this.app.models.acquire(path);
      if (lease.ok) return lease;
      first ??= lease.error;
    }
    return first === undefined
      ? fail('internal', l10n.t('The folder holds no checkpoints.'))
      : { ok: false, error: first };
  }

  /** Weights that fit several models beside them are shown as the one that the user chooses. */
  private async described(lease: Lease): Promise<Result<OpenedModel>> {
    const model = await lease.model();
    if (!model.ok || model.value.architectures.length === 0) return model;
    await chooseArchitecture(this.app, model.value);
    return lease.model();
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const choice = parseCheckpointsChoice(state);
    if (choice === undefined) return panel.dispose();
    const other = this.panels.get(keyOf(choice));
    if (other !== undefined) return giveWay(panel, other);
    this.attach(panel, choice);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private attach(panel: WebviewPanel, choice: CheckpointsChoice): void {
    const key = keyOf(choice);
    const shown = new CheckpointsPanel(this.app, this.explain, panel, choice);
    this.panels.set(key, shown);
    panel.onDidDispose(() => {
      shown.dispose();
      if (this.panels.get(key) === shown) this.panels.delete(key);
    });
  }
}

const keyOf = ({
  folder,
  member,
}: {
  readonly folder: string;
  readonly member?: string | undefined;
}): string => JSON.stringify([folder, member ?? null]);
