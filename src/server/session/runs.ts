import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fail } from '../../shared/errors';
import type { InputSource, Preprocessing } from '../../shared/inputs';
import type { Shape } from '../../shared/model';
import type { Walks } from '../explain/explain';
import type { LoadedInput } from '../inputs/loadedInput';
import type { Runtime } from '../run/backends/backend';
import type { Control } from '../run/control';
import type { Trace } from '../run/trace';
import { runForward } from '../run/trace';
import { WeightCache } from '../run/weights/weightCache';
import { fileVersion, inputVersions } from './fileVersion';
import type { MemoryLimits } from './memoryLimits';
import type { Reading } from './modelInputs';
import { inputDtype, loadInputs } from './modelInputs';
import type { OpenModel } from './openModels';
import type { RunCost } from './runCost';
import { checkCost, costOf } from './runCost';
import { RecentWalks } from './walks';

/** One input of a model run, and everything computed from it so far. */
export interface Run {
  readonly model: OpenModel;
  readonly trace: Trace;
  readonly inputs: readonly LoadedInput[];
  readonly walks: Walks;
  /** The same for the same model, files and reading. */
  readonly key: string;
  /** Milliseconds of this call: 0 where the cache answered. */
  readonly loadTime: number;
  readonly forwardTime: number;
}

export interface RunOptions extends Reading {
  /** The user wants the run whatever it costs. */
  readonly insist?: boolean;
}

/** What a model is run on. */
export interface RunRequest extends RunOptions {
  /** One for each of the model's inputs. */
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

/** Weights, traces and walks of all models: the one owner of all tensors. Calls must not overlap. */
export class Runs {
  private readonly weights = new Map<string, WeightCache>();
  /** Over all models, the one used last at the end. */
  private readonly kept = new Map<string, KeptRun>();

  constructor(private readonly limits: MemoryLimits) {}

  /** The trace of a model on its inputs: from the cache, or by one forward pass. Valid until the next call. */
  async get(model: OpenModel, runtime: Runtime, request: RunRequest, control: Control): Promise<Run> {
    const { sources, preprocessing, preprocessArrays = false, wholeBatch = false, insist = false } = request;
    const reading = { preprocessArrays, wholeBatch };
    const { path, version } = model;
    const key = JSON.stringify([path, version, preprocessing, reading, inputVersions(sources)]);
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return { ...known, key, loadTime: 0, forwardTime: 0 };
    }
    if (fileVersion(model.path, model.companionFiles) !== model.version) {
      // Weights are read when they are needed: those of another model must not get into this one.
      return failChanged(model.path);
    }
    const cost = (shapes: readonly Shape[]): RunCost => {
      const estimate = costOf(model.graph, shapes);
      if (!insist) checkCost(model.path, estimate, runtime.status.name, this.limits.run);
      return estimate;
    };
    // With the shapes that the model declares, before anything is read, and then with those that it gets if they differ.
    const declared = declaredShapes(model);
    const expected = cost(declared);
    const inputs = await loadInputs(model, sources, preprocessing, reading);
    const given = inputs.map(({ shape }) => shape);
    const { bytes } = isDeepStrictEqual(given, declared) ? expected : cost(given);
    this.makeRoom(bytes, model);
    const run = await this.compute(model, runtime, inputs, control, insist);
    this.kept.set(key, run);
    return { ...run, key, loadTime: run.trace.loadTime, forwardTime: run.trace.forwardTime };
  }

  /** Lets the oldest go until what is kept is within its limit; the run used last stays. Called after each use of a run. */
  trim(): void {
    const newest = [...this.kept.values()].at(-1);
    if (newest) this.letGo(this.limits.kept, newest.model, newest);
  }

  /** Lets go of everything that was computed with a model. */
  forget(model: OpenModel): void {
    for (const [key, run] of this.kept) {
      if (run.model.id !== model.id) continue;
      this.kept.delete(key);
      disposeRun(run);
    }
    this.weights.get(model.id)?.dispose();
    this.weights.delete(model.id);
  }

  /** Of all that is kept: values, gradients and weights. */
  get bytes(): number {
    let sum = 0;
    for (const { traceBytes, walks } of this.kept.values()) sum += traceBytes + walks.bytes;
    for (const weights of this.weights.values()) sum += weights.bytes;
    return sum;
  }

  /** Lets old runs and other models' weights go for a run of `model` that is about to be made. */
  private makeRoom(bytes: number, model: OpenModel): void {
    this.letGo(Math.max(0, this.limits.kept - bytes), model, null);
  }

  /** The oldest runs first, whatever model they are of, then the weights of models other than `current`. */
  private letGo(limit: number, current: OpenModel, inUse: KeptRun | null): void {
    for (const [key, run] of this.kept) {
      if (this.bytes <= limit) return;
      if (run === inUse) continue;
      this.kept.delete(key);
      disposeRun(run);
    }
    for (const [id, weights] of this.weights) {
      if (this.bytes <= limit) return;
      if (id === current.id) continue;
      this.weights.delete(id);
      weights.dispose();
    }
  }

  private async compute(
    model: OpenModel,
    runtime: Runtime,
    inputs: readonly LoadedInput[],
    control: Control,
    insist: boolean,
  ): Promise<KeptRun> {
    let weights = this.weights.get(model.id);
    if (!weights) {
      weights = new WeightCache(runtime, model.graph, model.file.weights);
      this.weights.set(model.id, weights);
    }
    const { tf } = runtime;
    const tensors = inputs.map((input, i) =>
      input.strings
        ? tf.tensor([...input.strings], [...input.shape], 'string')
        : tf.tensor(input.values, [...input.shape], inputDtype(model.graph, i)),
    );
    try {
      const maxBytes = insist ? Number.POSITIVE_INFINITY : this.limits.run;
      const trace = await runForward(runtime, model.graph, weights, tensors, control, { maxBytes });
      return { model, trace, traceBytes: trace.bytes, inputs, walks: new RecentWalks(trace) };
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}

export function failChanged(path: string): never {
  return fail('closed', `${basename(path)} has changed since it was opened.`, {
    subject: path,
    remedy: 'Open it again.',
  });
}

/** One example; an axis that the model leaves open is not known. */
const declaredShapes = ({ graph }: OpenModel): Shape[] =>
  graph.inputs.map((path) => {
    const [, ...rest] = graph.nodes.get(path)?.outputShapes[0] ?? [];
    return [1, ...rest];
  });

function disposeRun(run: KeptRun): void {
  run.walks.dispose();
  run.trace.dispose();
}
