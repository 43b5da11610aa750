import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, type WebviewPanel } from 'vscode';
import type {
  CheckpointsChoice,
  CheckpointsContext,
  CheckpointsHost,
  CheckpointsPage,
} from '../../../shared/checkpoints/checkpointsView';
import { fail, type LayerglassError, ok, type Result } from '../../../shared/errors';
import type { TargetChoice } from '../../../shared/explanation';
import * as protocol from '../../../shared/protocol';
import type { CheckpointList, EpochReport } from '../../../shared/results/checkpoints';
import { plain } from '../../../shared/text';
import type { ExplainChoice } from '../../../shared/view';
import type { App } from '../../app';
import { valueOrShow } from '../../errors';
import { Lifetime } from '../../lifetime';
import { ModelLease } from '../../models/modelLease';
import { inputName } from '../../pickers/inputName';
import { pickInputs } from '../../pickers/inputPicker';
import { displayDefaults } from '../../settings/display';
import { openPage, type PageLink } from '../page';
import { CHECKPOINTS_CALLS } from '../pageCalls';
import { Epochs } from './epochs';

/** The page of the epochs of one training. The page asks for one epoch after the other. */
export class CheckpointsPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<CheckpointsPage>;
  private readonly epochs: Epochs;
  private list: CheckpointList | null = null;
  /** Run epochs even if they are costly or ended their process before. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly explain: (choice: ExplainChoice) => Promise<void>,
    private readonly panel: WebviewPanel,
    /** The authoritative choice; the page stores a copy that survives a reload of the window. */
    private current: CheckpointsChoice,
  ) {
    this.model = this.lifetime.own(new ModelLease(app.models, current.modelPath));
    this.link = this.lifetime.own(
      openPage<CheckpointsHost, CheckpointsPage>(
        panel.webview,
        app.extensionUri,
        'checkpoints',
        panel.title,
        this.host(),
        CHECKPOINTS_CALLS,
      ),
    );
    this.epochs = this.lifetime.own(
      new Epochs(app.client, (progress) => this.link.tell('progress', progress)),
    );
  }

  get modelPath(): string {
    return this.current.modelPath;
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** The model that stands for all was reopened, after a restart of the server or a change of the file. */
  async reopened(): Promise<void> {
    await this.sendContext();
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): CheckpointsHost {
    return {
      ready: () => this.context(),
      epoch: (index) => this.epoch(index),
      change: async (change) => {
        this.insist = false;
        this.app.client.noteUserRequest();
        this.current = { ...this.current, ...change };
        if (change.output !== undefined) await this.sendContext();
        return this.current;
      },
      openEpoch: (index) => this.openEpoch(index),
      pickInput: async () => {
        const model = valueOrShow(await this.model.get());
        if (model === undefined) return;
        const inputs = await pickInputs(this.app, model, { current: this.current.inputs });
        if (inputs === undefined) return;
        await this.app.settings.remember(model.path, { lastInputs: inputs });
        this.insist = false;
        this.app.client.noteUserRequest();
        this.current = { ...this.current, inputs };
        await this.sendContext();
      },
      retry: async (insist) => {
        this.insist = insist;
        this.app.client.noteUserRequest(this.current.modelPath);
        for (const { path } of this.list?.files ?? []) this.app.client.noteUserRequest(path);
      },
      cancel: async () => this.epochs.cancel(),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  private async context(): Promise<Result<CheckpointsContext>> {
    const { folder, member, inputs, output } = this.current;
    const list = await this.app.client.ask(protocol.listCheckpoints, {
      folder,
      ...(member === undefined ? {} : { member }),
    });
    if (!list.ok) return list;
    this.list = list.value;
    const model = await this.model.get();
    if (!model.ok) return model;
    const { labels } = await this.app.settings.labels(model.value, output);
    return ok({
      choice: this.current,
      folderName: basename(folder),
      list: list.value,
      layers: model.value.layers,
      labels,
      outputs: model.value.summary.outputs.map(({ name }) => name),
      inputNames: inputs.map(inputName),
    });
  }

  private async epoch(index: number): Promise<Result<EpochReport>> {
    const file = this.fileAt(index);
    const model = await this.model.get();
    if (!model.ok) return model;
    const { path, settingsFile } = model.value;
    const { inputs, preprocessing, method, layer } = this.current;
    const { labels } = await this.app.settings.labels(model.value, this.current.output);
    const question = { inputs, preprocessing, method, layer, target: this.target, labels };
    // All epochs are weights of the model that this one is.
    const architecture = settingsFile === path ? undefined : settingsFile;
    const earlier = (this.list?.files ?? []).slice(0, index).reverse();
    return this.epochs.report(file, earlier, question, { architecture, insist: this.insist });
  }

  private async openEpoch(index: number): Promise<void> {
    const { inputs, preprocessing, method, layer } = this.current;
    await this.explain({
      modelPath: this.fileAt(index).path,
      ...{ inputs, preprocessing, method, layer, target: this.target },
      ...displayDefaults(),
    });
  }

  private get target(): TargetChoice {
    const { target, output } = this.current;
    return { index: target, ...(output === undefined ? {} : { output }) };
  }

  private fileAt(index: number) {
    return this.list?.files[index] ?? fail('internal', l10n.t('There is no epoch {0}.', index));
  }

  private async sendContext(): Promise<void> {
    const context = await this.context();
    if (context.ok) this.link.tell('setContext', context.value);
    else this.link.tell('serverDown', context.error);
  }
}

export const checkpointsTitle = ({ folder }: CheckpointsChoice): string =>
  plain(l10n.t('Checkpoints of {0}', basename(folder)));
