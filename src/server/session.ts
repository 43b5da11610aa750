import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fail, toError } from '../shared/errors';
import type { InputSource, Preprocessing } from '../shared/inputs';
import type { BackendStatus } from '../shared/model';
import { loadCustomLayers } from './customLayers';
import type { Walks } from './explain/explain';
import type { ModelFile } from './formats/modelFile';
import { openModelFile } from './formats/open';
import { buildGraph } from './graph/build';
import { buildOpGraph } from './graph/buildOpGraph';
import type { Graph } from './graph/graph';
import { OpConfig } from './graph/opConfig';
import { unreached } from './graph/unreached';
import type { InputSpec, LoadedInput } from './inputs/loadedInput';
import { readInput } from './inputs/readInput';
import { findOp } from './layers/graphOps/ops';
import { findKind, setCustomKinds } from './layers/registry';
import type { BackendOptions, Runtime } from './run/backend';
import { startBackend } from './run/backend';
import type { RectifierRule, Seed } from './run/backward';
import { BackwardWalk } from './run/backward';
import type { Control } from './run/control';
import type { Trace } from './run/trace';
import { runForward } from './run/trace';
import { WeightCache } from './run/weightCache';

/** A model that nobody refers to any more is kept this long, so that closing and opening again costs nothing. */
const LINGER_MS = 10_000;
/** Values of traces kept over all models; the oldest are let go first. */
const TRACE_BUDGET_BYTES = 1.5 * 2 ** 30;

export interface SessionOptions extends BackendOptions {
  /** Absolute paths of JavaScript modules that implement a person's own layers. */
  readonly customLayers?: readonly string[];
}

export interface OpenModel {
  readonly id: string;
  readonly path: string;
  /** Further files that it is made of. */
  readonly also: readonly string[];
  readonly graph: Graph;
  readonly defaultPreprocessing: Preprocessing;
}

/** How inputs are read. */
export interface Reading {
  /** A person chose the preprocessing for these very inputs: then it is for arrays, too. */
  readonly preprocessArrays?: boolean;
  /** Arrays keep all their samples; else the first one is taken. */
  readonly wholeBatch?: boolean;
}

/** One input of a model run, and everything computed from it so far. */
export interface Run {
  readonly model: OpenModel;
  readonly trace: Trace;
  readonly inputs: readonly LoadedInput[];
  readonly walks: Walks;
  /** Milliseconds of this call: 0 where the cache answered. */
  readonly loadTime: number;
  readonly forwardTime: number;
}

interface Kept extends OpenModel {
  readonly file: ModelFile;
  readonly version: string;
  references: number;
  linger: NodeJS.Timeout | null;
  weights: WeightCache | null;
  readonly runs: Map<string, KeptRun>;
}

interface KeptRun {
  readonly trace: Trace;
  readonly inputs: readonly LoadedInput[];
  readonly walks: KeptWalks;
}

/** The open models, their weights and traces; the one owner of all tensors. */
export class Session {
  private readonly models = new Map<string, Kept>();
  private readonly reading = new Map<string, Promise<Kept>>();
  private runtime: Promise<Runtime> | null = null;
  /** Custom layers are loaded before the first model; what went wrong with them. */
  private customLayers: Promise<readonly string[]> | null = null;
  private nextId = 1;
  /** One computation at a time; hovers and openings do not wait for it. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly options: SessionOptions,
    private readonly onBackend: (status: BackendStatus) => void = () => {},
    private readonly traceBudget = TRACE_BUDGET_BYTES,
  ) {}

  /** Opens a model or adds a reference to it. Reads the structure only. */
  async open(path: string): Promise<OpenModel> {
    const absolute = resolve(path);
    const known = [...this.models.values()].find(
      (m) => m.path === absolute && m.version === versionOf(absolute, m.also),
    );
    const kept = known ?? (await this.readOnce(absolute));
    if (kept.linger) clearTimeout(kept.linger);
    kept.linger = null;
    kept.references++;
    return kept;
  }

