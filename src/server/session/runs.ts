import { isDeepStrictEqual } from 'node:util';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { Shape } from '../../shared/model';
import { sidecarPath } from '../../shared/sidecar';
import type { Walks } from '../explain/explain';
import { MAX_PASS_BYTES } from '../explain/passes';
import type { Graph } from '../graph/graph';
import type { LoadedInput } from '../inputs/loadedInput';
import type { LazyComputation, Runtime } from '../run/backends/backend';
import { type Control, checkpoint } from '../run/control';
import { RecordedRun } from '../run/recordedRun';
import type { Trace } from '../run/trace';
import { runForward, runnableKind } from '../run/trace';
import { WeightCache } from '../run/weights/weightCache';
import type { Weights } from '../run/weights/weights';
import { fileVersion, inputVersions } from './fileVersion';
import type { MemoryLimits } from './memoryLimits';
import type { InputReadOptions } from './modelInputs';
import { inputDtype, loadInputs } from './modelInputs';
import { failChanged, type OpenModel, settingsFile } from './openModels';
import type { RunCost } from './runCost';
import { checkCost, costOf, secondsOf } from './runCost';
import { RecentWalks } from './walks';

/** One input of a model run, and everything computed from it so far. */
export interface Run {
  readonly model: OpenModel;
  readonly trace: Trace;
  readonly inputs: readonly LoadedInput[];
  readonly walks: Walks;
  /** Equal for equal models, files and read options. */
  readonly key: string;
  /** Milliseconds of this call; 0 for a cached run. */
  readonly loadTime: number;
  readonly forwardTime: number;
}

export interface RunOptions extends InputReadOptions {
  /** The user wants the run at any cost. */
  readonly insist?: boolean;
}

/** The inputs of a run. */
export interface RunRequest extends RunOptions {
  /** One per model input. */
  readonly sources: readonly InputSource[];
  readonly preprocessing: Preprocessing;
}

interface KeptRun {
  readonly model: OpenModel;
  readonly trace: Trace;
  /** Of the trace. */
  readonly traceBytes: number;
  readonly inputs: readonly LoadedInput[];
  readonly walks: RecentWalks;
}

/** A run that takes longer is not made before somebody requests it: it cannot be interrupted on every backend. */
const MAX_WARM_UP_SECONDS = 2;

/** Weights, traces and walks of all models: the one owner of all tensors. Calls must not overlap. */
export class Runs {
  private readonly weights = new Map<string, WeightCache>();
  /** Of all models; the most recently used run is last. */
  private readonly kept = new Map<string, KeptRun>();
  /** Of the backend, which frees what it compiled of a model with the model's weights. */
  private lazy: LazyComputation | undefined;
  /** The next run of one model, see `recordNext`. */
  private recorded: RecordedRun | null = null;
  /** Models whose runs depend on the values of their inputs. */
  private readonly unrecordable = new WeakSet<Graph>();

  constructor(private readonly limits: MemoryLimits) {}

