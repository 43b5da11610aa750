import { commands, type Disposable, Uri, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result, toResult } from '../../shared/errors';
import { atLayer, atOutput, changedChoice, comparedChoice, isBesideChange } from '../../shared/explainChoice';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { WireTensor } from '../../shared/model';
import * as protocol from '../../shared/protocol';
import type { DoctorFinding } from '../../shared/results/doctor';
import type { DrawnQuantities } from '../../shared/results/layerQuantities';
import { typedKind } from '../../shared/sources/typedInput';
import type {
  Answers,
  Comparison,
  ExplainChoice,
  ExplainContext,
  Explained,
  ExplainHost,
  ExplainPage,
  LayerChoice,
} from '../../shared/view';
import type { App } from '../app';
import { valueOrShow } from '../errors';
import { ExplainedSeries } from '../gallery/explainedSeries';
import { Lifetime } from '../lifetime';
import { logFailure } from '../log';
import { draggedPath } from '../models/droppedFiles';
import { ModelLease } from '../models/modelLease';
import { inputName } from '../pickers/inputName';
import { pickInputs } from '../pickers/inputPicker';
import { editLabels } from '../pickers/labelsEditor';
import { pickPreprocessing } from '../pickers/preprocessingPicker';
import { withInput } from '../pickers/replacedInput';
import { LatestRequest } from '../server/latestRequest';
import { editCalls } from './edits/editCalls';
import { explainedParts, exportMap } from './exportMap';
import { exportSet } from './exportSet';
import { openPage, type PageLink } from './page';
import { EXPLAIN_CALLS } from './pageCalls';
import { PredictionChange } from './predictionChange';
import { Questions, type Shown } from './questions';

/** Opens the layer page; injected, so that panels do not depend on each other. */
export type ShowLayer = (choice: LayerChoice) => Promise<void>;