  /** Whoever asks while a file is being read gets the same model. */
  private readOnce(path: string): Promise<Kept> {
    const key = `${versionOf(path)} ${path}`;
    const reading = this.reading.get(key);
    if (reading) return reading;
    const mine = this.read(path).finally(() => this.reading.delete(key));
    this.reading.set(key, mine);
    return mine;
  }

  /** @throws Failure for a module that cannot be used where `strict` is set; else it is a notice of each model. */
  private async useCustomLayers(): Promise<readonly string[]> {
    try {
      setCustomKinds(await loadCustomLayers(this.options.customLayers ?? []));
      return [];
    } catch (thrown) {
      if (this.options.strict) throw thrown;
      const { message, remedy } = toError(thrown);
      return [remedy === undefined ? message : `${message} ${remedy}`];
    }
  }

  private async read(path: string): Promise<Kept> {
    this.customLayers ??= this.useCustomLayers();
    const notices = await this.customLayers;
    const opened = await openModelFile(path);
    try {
      const { file, graph: built } = shownAs(opened);
      const also = [...(file.path === path ? [] : [file.path]), ...(file.also ?? [])];
      const all = [...(file.notices ?? []), ...built.summary.notices, ...notices];
      const summary = { ...built.summary, notices: all };
      const graph = { ...built, summary };
      const kept: Kept = {
        id: `model-${this.nextId++}`,
        path,
        graph,
        defaultPreprocessing: choosePreprocessing(graph),
        file,
        also,
        version: versionOf(path, also),
        references: 0,
        linger: null,
        weights: null,
        runs: new Map(),
      };
      this.models.set(kept.id, kept);
      return kept;
    } catch (thrown) {
      opened.close();
      throw thrown;
    }
  }

  /** Gives back one reference. */
  close(id: string): void {
    const kept = this.models.get(id);
    if (!kept || kept.references === 0) return;
    kept.references--;
    if (kept.references > 0) return;
    kept.linger = setTimeout(() => this.release(kept), LINGER_MS).unref();
  }

  get(id: string): OpenModel {
    return this.kept(id);
  }