  /** The trace of a model on its inputs: from the cache, or by one forward pass. Valid until the next call. */
  async get(model: OpenModel, runtime: Runtime, request: RunRequest, control: Control): Promise<Run> {
    const {
      sources,
      preprocessing,
      preprocessArrays = false,
      wholeBatch = false,
      insist = false,
      read,
    } = request;
    const reading = { preprocessArrays, wholeBatch };
    const { path, version } = model;
    refuseWeightsOnly(model);
    // The settings beside the model name its letters and columns.
    const settings = fileVersion(sidecarPath(settingsFile(model)));
    const key = JSON.stringify([
      path,
      version,
      model.architecture,
      settings,
      preprocessing,
      reading,
      inputVersions(sources),
    ]);
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return { ...known, key, loadTime: 0, forwardTime: 0 };
    }
    if (fileVersion(model.path, model.companionFiles) !== model.version) {
      // Weights are read on demand: those of another version must not be mixed in.
      return failChanged(model.path);
    }
    const cost = (shapes: readonly Shape[]): RunCost => {
      const estimate = costOf(model.graph, shapes);
      if (!insist) checkCost(model.path, estimate, runtime.status.name, this.limits.run);
      return estimate;
    };
    // First with the declared shapes, before anything is read, then with the actual shapes if they differ.
    const declared = declaredShapes(model);
    const expected = cost(declared);
    const inputs = await loadInputs(model, sources, preprocessing, { ...reading, ...(read && { read }) });
    const given = inputs.map(({ shape }) => shape);
    const { bytes } = isDeepStrictEqual(given, declared) ? expected : cost(given);
    this.makeRoom(bytes, model);
    const run = await this.compute(model, runtime, inputs, control, insist);
    this.kept.set(key, run);
    return { ...run, key, loadTime: run.trace.loadTime, forwardTime: run.trace.forwardTime };
  }

  /**
   * Prepares the first run of a model before its input is known: reads its weights and, where a run is short, makes one on random
   * inputs and calls `work` with it, so that the backend has compiled what the first real run needs. Evicts nothing; the run is not kept.
   */
  async warmUp(
    model: OpenModel,
    runtime: Runtime,
    control: Control,
    work: (run: Run) => Promise<unknown>,
  ): Promise<void> {
    const { graph } = model;
    if (graph.summary.weightsOnly) return;
    const shapes = declaredShapes(model);
    const cost = costOf(graph, shapes);
    const needed = cost.bytes + graph.params.total * 4;
    if (this.weights.has(model.id) || this.bytes + needed > this.limits.kept) return;
    const weights = this.weightsOf(model, runtime);
    for (const node of graph.nodes.values()) {
      await checkpoint(control, 0, '');
      if (runnableKind(node)) await weights.of(node);
    }
    const isClosed = shapes.every((shape) => !shape.includes(null));
    if (!isClosed || secondsOf(cost, runtime.status.name) > MAX_WARM_UP_SECONDS) return;
    const sources = shapes.map((): InputSource => ({ kind: 'random', seed: 0 }));
    const run = await this.get(model, runtime, { sources, preprocessing: { name: 'none' } }, control);
    try {
      await work(run);
    } finally {
      const kept = this.kept.get(run.key);
      this.kept.delete(run.key);
      if (kept) disposeRun(kept);
    }
  }

  /**
   * Calls `work` with the weights of a model and room for passes of which nothing is kept.
   *
   * @param work gets the limit of the values of one pass
   * @throws Failure `too-costly` where one example needs `insist`, `closed`, `weights-only`, and those of `work`
   */
  async withWeights<T>(
    model: OpenModel,
    runtime: Runtime,
    insist: boolean,
    work: (weights: Weights, maxBytes: number) => Promise<T>,
  ): Promise<T> {
    refuseWeightsOnly(model);
    if (fileVersion(model.path, model.companionFiles) !== model.version) return failChanged(model.path);
    const cost = costOf(model.graph, declaredShapes(model));
    if (!insist) checkCost(model.path, cost, runtime.status.name, this.limits.run);
    this.makeRoom(Math.max(cost.bytes, MAX_PASS_BYTES), model);
    this.lazy = runtime.lazy;
    return work(this.weightsOf(model, runtime), insist ? Number.POSITIVE_INFINITY : this.limits.run);
  }

  /** Evicts the oldest runs until the rest is within the limit, except the most recent one. Called after each use of a run. */
  trim(): void {
    const { newest } = this;
    if (newest) this.evict(this.limits.kept, newest.model, newest);
  }

  /** The most recently used trace. */
  get latest(): Trace | null {
    return this.newest?.trace ?? null;
  }

  private get newest(): KeptRun | undefined {
    return [...this.kept.values()].at(-1);
  }

  /**
   * Records the next run of the model that was used last, on inputs of the same shapes: recording the layers of a light network takes a
   * third of the time of computing them. For a moment in which nobody waits.
   */
  async recordNext(control: Control): Promise<void> {
    const { newest } = this;
    if (!newest) return;
    const { graph, id } = newest.model;
    const weights = this.weights.get(id);
    if (!weights || this.recorded?.graph === graph || this.unrecordable.has(graph)) return;
    this.dropRecorded();
    const { runtime } = newest.trace;
    const types = newest.inputs.map(({ strings, shape }, i) => ({
      shape: [...shape],
      dtype: strings ? ('string' as const) : inputDtype(graph, i),
    }));
    this.recorded = await RecordedRun.record(runtime, graph, weights, types, control, this.limits.run);
    if (!this.recorded && !control.isCancelled()) this.unrecordable.add(graph);
  }

  private dropRecorded(graph = this.recorded?.graph): void {
    if (this.recorded?.graph !== graph) return;
    this.recorded?.dispose();
    this.recorded = null;
  }

  /** Frees everything that was computed with a model. */
  release(model: OpenModel): void {
    this.dropRecorded(model.graph);
    for (const [key, run] of this.kept) {
      if (run.model.id !== model.id) continue;
      this.kept.delete(key);
      disposeRun(run);
    }
    this.weights.get(model.id)?.dispose();
    this.weights.delete(model.id);
  }

  /** Bytes of all kept values, gradients and weights, also those in compiled graphs. */
  get bytes(): number {
    let sum = this.lazy?.compiledBytes ?? 0;
    for (const { traceBytes, walks } of this.kept.values()) sum += traceBytes + walks.bytes;
    for (const weights of this.weights.values()) sum += weights.bytes;
    return sum;
  }

  /** Evicts old runs and the weights of other models before a new run of `model`. */
  private makeRoom(bytes: number, model: OpenModel): void {
    this.evict(Math.max(0, this.limits.kept - bytes), model, null);
  }

  /** Evicts the oldest runs of any model, then the weights of models other than `current`. */
  private evict(limit: number, current: OpenModel, inUse: KeptRun | null): void {
    for (const [key, run] of this.kept) {
      if (this.bytes <= limit) return;
      if (run === inUse) continue;
      this.kept.delete(key);
      disposeRun(run);
    }
    for (const [id, weights] of this.weights) {
      if (this.bytes <= limit) return;
      if (id === current.id) continue;
      this.dropRecorded(weights.graph);
      this.weights.delete(id);
      weights.dispose();
    }
  }

  /** The recorded run on these inputs, if there is one. @throws Failure as `RecordedRun.complete` */
  private takeRecorded({ graph }: OpenModel, inputs: ReturnType<typeof inputTensors>): Trace | null {
    const { recorded } = this;
    if (recorded?.graph !== graph) return null;
    if (!recorded.fits(inputs)) {
      this.dropRecorded();
      return null;
    }
    this.recorded = null;
    return recorded.complete(inputs);
  }

  private weightsOf(model: OpenModel, runtime: Runtime): WeightCache {
    const known = this.weights.get(model.id);
    if (known) return known;
    const weights = new WeightCache(runtime, model.graph, model.file.weights);
    this.weights.set(model.id, weights);
    return weights;
  }

  private async compute(
    model: OpenModel,
    runtime: Runtime,
    inputs: readonly LoadedInput[],
    control: Control,
    insist: boolean,
  ): Promise<KeptRun> {
    const weights = this.weightsOf(model, runtime);
    this.lazy = runtime.lazy;
    const tensors = inputTensors(runtime, model.graph, inputs);
    try {
      const maxBytes = insist ? Number.POSITIVE_INFINITY : this.limits.run;
      const trace =
        this.takeRecorded(model, tensors) ??
        (await runForward(runtime, model.graph, weights, tensors, control, { maxBytes }));
      return { model, trace, traceBytes: trace.bytes, inputs, walks: new RecentWalks(trace) };
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}

/** @throws Failure `weights-only` */
function refuseWeightsOnly({ path, graph }: OpenModel): void {
  const { weightsOnly } = graph.summary;
  if (weightsOnly) fail('weights-only', weightsOnly.why, { remedy: weightsOnly.remedy, subject: path });
}

/** One tensor for each input of a model; the caller disposes them. */
export const inputTensors = ({ tf }: Runtime, graph: Graph, inputs: readonly LoadedInput[]) =>
  inputs.map((input, i) =>
    input.strings
      ? tf.tensor([...input.strings], [...input.shape], 'string')
      : tf.tensor(input.values, [...input.shape], inputDtype(graph, i)),
  );

/** Shapes of one example; open axes are `null`. */
export const declaredShapes = ({ graph }: OpenModel): Shape[] =>
  graph.inputs.map((path) => {
    const [, ...rest] = graph.nodes.get(path)?.outputShapes[0] ?? [];
    return [1, ...rest];
  });

function disposeRun(run: KeptRun): void {
  run.walks.dispose();
  run.trace.dispose();
}
