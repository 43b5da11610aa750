import * as l10n from '@vscode/l10n';
import type { Disposable } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import type { KnownInputs } from '../../shared/gallery/galleryFilter';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import * as protocol from '../../shared/protocol';
import {
  type InputList,
  MAX_BATCH,
  type OutputKind,
  type PredictedInput,
  type Thumbnail,
} from '../../shared/results/gallery';
import type { Progress } from '../../shared/view';
import { offerFor } from '../pickers/inputOffer';
import type { Client } from '../server/client';
import { LatestRequest } from '../server/latestRequest';
import type { Settings } from '../settings/settings';
import { progressOf } from './setProgress';

interface InputSetServices {
  readonly client: Pick<Client, 'ask'>;
  readonly settings: Pick<Settings, 'of' | 'labels'>;
}

/** What was predicted for one version of a list. */
export interface Predicted {
  readonly version: string;
  readonly kind: OutputKind | null;
  readonly predictions: readonly (PredictedInput | null)[];
}

export interface InputSetEvents {
  predicted(from: number, predictions: readonly (PredictedInput | null)[]): void;
  /** Of the predictions; `null` when they have ended. */
  progress(progress: Progress | null): void;
  /** They ended before all inputs were predicted. */
  stopped(error: LayerglassError): void;
}

/** Examples of one request: the first is small, so that its answer comes soon and tells how long an example takes. */
const BATCHES = [1, 8, MAX_BATCH];
const FIRST_BATCH = 8;
/** Milliseconds of a request: others wait for it. */
const SHORT = 400;
const LONG = 2000;

const MISSING: PredictedInput = {
  ok: false,
  error: { kind: 'internal', message: l10n.t('The server sent no prediction for this input.') },
};
const NO_LIST: InputList = { inputs: [], found: 0, notices: [], version: '' };

/** Many inputs of a model: their list, and what is predicted for them, which goes on in the background. */
export class InputSet implements Disposable {
  private list: InputList = NO_LIST;
  private known: (PredictedInput | null)[] = [];
  private outputKind: OutputKind | null = null;
  private preprocessing: Preprocessing = { name: 'none' };
  private shownOutput = 0;
  private batch = FIRST_BATCH;
  /** Counts runs of the predictions, of which the newest goes on. */
  private runs = 0;
  private reading: Promise<unknown> = Promise.resolve();
  /** The predictions go on. */
  isPredicting = false;
  private readonly listing: LatestRequest;
  private readonly predicting: LatestRequest;
  private readonly looking: LatestRequest;
  private readonly searching: LatestRequest;

  constructor(
    private readonly app: InputSetServices,
    private readonly events: InputSetEvents,
    /** Of an earlier window, for one version of the list. */
    private restored: Predicted | null = null,
  ) {
    this.listing = new LatestRequest(app.client, (progress) => events.progress(progress));
    this.predicting = new LatestRequest(app.client);
    this.looking = new LatestRequest(app.client);
    this.searching = new LatestRequest(app.client);
  }

  get inputs(): InputList['inputs'] {
    return this.list.inputs;
  }
  get notices(): readonly string[] {
    return this.list.notices;
  }
  get version(): string {
    return this.list.version;
  }
  /** The output that predictions and labels are of. */
  get output(): number {
    return this.shownOutput;
  }
  /** `null` before anything is predicted. */
  get kind(): OutputKind | null {
    return this.outputKind;
  }
  get predictions(): readonly (PredictedInput | null)[] {
    return this.known;
  }
  /** Labels count where the model predicts classes. */
  get truths(): readonly (number | null)[] {
    const counts = this.outputKind === null || this.outputKind === 'class';
    return this.inputs.map(({ truth }) => (counts ? truth : null));
  }
  get knownInputs(): KnownInputs {
    return { truths: this.truths, predictions: this.known.map((one) => (one?.ok ? one.value : null)) };
  }

  /** Lists the inputs in files and folders, again if it was done before; predictions stay where nothing has changed. */
  read(model: protocol.OpenedModel, paths: readonly string[], output: number): Promise<Result<null>> {
    // One after the other: the pages that ask for it need an answer each.
    const read = this.reading.then(() => this.readNow(model, paths, output));
    this.reading = read;
    return read;
  }

  private async readNow(
    model: protocol.OpenedModel,
    paths: readonly string[],
    output: number,
  ): Promise<Result<null>> {
    const { settings } = this.app;
    const chosen = (await settings.of(model)).preprocessing ?? model.defaultPreprocessing;
    const { labels } = await settings.labels(model, output);
    const [input] = model.summary.inputs;
    const answer = await this.listing.ask(protocol.listInputs, {
      ...{ modelId: model.modelId, paths, labels, preprocessing: chosen, output },
      extensions: input === undefined ? [] : offerFor(input, null).extensions,
    });
    if (!answer.ok) return answer;
    const { inputs, version } = answer.value;
    this.preprocessing = chosen;
    this.shownOutput = output;
    if (version !== this.list.version) {
      this.cancel();
      const restored = this.restored?.version === version ? this.restored : null;
      this.known = inputs.map((_, at) => restored?.predictions[at] ?? null);
      this.outputKind = restored?.kind ?? null;
    }
    this.list = answer.value;
    return ok(null);
  }

