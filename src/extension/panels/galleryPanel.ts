import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, type WebviewPanel } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import type {
  GalleryChoice,
  GalleryContext,
  GalleryHost,
  GalleryPage,
} from '../../shared/gallery/galleryView';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import { plain } from '../../shared/text';
import type { App } from '../app';
import { valueOrShow } from '../errors';
import { gallerySources, modelFolder, sourceName } from '../gallery/gallerySources';
import { InputSet } from '../gallery/inputSet';
import { restoredPredictions } from '../gallery/restored';
import { Lifetime } from '../lifetime';
import { ModelLease } from '../models/modelLease';
import { pickGallerySources } from '../pickers/galleryPicker';
import { pickPreprocessing } from '../pickers/preprocessingPicker';
import { openPage, type PageLink } from './page';
import { GALLERY_CALLS } from './pageCalls';

/** Explains an output of a model for an input; injected, so that panels do not depend on each other. */
export type ExplainInput = (
  modelPath: string,
  inputs: readonly InputSource[],
  output: number,
) => Promise<void>;

/** One gallery page: the inputs of a model with their predictions, which go on while the page is hidden. */
export class GalleryPanel implements Disposable {
  private readonly lifetime = new Lifetime();
  private readonly model: ModelLease;
  private readonly link: PageLink<GalleryPage>;
  private readonly set: InputSet;
  private filter: GalleryChoice['filter'];
  private output: number;
  private readonly modelPath: string;
  /** The predictions were cancelled or failed: only the user lets them go on. */
  private isPaused = false;

  constructor(
    private readonly app: App,
    private readonly explainInput: ExplainInput,
    private readonly panel: WebviewPanel,
    choice: GalleryChoice,
  ) {
    this.modelPath = choice.modelPath;
    this.filter = choice.filter;
    this.output = choice.output ?? 0;
    this.model = this.lifetime.own(new ModelLease(app.models, choice.modelPath));
    this.link = this.lifetime.own(
      openPage<GalleryHost, GalleryPage>(
        panel.webview,
        app.extensionUri,
        'gallery',
        panel.title,
        this.host(),
        GALLERY_CALLS,
      ),
    );
    const events = {
      predicted: (from: number, predictions: GalleryContext['predictions']) =>
        this.link.tell('predicted', from, predictions, this.set.kind),
      progress: (progress: Parameters<GalleryPage['progress']>[0]) => this.link.tell('progress', progress),
      stopped: (error: LayerglassError) => {
        this.isPaused = true;
        this.link.tell('stopped', error);
      },
    };
    this.set = this.lifetime.own(new InputSet(app, events, restoredPredictions(choice)));
    this.lifetime.own(app.galleries.add(choice.modelPath, () => ({ set: this.set, filter: this.filter })));
  }

  /** Brings the page forward. What has changed on disk or in the settings since is shown. */
  async reveal(): Promise<void> {
    this.panel.reveal();
    await this.reopened();
  }

  /** The model was reopened, after a restart of the server or a change of the file: predictions that still hold stay. */
  async reopened(): Promise<void> {
    const context = await this.context();
    if (context.ok) this.link.tell('setContext', context.value);
    else this.serverDown(context.error);
  }

  serverDown(error: LayerglassError): void {
    this.link.tell('serverDown', error);
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private host(): GalleryHost {
    return {
      ready: () => this.context(),
      setFilter: async (filter) => {
        this.filter = filter;
      },
      setOutput: (output) =>
        this.changed(async ({ summary }) => {
          if (output === this.output || output >= summary.outputs.length) return false;
          this.output = output;
          // Its classes are others.
          this.filter = { ...this.filter, class: null };
          return true;
        }),
      thumbnails: async (places, side) => {
        const model = await this.model.get();
        return model.ok ? this.set.thumbnails(model.value, places, side) : model;
      },
      open: async (place) => {
        const inputs = this.set.inputs[place]?.sources;
        if (inputs !== undefined) await this.explainInput(this.modelPath, inputs, this.output);
      },
      chooseSources: () =>
        this.changed(async (model) => {
          const current = await gallerySources(this.app, model);
          const sources = await pickGallerySources(model, current, modelFolder(this.app, model));
          if (sources === undefined) return false;
          await this.app.settings.remember(model.path, { gallery: { sources } });
          return true;
        }),
      pickPreprocessing: () =>
        this.changed(async (model) => {
          const settings = await this.app.settings.of(model);
          const current = settings.preprocessing ?? model.defaultPreprocessing;
          const preprocessing = await pickPreprocessing(current, {
            name: model.defaultPreprocessing.name,
            why: model.preprocessingReason,
            isCurrent: settings.preprocessing === undefined,
          });
          if (preprocessing === undefined) return false;
          await this.app.settings.remember(model.path, { preprocessing });
          return true;
        }),
      predict: async (insist) => {
        this.app.client.noteUserRequest(this.modelPath);
        this.isPaused = false;
        const model = await this.model.get();
        if (model.ok) void this.set.predict(model.value, insist);
        else this.link.tell('stopped', model.error);
      },
      cancel: async () => {
        this.isPaused = true;
        this.set.cancel();
      },
      showLog: async () => void (await commands.executeCommand('layerglass.showLog')),
    };
  }

  /** Lets the user change something in VS Code, and shows what it gives. */
  private async changed(change: (model: OpenedModel) => Promise<boolean>): Promise<void> {
    const model = valueOrShow(await this.model.get());
    if (model === undefined || !(await change(model))) return;
    this.app.client.noteUserRequest(this.modelPath);
    this.isPaused = false;
    await this.reopened();
  }

  private async context(): Promise<Result<GalleryContext>> {
    const model = await this.model.get();
    if (!model.ok) return model;
    const { set } = this;
    const paths = await gallerySources(this.app, model.value);
    const read = await set.read(model.value, paths, this.output);
    if (!read.ok) return read;
    if (!this.isPaused && !set.isPredicting) void set.predict(model.value, false);
    const settings = await this.app.settings.of(model.value);
    const { labels } = await this.app.settings.labels(model.value, this.output);
    return ok({
      modelPath: this.modelPath,
      fileName: basename(this.modelPath),
      sources: paths.map(sourceName),
      names: set.inputs.map(({ name }) => name),
      truths: set.inputs.map(({ truth }) => truth),
      labels,
      preprocessing: (settings.preprocessing ?? model.value.defaultPreprocessing).name,
      notices: set.notices,
      version: set.version,
      kind: set.kind,
      predictions: set.predictions,
      filter: this.filter,
      outputs: model.value.summary.outputs.map(({ name }) => name),
      output: this.output,
    });
  }
}

export const galleryTitle = (modelPath: string): string =>
  plain(l10n.t('Inputs of {0}', basename(modelPath)));
