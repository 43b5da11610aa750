import type { Result } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { BackendStatus } from '../../shared/model';
import type { Scores } from '../explain/score';
import { PartReader } from '../inputs/partReader';
import type { BackendOptions, Runtime } from '../run/backends/backend';
import { startBackend } from '../run/backends/backend';
import type { Control } from '../run/control';
import type { Trace } from '../run/trace';
import { type ManyRunsRequest, manyRuns } from './manyRuns';
import { manyScores, type ScoresRequest } from './manyScores';
import type { MemoryLimits } from './memoryLimits';
import { memoryLimits } from './memoryLimits';
import type { OpenModel, OpenModelsOptions } from './openModels';
import { OpenModels } from './openModels';
import type { Run, RunOptions } from './runs';
import { Runs } from './runs';
import { SerialQueue } from './serialQueue';

export type SessionOptions = BackendOptions & OpenModelsOptions;

/** Open models and everything computed with them, in one process: the command line or the compute process. */
export class Session {
  private readonly models: OpenModels;
  private readonly runs: Runs;
  private runtime: Promise<Runtime> | null = null;
  /** One computation at a time; opening a model does not wait for it. */
  private readonly queue = new SerialQueue();
  private readonly reader = new PartReader();

  constructor(
    private readonly options: SessionOptions,
    private readonly onBackend: (status: BackendStatus) => void = () => {},
    private readonly limits: MemoryLimits = memoryLimits(),
  ) {
    this.runs = new Runs(limits);
    // After the computation that may still be using the model.
    this.models = new OpenModels(options, (model, close) => {
      void this.queue.run(() => {
        if (close()) this.runs.release(model);
      });
    });
  }

  /** Opens a model or adds a reference to it (see `OpenModels.open`). Reads the structure only. @throws Failure */
  open(path: string, architecture?: string): Promise<OpenModel> {
    return this.models.open(path, architecture);
  }

  /** Opens a model at a given version of its files. @throws Failure `closed` when they have changed since. */
  openVersion(path: string, version: string, architecture?: string): Promise<OpenModel> {
    return this.models.openVersion(path, version, architecture);
  }

  /**
   * Prepares the first run of a model without reading weights. The model is closed immediately and lingers until the next
   * request.
   * @throws Failure
   */
  async prepare(path: string, architecture?: string): Promise<void> {
    const { id, file } = await this.models.open(path, architecture);
    this.models.close(id);
    const { weights } = file;
    const indexed = weights.packed ? null : weights.index();
    await Promise.all([this.backend(), indexed]);
  }

  /** Prepares the first run of an open model before its input is known (see `Runs.warmUp`). @throws Failure */
  warmUp(id: string, control: Control, work: (run: Run) => Promise<unknown>): Promise<void> {
    return this.queue.run(async () =>
      this.runs.warmUp(this.models.get(id), await this.backend(), control, work),
    );
  }

  /**
   * Calls `work` with the most recently used trace, if it is still there, and records the next run of its model (see `Runs.recordNext`).
   * For a moment in which nobody waits.
   */
  prepareNext(work: (trace: Trace) => Promise<void>, control: Control): Promise<void> {
    return this.queue.run(async () => {
      const { latest } = this.runs;
      if (latest) await work(latest);
      await this.runs.recordNext(control);
    });
  }

  /** Releases one reference. @param atOnce see `OpenModels.close` */
  close(id: string, atOnce = false): void {
    this.models.close(id, atOnce);
  }

  get(id: string): OpenModel {
    return this.models.get(id);
  }

  /** The newest open version of the model at this path. */
  find(path: string): OpenModel | undefined {
    return this.models.find(path);
  }

  /** Bytes of the values, gradients and weights that are kept. */
  get keptBytes(): number {
    return this.runs.bytes;
  }

  /** The backend, started when it is first needed. @throws Failure `backend` */
  backend(): Promise<Runtime> {
    this.runtime ??= startBackend({ ...this.options, maxBytes: this.limits.process }).then(
      (runtime) => {
        this.onBackend(runtime.status);
        return runtime;
      },
      (thrown) => {
        this.runtime = null;
        throw thrown;
      },
    );
    return this.runtime;
  }

  /**
   * The scores of one output of a model for many examples, each with one source per model input. Nothing of them is kept.
   * @throws Failure as `manyScores`
   */
  scores(id: string, request: Omit<ScoresRequest, 'reader'>, control: Control): Promise<Result<Scores>[]> {
    return this.queue.run(async () => {
      const asked = { ...request, reader: this.reader };
      return manyScores(this.runs, this.models.get(id), await this.backend(), asked, control);
    });
  }

  /**
   * Answers a question about many examples, several in a run where they can be. Nothing of them is kept.
   * @throws Failure as `manyRuns`
   */
  runEach<T>(id: string, request: Omit<ManyRunsRequest<T>, 'reader'>, control: Control): Promise<void> {
    return this.queue.run(async () => {
      const asked = { ...request, reader: this.reader };
      return manyRuns(this.runs, this.models.get(id), await this.backend(), asked, control);
    });
  }

  /**
   * Calls `work` with the trace of a model on its inputs. Computations run one at a time; the trace stays valid during `work`.
   * @param sources one per model input.
   * @param options how the inputs are read, if not as in the editor; whether a costly run is made.
   * @throws Failure `too-costly` for a run that needs `options.insist`, and the failures of reading and running.
   */
  run<T>(
    id: string,
    sources: readonly InputSource[],
    preprocessing: Preprocessing,
    control: Control,
    work: (run: Run) => Promise<T>,
    options: RunOptions = {},
  ): Promise<T> {
    return this.queue.run(async () => {
      const model = this.models.get(id);
      const request = { sources, preprocessing, ...options };
      const { weights } = model.file;
      // The library that reads them is compiled while the backend starts. What is wrong with them the run says.
      if (!this.runtime && !weights.packed) void weights.index().catch(() => {});
      try {
        return await work(await this.runs.get(model, await this.backend(), request, control));
      } finally {
        this.runs.trim();
      }
    });
  }
}