  /** A model that is open under this path, whichever version. */
  find(path: string): OpenModel | undefined {
    const absolute = resolve(path);
    return [...this.models.values()].findLast((kept) => kept.path === absolute);
  }

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
   * Does `work` with the trace of a model on its inputs: from the cache, or by one forward pass.
   * Computations take turns; the trace stays valid while `work` runs.
   * @param reading how the inputs are read, where it differs from the editor's way.
   */
  run<T>(
    id: string,
    sources: readonly InputSource[],
    preprocessing: Preprocessing,
    control: Control,
    work: (run: Run) => Promise<T>,
    reading: Reading = {},
  ): Promise<T> {
    const mine = this.turn.then(async () => {
      const kept = this.kept(id);
      const runtime = await this.backend();
      return work(await this.trace(kept, runtime, sources, preprocessing, reading, control));
    });
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async trace(
    kept: Kept,
    runtime: Runtime,
    sources: readonly InputSource[],
    preprocessing: Preprocessing,
    reading: Reading,
    control: Control,
  ): Promise<Run> {
    const key = JSON.stringify([
      preprocessing,
      reading,
      sources.map((s) => [s, s.kind === 'file' ? versionOf(s.path) : '']),
    ]);
    const known = kept.runs.get(key);
    if (known) {
      // Moved to the end: the youngest.
      kept.runs.delete(key);
      kept.runs.set(key, known);
      return { model: kept, ...known, loadTime: 0, forwardTime: 0 };
    }
    if (versionOf(kept.path, kept.also) !== kept.version) {
      // Weights are read when they are needed: those of another model must not get into this one.
      return fail('closed', `${basename(kept.path)} has changed since it was opened.`, {
        subject: kept.path,
        remedy: 'Open it again.',
      });
    }
    const inputs = await loadInputs(kept, sources, preprocessing, reading);
    kept.weights ??= new WeightCache(runtime, kept.graph, kept.file.weights);
    const { tf } = runtime;
    const tensors = inputs.map((input, i) =>
      input.strings
        ? tf.tensor([...input.strings], [...input.shape], 'string')
        : tf.tensor(input.values, [...input.shape], inputDtype(kept.graph, i)),
    );
    try {
      const trace = await runForward(runtime, kept.graph, kept.weights, tensors, control);
      const run: KeptRun = { trace, inputs, walks: new KeptWalks(trace) };
      kept.runs.set(key, run);
      this.keepWithinBudget(run);
      return { model: kept, ...run, loadTime: trace.loadTime, forwardTime: trace.forwardTime };
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }

  private keepWithinBudget(newest: KeptRun): void {
    const all = [...this.models.values()].flatMap((kept) =>
      [...kept.runs].map(([key, run]) => ({ kept, key, run })),
    );
    let sum = all.reduce((bytes, { run }) => bytes + sizeOf(run), 0);
    for (const { kept, key, run } of all) {
      if (sum <= this.traceBudget) return;
      if (run === newest) continue;
      sum -= sizeOf(run);
      kept.runs.delete(key);
      disposeRun(run);
    }
  }

  private kept(id: string): Kept {
    const kept = this.models.get(id);
    return kept ?? fail('closed', 'This model is no longer open.', { remedy: 'Open it again.' });
  }

  private release(kept: Kept): void {
    // After the computation that may still be using it.
    this.turn = this.turn.then(() => {
      if (kept.references > 0) return;
      this.models.delete(kept.id);
      for (const run of kept.runs.values()) disposeRun(run);
      kept.weights?.dispose();
      kept.file.close();
    });
  }
}

/** Twice, because a walk keeps about as much as the trace it goes back through. */
const sizeOf = (run: KeptRun): number => run.trace.bytes * 2;

function disposeRun(run: KeptRun): void {
  run.walks.dispose();
  run.trace.dispose();
}

/** Walks of one trace; only the youngest few are kept. */
class KeptWalks implements Walks {
  private static readonly MOST = 4;
  private readonly walks = new Map<string, BackwardWalk>();

  constructor(private readonly trace: Trace) {}

  get(key: string, rule: RectifierRule, seed: () => Seed): BackwardWalk {
    const known = this.walks.get(key);
    if (known) return known;
    const walk = new BackwardWalk(this.trace, seed(), rule);
    this.walks.set(key, walk);
    const [oldest] = this.walks.keys();
    if (this.walks.size > KeptWalks.MOST && oldest !== undefined) {
      this.walks.get(oldest)?.dispose();
      this.walks.delete(oldest);
    }
    return walk;
  }

  dispose(): void {
    for (const walk of this.walks.values()) walk.dispose();
    this.walks.clear();
  }
}

/** Changes when the file does, or one of `also`. */
function versionOf(path: string, also: readonly string[] = []): string {
  return [path, ...also]
    .map((one) => {
      const stats = statSync(one, { throwIfNoEntry: false });
      return stats ? `${stats.mtimeMs}/${stats.ino}/${stats.size}` : 'missing';
    })
    .join(' ');
}

/** The graph of a model file of any format. @throws Failure `bad-config` or `too-large`. */
export function graphOf(file: ModelFile): Graph {
  const { topology, format, kerasVersion, graph } = file;
  const path = basename(file.path);
  if (graph) return buildOpGraph({ topology, ...graph, format, path }, findOp);
  return buildGraph({ topology, format, kerasVersion, path }, findKind);
}

/**
 * A model file and its graph. The Keras model in a SavedModel that cannot be built, or has an output behind a layer that is
 * not known, is shown as TensorFlow's operations where those are computed further.
 */
export function shownAs(file: ModelFile): { file: ModelFile; graph: Graph } {
  const { otherwise } = file;
  if (otherwise === undefined) return { file, graph: graphOf(file) };
  const operations = (why: string) => {
    const other = otherwise(`Shown are TensorFlow's operations, not the layers of Keras: ${why}`);
    return { file: other, graph: graphOf(other) };
  };
  let graph: Graph;
  try {
    graph = graphOf(file);
  } catch (thrown) {
    return operations(toError(thrown).message);
  }
  const behind = unreached(graph);
  if (behind.length === 0) return { file, graph };
  try {
    const reason = graph.nodes.get(graph.outputs[behind[0] ?? 0]?.node ?? '')?.unknownBecause;
    const other = operations(`the output is unknown because of layer "${reason}".`);
    return unreached(other.graph).length < behind.length ? other : { file, graph };
  } catch {
    return { file, graph };
  }
}

/** Pictures are 0..1 unless the model prepares them itself; what is no picture is taken as it is. */
function choosePreprocessing(graph: Graph): Preprocessing {
  const preparesItself = [...graph.nodes.values()].some(
    (node) => node.className === 'Rescaling' || node.className === 'Normalization',
  );
  const rescales = graph.inputs.some((path) => rescalesBytes(graph, path));
  const takesPictures = graph.inputs.some((path) => graph.nodes.get(path)?.outputShapes[0]?.length === 4);
  return { name: takesPictures && !preparesItself && !rescales ? '0..1' : 'none' };
}

/** Whether the first thing that a graph does with an input is to divide bytes (Keras's Rescaling, as operations). */
function rescalesBytes(graph: Graph, path: string): boolean {
  const users = [...graph.nodes.values()].filter((node) => node.inputs.some((ref) => ref.node === path));
  return users.some(({ path: user, className, config }) => {
    if (className === 'tf.Cast') return rescalesBytes(graph, user);
    const factor =
      config instanceof OpConfig ? config.operands.find(({ from }) => from === 'value')?.values?.[0] : null;
    if (factor === null || factor === undefined) return false;
    return className === 'tf.Mul' ? factor < 0.02 : className === 'tf.RealDiv' && factor > 50;
  });
}

const WHOLE = /^u?int|^bool/;

function inputDtype(graph: Graph, index: number): 'int32' | 'float32' {
  return WHOLE.test(graph.summary.inputs[index]?.dtype ?? '') ? 'int32' : 'float32';
}

/** Arrays are as the person made them: a model's preprocessing is for pictures, one given with the inputs for both. */
async function loadInputs(
  model: OpenModel,
  sources: readonly InputSource[],
  preprocessing: Preprocessing,
  { preprocessArrays = false, wholeBatch = false }: Reading,
): Promise<LoadedInput[]> {
  const { inputs } = model.graph.summary;
  if (sources.length !== inputs.length) {
    return fail(
      'bad-input',
      `${basename(model.path)} takes ${inputs.length} input${inputs.length === 1 ? '' : 's'} (${inputs.map((i) => i.name).join(', ')}), not ${sources.length}.`,
      { subject: model.path, remedy: 'Choose one file for each input.' },
    );
  }
  const loaded: LoadedInput[] = [];
  for (const [i, source] of sources.entries()) {
    const input = inputs[i];
    if (!input) continue;
    const spec: InputSpec = { ...input, channelsFirst: takesChannelsFirst(model.graph, i), wholeBatch };
    const isArray = source.kind === 'file' && /\.np[yz]$/i.test(source.path);
    loaded.push(
      await readInput(source, spec, isArray && !preprocessArrays ? { name: 'none' } : preprocessing),
    );
  }
  return loaded;
}

export function takesChannelsFirst(graph: Graph, input: number): boolean {
  const path = graph.inputs[input];
  return [...graph.nodes.values()].some(
    (node) =>
      node.inputs.some((ref) => ref.node === path) && node.config.raw('data_format') === 'channels_first',
  );
}