/** One explain page: handles its calls and notifies it of changes. */
export class ExplainPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<ExplainPage>;
  private readonly request: LatestRequest;
  private readonly quantitiesRequest: LatestRequest;
  private readonly inputRequest: LatestRequest;
  private readonly questions: Questions;
  private readonly diagnosis: LatestRequest;
  private readonly series: ExplainedSeries;
  private readonly predictionChange = new PredictionChange();
  /** What the page shows. */
  private shown: Shown | null = null;
  /** The page's first explanation, which is computed while the page loads. */
  private early: { readonly choice: ExplainChoice; readonly answer: Promise<Result<Explained>> } | null =
    null;
  /** Run the next request even if it is costly or ended its process before. */
  private insist = false;

  constructor(
    private readonly app: App,
    private readonly showLayer: ShowLayer,
    private readonly panel: WebviewPanel,
    /** The authoritative choice; the page stores a copy that survives a reload of the window. */
    private current: ExplainChoice,
  ) {
    this.model = this.lifetime.own(new ModelLease(app.models, current.modelPath));
    this.link = this.lifetime.own(
      openPage<ExplainHost, ExplainPage>(
        panel.webview,
        app.extensionUri,
        'explain',
        panel.title,
        this.host(),
        EXPLAIN_CALLS,
      ),
    );
    this.request = this.lifetime.own(
      new LatestRequest(app.client, (progress) => this.link.tell('progress', progress)),
    );
    this.quantitiesRequest = this.lifetime.own(new LatestRequest(app.client));
    this.inputRequest = this.lifetime.own(new LatestRequest(app.client));
    this.diagnosis = this.lifetime.own(new LatestRequest(app.client));
    this.questions = this.lifetime.own(
      new Questions(app.client, (progress) => this.link.tell('questionProgress', progress)),
    );
    this.series = this.lifetime.own(new ExplainedSeries(app, current.modelPath));
    if (current.inputs.length > 0) this.explainEarly();
  }

  /** What is explained now. */
  get choice(): ExplainChoice {
    return this.current;
  }

  /** Brings the page forward, at another layer or with all that another page shows, if that is given. */
  async reveal(to?: string | ExplainChoice): Promise<void> {
    this.panel.reveal();
    if (to === undefined) return;
    this.current = typeof to === 'string' ? atLayer(this.current, to) : to;
    await this.sendContext();
  }

  /** Brings the page forward with other inputs, for one output of the model. */
  async showInputs(inputs: readonly InputSource[], output: number): Promise<void> {
    this.current = atOutput(this.current, output);
    await this.takeStep(inputs);
    this.panel.reveal();
    await this.sendContext();
  }

  /** The model was reopened, after a restart of the server or a change of the file: the page requests its data again. */
  async reopened(): Promise<void> {
    await this.sendContext();
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): ExplainHost {
    return {
      ready: () => this.context(),
      change: async (change) => {
        this.current = changedChoice(this.current, change);
        if (!isBesideChange(change)) {
          this.questions.cancel();
          this.app.client.noteUserRequest();
        }
        return this.current;
      },
      explain: (knownInput, compared) =>
        this.takeEarly(knownInput, compared) ?? this.explain(knownInput, compared),
      painted: async (marks) => this.app.timeLine.finish(marks),
      trust: (insist) => this.question('trust', insist),
      whatWouldChange: (insist) => this.question('whatWouldChange', insist),
      wasItTheInput: (insist) => this.question('wasItTheInput', insist),
      cancelQuestion: async () => this.questions.cancel(),
      retry: async (insist) => {
        this.insist = insist;
        this.app.client.noteUserRequest(this.current.modelPath);
      },
      cancel: async () => {
        this.request.cancel();
        this.series.cancel();
      },
      pickInput: () =>
        this.changed(async (model) => {
          const inputs = await pickInputs(this.app, model, { current: this.current.inputs });
          if (inputs === undefined) return false;
          await this.app.settings.remember(model.path, { lastInputs: inputs });
          this.current = { ...this.current, inputs };
          return true;
        }),
      position: async () => {
        const model = await this.model.get();
        return model.ok ? this.series.position(model.value, this.current) : null;
      },
      step: (at) => this.step(at),
      nextWrong: (direction) => this.nextWrong(direction),
      openGallery: async () => {
        await commands.executeCommand('layerglass.showInputs', Uri.file(this.current.modelPath));
      },
      typeInput: (input, text) => this.setInput(input, async () => ({ kind: 'text', text })),
      dropUri: (input, uri) =>
        this.setInput(input, async ({ path }) => ({ kind: 'file', path: draggedPath(uri, path) })),
      dropContents: (input, name, contents) =>
        this.setInput(input, async () => ({
          kind: 'file',
          path: await this.app.dropped.keep(name, Buffer.from(contents, 'base64')),
        })),
      ...editCalls(this.app, this.model, this.lifetime, () => ({
        choice: this.current,
        use: (inputs) => this.useInputs(inputs),
        context: () => this.context(),
      })),
      pickPreprocessing: () =>
        this.changed(async (model) => {
          const settings = await this.app.settings.of(model);
          const preprocessing = await pickPreprocessing(this.current.preprocessing, {
            name: model.defaultPreprocessing.name,
            why: model.preprocessingReason,
            isCurrent: settings.preprocessing === undefined,
          });
          return preprocessing !== undefined && this.takePreprocessing(model, preprocessing);
        }),
      setPreprocessing: (preprocessing) =>
        this.changed((model) => this.takePreprocessing(model, preprocessing)),
      doctor: () => this.doctor(),
      editLabels: () =>
        this.changed(async (model) => {
          const current = await this.app.settings.labels(model, this.current.target.output);
          const edited = await editLabels(current, model.foundLabels);
          if (edited === undefined) return false;
          if (edited === 'found') await this.app.settings.forgetLabels(model.path);
          else await this.app.settings.remember(model.path, { labels: edited });
          return true;
        }),
      exportMap: (formats) => exportMap(this.app, this.current, formats),
      exportSet: () => exportSet(this.app, this.current),
      layerQuantities: (layer) => this.layerQuantities(layer),
      inputValues: (input) => this.inputValues(input),
      openLayer: (layer) => {
        const { modelPath, inputs, preprocessing, target } = this.current;
        return this.showLayer({ modelPath, layer, inputs, preprocessing, target });
      },
      openHealth: async () => {
        await commands.executeCommand('layerglass.showModelHealth', Uri.file(this.current.modelPath));
      },
      failed: async (error) => logFailure(error),
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  private explainEarly(): void {
    const answer = this.explain(null, null);
    // The page, which gets it, reports a failure.
    answer.catch(() => undefined);
    this.early = { choice: this.current, answer };
  }

  /** The explanation that was requested early, if it is the one that the page requests first. */
  private takeEarly(
    knownInput: string | null,
    compared: Comparison | null,
  ): Promise<Result<Explained>> | null {
    const { early } = this;
    this.early = null;
    const isSame = early?.choice === this.current && knownInput === null && compared === null;
    return isSame ? early.answer : null;
  }

  private async explain(knownInput: string | null, compared: Comparison | null): Promise<Result<Explained>> {
    if (compared === null) this.questions.cancel();
    this.diagnosis.cancel();
    const { modelPath, inputs, preprocessing } = this.current;
    const choice = comparedChoice(this.current, compared);
    const { target } = choice;
    const model = await this.model.get();
    if (!model.ok) return model;
    const { labels } = await this.app.settings.labels(model.value, target.output);
    const insist = this.insist;
    this.insist = false;
    this.app.timeLine.reach('explanation requested');
    const explained = await this.request.ask(protocol.explain, {
      insist,
      ...(knownInput === null ? {} : { knownInput }),
      ...explainedParts(choice),
      ...{ modelId: model.value.modelId, inputs, preprocessing, target },
      ...(labels.length > 0 ? { labels } : {}),
    });
    if (!explained.ok) return explained;
    this.app.timeLine.reach('explanation received');
    if (compared === null) this.app.runs.setExplained(modelPath, { inputs, preprocessing }, target);
    const basis = [inputs, preprocessing, target.output ?? 0];
    const shown = this.predictionChange.withNotice(model.value.modelId, basis, explained.value);
    if (compared !== null) return ok(shown);
    this.shown = shown;
    return ok({ ...shown, answers: this.questions.known({ choice: this.current, labels, shown }) });
  }

  private async question<Q extends keyof Answers>(question: Q, insist: boolean): Promise<Result<Answers[Q]>> {
    const { current: choice, shown } = this;
    this.diagnosis.cancel();
    this.app.client.noteUserRequest(choice.modelPath);
    const model = await this.model.get();
    if (!model.ok) return model;
    const { labels } = await this.app.settings.labels(model.value, choice.target.output);
    return this.questions.ask(question, model.value.modelId, { choice, labels, shown, insist });
  }

  /** Waits for nobody: any other request of the page ends it. */
  private async doctor(): Promise<Result<DoctorFinding | null>> {
    const run = await this.run();
    return run.ok ? this.diagnosis.ask(protocol.doctor, run.value) : run;
  }

  private async takePreprocessing(model: protocol.OpenedModel, chosen: Preprocessing): Promise<boolean> {
    const { resize } = this.current.preprocessing;
    const preprocessing = { ...(resize && { resize }), ...chosen };
    await this.app.settings.remember(model.path, { preprocessing });
    this.current = { ...this.current, preprocessing };
    return true;
  }

  private async layerQuantities(layer: string): Promise<Result<DrawnQuantities>> {
    const { target, colourMap } = this.current;
    const run = await this.run();
    if (!run.ok) return run;
    return this.quantitiesRequest.ask(protocol.layerQuantities, { ...run.value, layer, target, colourMap });
  }

  private async inputValues(input: number): Promise<Result<WireTensor | null>> {
    const run = await this.run();
    return run.ok ? this.inputRequest.ask(protocol.inputValues, { ...run.value, input }) : run;
  }

  /** What every request about the inputs needs. */
  private async run(): Promise<Result<protocol.RunParams>> {
    const { inputs, preprocessing } = this.current;
    const model = await this.model.get();
    return model.ok ? ok({ modelId: model.value.modelId, inputs, preprocessing }) : model;
  }

  private async step(at: number): Promise<Result<ExplainContext>> {
    const model = await this.model.get();
    if (!model.ok) return model;
    const inputs = await this.series.inputsAt(model.value, this.current.inputs, at);
    if (inputs !== null) await this.takeStep(inputs);
    return this.context();
  }

  private async nextWrong(direction: 'next' | 'previous'): Promise<Result<ExplainContext | null>> {
    const model = await this.model.get();
    if (!model.ok) return model;
    const by = direction === 'next' ? 1 : -1;
    const found = await this.series.nextWrong(model.value, this.current, by, (progress) =>
      this.link.tell('progress', progress),
    );
    if (!found.ok) return found;
    if (found.value === null) return ok(null);
    await this.takeStep(found.value);
    return this.context();
  }

  /** Another input, with the same method, layer and target. */
  private async takeStep(inputs: readonly InputSource[]): Promise<void> {
    await this.app.settings.rememberStep(this.current.modelPath, inputs);
    this.useInputs(inputs);
  }

  private useInputs(inputs: readonly InputSource[]): void {
    this.current = { ...this.current, inputs };
    this.app.client.noteUserRequest();
  }

  /** Replaces one of the inputs; the others stay. @returns the page's new context */
  private async setInput(
    input: number,
    source: (model: protocol.OpenedModel) => Promise<InputSource>,
  ): Promise<Result<ExplainContext>> {
    const model = await this.model.get();
    if (!model.ok) return model;
    const inputs = await toResult(async () =>
      withInput(model.value, this.current.inputs, input, await source(model.value)),
    );
    if (!inputs.ok) return inputs;
    await this.app.settings.remember(model.value.path, { lastInputs: inputs.value });
    this.useInputs(inputs.value);
    return this.context();
  }

  /** Lets the user change something in VS Code. @returns the page's new context, or `null` when the user cancelled */
  private async changed(
    change: (model: protocol.OpenedModel) => Promise<boolean>,
  ): Promise<ExplainContext | null> {
    const model = valueOrShow(await this.model.get());
    if (model === undefined || !(await change(model))) return null;
    this.app.client.noteUserRequest();
    return valueOrShow(await this.context()) ?? null;
  }

  private async sendContext(): Promise<void> {
    this.early = null;
    const context = await this.context();
    if (context.ok) this.link.tell('setContext', context.value);
    else this.link.tell('serverDown', context.error);
  }

  private async context(): Promise<Result<ExplainContext>> {
    const model = await this.model.get();
    if (!model.ok) return model;
    const { summary, layers, defaultPreprocessing, preprocessingReason } = model.value;
    const settings = await this.app.settings.of(model.value);
    const { labels, from, ignored } = await this.app.settings.labels(model.value, this.current.target.output);
    const isGuess =
      settings.preprocessing === undefined &&
      this.current.preprocessing.name === defaultPreprocessing.name &&
      summary.inputs.some(({ shape }) => shape?.length === 4);
    return ok({
      choice: this.current,
      summary,
      layers,
      labels,
      labelsFrom: from,
      labelNotices: ignored,
      preprocessingGuess: isGuess ? preprocessingReason : null,
      inputNames: this.current.inputs.map(inputName),
      typed: summary.inputs.map((input) => typedKind(input, summary.layers, settings)),
    });
  }
}