  /** Predicts what is not predicted yet, in batches; the events tell how it goes. */
  async predict(model: protocol.OpenedModel, insist: boolean): Promise<void> {
    this.runs += 1;
    const run = this.runs;
    this.isPredicting = true;
    const error = await this.predictAll(model, run, insist);
    if (run !== this.runs) return;
    this.isPredicting = false;
    this.events.progress(null);
    if (error !== null) this.events.stopped(error);
  }

  private async predictAll(
    model: protocol.OpenedModel,
    run: number,
    insist: boolean,
  ): Promise<LayerglassError | null> {
    const start = performance.now();
    const before = this.count;
    let insists = insist;
    for (let from = this.known.indexOf(null); from >= 0; from = this.known.indexOf(null)) {
      this.events.progress(progressOf(this.count, this.known.length, this.count - before, start));
      const error = await this.predictFrom(model, this.predicting, from, insists);
      insists = false;
      if (error !== null || run !== this.runs) return error;
    }
    return null;
  }

  /** Ends the listing and the predictions; what is predicted stays. */
  cancel(): void {
    this.listing.cancel();
    if (!this.isPredicting) return;
    this.runs += 1;
    this.isPredicting = false;
    this.predicting.cancel();
    this.events.progress(null);
  }

  cancelSearch(): void {
    this.searching.cancel();
  }

  /**
   * The nearest input before or after a place that is not predicted as it is labelled. What is not predicted yet on the way is predicted.
   * @returns `null` where there is none
   */
  async nextWrong(
    model: protocol.OpenedModel,
    from: number,
    by: -1 | 1,
    progress: (progress: Progress | null) => void,
  ): Promise<Result<number | null>> {
    const start = performance.now();
    const before = this.count;
    try {
      for (let at = from + by; at >= 0 && at < this.inputs.length; at += by) {
        if (this.inputs[at]?.truth === null) continue;
        while (this.known[at] === null) {
          progress(progressOf(this.count, this.known.length, this.count - before, start));
          const first = by > 0 ? at : Math.max(0, at - this.batch + 1);
          const error = await this.predictFrom(model, this.searching, first, false);
          if (error !== null) return { ok: false, error };
        }
        if (this.isWrong(at)) return ok(at);
      }
      return ok(null);
    } finally {
      progress(null);
    }
  }

  /** What some inputs look like. */
  thumbnails(
    model: protocol.OpenedModel,
    places: readonly number[],
    side: number,
  ): Promise<Result<readonly Thumbnail[]>> {
    const inputs = this.sourcesAt(places);
    const { modelId } = model;
    return this.looking.ask(protocol.thumbnails, {
      ...{ modelId, inputs, preprocessing: this.preprocessing, side },
    });
  }

  dispose(): void {
    this.runs += 1;
    for (const request of [this.listing, this.predicting, this.looking, this.searching]) request.dispose();
  }

  private isWrong(at: number): boolean {
    const [truth, prediction] = [this.inputs[at]?.truth ?? null, this.known[at]];
    const counts = this.outputKind === 'class' && truth !== null && prediction?.ok === true;
    return counts && prediction.value.index !== truth;
  }

  /** Inputs that are predicted, or cannot be. */
  private get count(): number {
    return this.known.reduce((sum, one) => sum + (one === null ? 0 : 1), 0);
  }

  private sourcesAt(places: readonly number[]): InputSource[] {
    return places.flatMap((at) => this.inputs[at]?.sources ?? []);
  }

  /** Predicts one batch from a place on, of inputs that are not predicted yet. @returns why it failed */
  private async predictFrom(
    model: protocol.OpenedModel,
    request: LatestRequest,
    from: number,
    insist: boolean,
  ): Promise<LayerglassError | null> {
    const { version } = this;
    const places: number[] = [];
    for (let at = from; at < this.known.length && places.length < this.batch; at += 1) {
      if (this.known[at] === null) places.push(at);
      else if (places.length > 0) break;
    }
    const start = performance.now();
    const answer = await request.ask(protocol.predictInputs, {
      ...{
        modelId: model.modelId,
        inputs: this.sourcesAt(places),
        preprocessing: this.preprocessing,
        output: this.shownOutput,
        insist,
      },
    });
    if (!answer.ok) return answer.error;
    // The list was made again while the answer was on its way.
    if (version !== this.version) return null;
    const { kind, predictions } = answer.value;
    this.outputKind ??= kind;
    for (const [i, at] of places.entries()) this.known[at] = predictions[i] ?? MISSING;
    this.adapt(performance.now() - start);
    this.events.predicted(places[0] ?? 0, predictions);
    return null;
  }

  private adapt(time: number): void {
    const at = BATCHES.indexOf(this.batch);
    const next = time < SHORT ? at + 1 : time > LONG ? at - 1 : at;
    this.batch = BATCHES[Math.min(BATCHES.length - 1, Math.max(0, next))] ?? FIRST_BATCH;
  }
}
