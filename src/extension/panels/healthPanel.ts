import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { HealthChoice, HealthHost, HealthPage, LayerChoice } from '../../shared/view';
import type { App } from '../app';
import { valueOrShow } from '../errors';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import { inputName } from '../pickers/inputName';
import { pickInputs } from '../pickers/inputPicker';
import { LatestRequest } from '../server/latestRequest';
import { openPage, type PageLink } from './page';
import { HEALTH_CALLS } from './pageCalls';

/** One health page: the statistics of all layers of a model, for one input. */
export class HealthPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<HealthPage>;
  private readonly request: LatestRequest;
  private readonly diagnosis: LatestRequest;
  /** Run the next request even if it is costly or ended its process before. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly showLayer: (choice: LayerChoice) => void,
    private readonly panel: WebviewPanel,
    /** The authoritative choice; the page stores a copy that survives a reload of the window. */
    private current: HealthChoice,
  ) {
    this.model = this.lifetime.own(new ModelLease(app.models, current.modelPath));
    this.link = this.lifetime.own(
      openPage<HealthHost, HealthPage>(
        panel.webview,
        app.extensionUri,
        'health',
        panel.title,
        this.host(),
        HEALTH_CALLS,
      ),
    );
    this.request = this.lifetime.own(
      new LatestRequest(app.client, (progress) => this.link.tell('progress', progress)),
    );
    this.diagnosis = this.lifetime.own(new LatestRequest(app.client));
  }

  reveal(): void {
    this.panel.reveal();
  }

  show(choice: HealthChoice): void {
    this.reveal();
    this.take(choice);
  }

  /** The model was reopened, after a restart of the server or a change of the file: the page requests its data again. */
  reopened(): void {
    this.sendChoice();
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): HealthHost {
    return {
      ready: async () => {
        const model = await this.model.get();
        if (!model.ok) return model;
        const { modelPath, inputs } = this.current;
        const fileName = basename(modelPath);
        return ok({ choice: this.current, fileName, inputNames: inputs.map(inputName) });
      },
      health: async () => {
        this.diagnosis.cancel();
        const choice = this.current;
        const insist = this.insist;
        this.insist = false;
        const answer = await this.ask(this.request, protocol.health, { insist });
        if (answer.ok) this.app.runs.set(choice.modelPath, choice);
        return answer;
      },
      doctor: () => this.ask(this.diagnosis, protocol.doctor, {}),
      setPreprocessing: async (preprocessing) => {
        await this.app.settings.remember(this.current.modelPath, { preprocessing });
        this.take({ ...this.current, preprocessing });
      },
      openLayer: async (layer) => this.showLayer({ ...this.current, layer }),
      pickInput: async () => {
        const model = valueOrShow(await this.model.get());
        if (model === undefined) return;
        const inputs = await pickInputs(this.app, model);
        if (inputs === undefined) return;
        await this.app.settings.remember(model.path, { lastInputs: inputs });
        this.take({ ...this.current, inputs });
      },
      retry: async (insist) => {
        this.insist = insist;
        this.app.client.noteUserRequest(this.current.modelPath);
      },
      cancel: async () => this.request.cancel(),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  private async ask<Value>(
    request: LatestRequest,
    type: protocol.RequestType<protocol.RunParams, Value>,
    more: Pick<protocol.RunParams, 'insist'>,
  ): Promise<Result<Value>> {
    const { inputs, preprocessing } = this.current;
    const model = await this.model.get();
    if (!model.ok) return model;
    return request.ask(type, { modelId: model.value.modelId, inputs, preprocessing, ...more });
  }

  /** The user chose something else. */
  private take(choice: HealthChoice): void {
    this.app.client.noteUserRequest();
    this.current = choice;
    this.sendChoice();
  }

  private sendChoice(): void {
    this.link.tell('setChoice', this.current, this.current.inputs.map(inputName));
  }
}

export const healthTitle = ({ modelPath }: HealthChoice): string =>
  plain(l10n.t('Health of {0}', basename(modelPath)));
