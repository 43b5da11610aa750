import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { BackendStatus } from '../../shared/model';
import type { BackendOptions, Runtime } from '../run/backends/backend';
import { startBackend } from '../run/backends/backend';
import type { Control } from '../run/control';
import type { MemoryLimits } from './memoryLimits';
import { memoryLimits } from './memoryLimits';
import type { OpenModel, OpenModelsOptions } from './openModels';
import { OpenModels } from './openModels';
import type { Run, RunOptions } from './runs';
import { failChanged, Runs } from './runs';
import { Turns } from './turns';

export type SessionOptions = BackendOptions & OpenModelsOptions;

/** Open models and what is computed with them, in one process: of the command line and of the compute process. */
export class Session {
  private readonly models: OpenModels;
  private readonly runs: Runs;
  private runtime: Promise<Runtime> | null = null;
  /** One computation at a time; openings do not wait for it. */
  private readonly turns = new Turns();

  constructor(
    private readonly options: SessionOptions,
    private readonly onBackend: (status: BackendStatus) => void = () => {},
    limits: MemoryLimits = memoryLimits(),
  ) {
    this.runs = new Runs(limits);
    // After the computation that may still be using the model.
    this.models = new OpenModels(options, (model, close) => {
      void this.turns.take(() => {
        if (close()) this.runs.forget(model);
      });
    });
  }

  /** Opens a model or adds a reference to it. Reads the structure only. @throws Failure */
  open(path: string): Promise<OpenModel> {
    return this.models.open(path);
  }

  /** Opens the model whose files are those that somebody else read. @throws Failure `closed` when they have changed since. */
  async openVersion(path: string, version: string): Promise<OpenModel> {
    const model = await this.models.open(path);
    if (model.version === version) return model;
    this.models.close(model.id);
    return failChanged(path);
  }

  /**
   * Gets everything ready for a first run of a model, but reads no weights. Given back at once, the model lingers until it
   * is asked about.
   * @throws Failure
   */
  async prepare(path: string): Promise<void> {
    const { id, file } = await this.models.open(path);
    this.models.close(id);
    const { weights } = file;
    const indexed = weights.packed ? null : weights.index();
    await Promise.all([this.backend(), indexed]);
  }

  /** Gives back one reference. */
  close(id: string): void {
    this.models.close(id);
  }

  get(id: string): OpenModel {
    return this.models.get(id);
  }

  /** A model that is open under this path, the newest version. */
  find(path: string): OpenModel | undefined {
    return this.models.find(path);
  }

  /** Bytes of the values, gradients and weights that are kept. */
  get keptBytes(): number {
    return this.runs.bytes;
  }

  /** The backend, started when it is first needed. @throws Failure `backend` */
  backend(): Promise<Runtime> {
    this.runtime ??= startBackend(this.options).then(
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
   * Does `work` with the trace of a model on its inputs. Computations take turns; the trace stays valid while `work` runs.
   * @param sources one for each of the model's inputs.
   * @param options how the inputs are read, where it differs from the editor's way; whether the run is made at any cost.
   * @throws Failure `too-costly` for a run that only `options.insist` makes, and whatever reading and running say.
   */
  run<T>(
    id: string,
    sources: readonly InputSource[],
    preprocessing: Preprocessing,
    control: Control,
    work: (run: Run) => Promise<T>,
    options: RunOptions = {},
  ): Promise<T> {
    return this.turns.take(async () => {
      const model = this.models.get(id);
      const request = { sources, preprocessing, ...options };
      try {
        return await work(await this.runs.get(model, await this.backend(), request, control));
      } finally {
        this.runs.trim();
      }
    });
  }
}
