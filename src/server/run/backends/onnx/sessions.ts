import { sizeOf } from '../../../../shared/model';
import { type OnnxArray, type OnnxBinding, type OnnxSession, OnnxTensor } from './binding';
import { elementType, GraphWriter } from './graphWriter';
import type { KernelTable } from './kernel';
import { withLayerNormalization } from './layerNormalization';
import { writeModel } from './model';
import { type Plan, planFor } from './plan';
import { expand } from './recording';
import { writeScan } from './scan';
import { type Call, SCAN, type Value } from './value';

/** Weights of this many values that are only multiplied are given at each run instead of being copied into the graph. */
const LARGE_WEIGHT = 2 ** 20;
/** Sessions kept; each has its own memory and threads. */
const MAX_SESSIONS = 64;

interface Compiled {
  readonly session: OnnxSession;
  /** `null` for a feed that is not needed. */
  readonly feedNames: readonly (string | null)[];
  readonly fetchNames: readonly string[];
  /** Large weights, by name. */
  readonly fixed: readonly (readonly [string, OnnxTensor])[];
  readonly weights: ReadonlySet<Value | null>;
  /** Of the constants that are part of the graph. */
  readonly bytes: number;
  /** Bytes by which the process grew when the graph was compiled and first run: a session keeps the memory that it computes in. */
  growth: number | null;
}

export interface SessionsOptions {
  readonly threads: number;
  /** Limit of what all compiled graphs take; the most recent one is kept in any case. */
  readonly maxBytes: number;
  /** Bytes of the process. */
  readonly processBytes?: () => number;
}

/** Optimizations of ONNX Runtime that are none here. */
const UNWANTED = [
  // Merges zeros around an image into a maximum pooling, which pads with -infinity.
  'Pad_Fusion',
  // Merges a bias into a product, on whose result it is then laid by one thread: 1.4 times as long for 13,000 x 128 x 512.
  'MatMulAddFusion',
  // Merges a sum into a layer normalization, by a kernel that takes three times as long as both.
  'SkipLayerNormFusion',
];

/** Compiled graphs by the key of their plan; the least recently used are dropped. */
export class Sessions {
  /** Milliseconds in which graphs were run. */
  runTime = 0;
  private readonly compiled = new Map<string, Compiled>();
  /** Keys of plans that ONNX Runtime refused. */
  private readonly refused = new Set<string>();

  constructor(
    private readonly binding: OnnxBinding,
    readonly kernels: KernelTable,
    private readonly options: SessionsOptions,
  ) {}

  has(plan: Plan): boolean {
    return this.compiled.has(plan.key);
  }

  /**
   * Computes the fetches of a plan.
   * @param isAccepted decides, with the values in place, whether they are kept
   * @returns whether a session could be made and its values were kept
   */
  run(plan: Plan, whenRefused: (why: string) => void, isAccepted: () => boolean): boolean {
    const { processBytes = () => process.memoryUsage.rss() } = this.options;
    const isNew = !this.has(plan);
    const before = isNew ? processBytes() : 0;
    const compiled = this.find(plan, whenRefused);
    if (compiled === null) return false;
    const feeds: Record<string, OnnxTensor> = Object.fromEntries(compiled.fixed);
    for (const [i, value] of plan.feeds.entries()) {
      const name = compiled.feedNames[i];
      if (name) feeds[name] = tensorOf(value);
    }
    const fetches: Record<string, OnnxTensor> = {};
    const arrays = plan.fetches.map((value, i) => {
      const values = emptyArray(value);
      fetches[compiled.fetchNames[i] ?? ''] = new OnnxTensor(value.dtype, values, value.shape);
      return values;
    });
    const start = performance.now();
    try {
      compiled.session.run(feeds, fetches, {});
    } catch (thrown) {
      this.drop(plan.key);
      this.refuse(plan, thrown, whenRefused);
      return false;
    }
    this.runTime += performance.now() - start;
    if (isNew) {
      compiled.growth = Math.max(0, processBytes() - before);
      this.trim();
    }
    for (const [i, value] of plan.fetches.entries()) value.values = arrays[i] ?? null;
    const accepted = isAccepted();
    for (const value of plan.fetches) {
      if (accepted) value.origin = null;
      else value.values = null;
      // What was computed along with finite values is taken to be finite, too.
      value.isFinite = accepted;
    }
    return accepted;
  }

  /** Frees the graphs that contain a weight. */
  release(weight: Value): void {
    for (const [key, { weights }] of this.compiled) if (weights.has(weight)) this.drop(key);
  }

  /** Bytes of the weights that are parts of graphs. */
  get bytes(): number {
    return [...this.compiled.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private find(plan: Plan, whenRefused: (why: string) => void): Compiled | null {
    const known = this.compiled.get(plan.key);
    if (known) {
      this.compiled.delete(plan.key);
      this.compiled.set(plan.key, known);
      return known;
    }
    if (this.refused.has(plan.key)) return null;
    try {
      const compiled = this.compile(plan);
      this.compiled.set(plan.key, compiled);
      this.trim();
      return compiled;
    } catch (thrown) {
      this.refuse(plan, thrown, whenRefused);
      return null;
    }
  }

  private refuse({ key }: Plan, thrown: unknown, whenRefused: (why: string) => void): void {
    this.refused.add(key);
    whenRefused(thrown instanceof Error ? thrown.message : String(thrown));
  }

  private compile(plan: Plan): Compiled {
    const { calls, feeds, constants, fetches } = planFor(expand(plan.fetches), { has: () => false });
    const graph = new GraphWriter(null, neededTwice(calls, fetches));
    const needed = new Set(feeds);
    const feedNames = plan.feeds.map((value) => (needed.has(value) ? graph.addInput(value) : null));
    const fixed: (readonly [string, OnnxTensor])[] = [];
    let bytes = 0;
    const given = this.givenAtRuns(calls, constants);
    for (const value of constants) {
      if (given.has(value)) fixed.push([graph.addInput(value), tensorOf(value)]);
      else {
        graph.addConstant(value);
        bytes += 4 * sizeOf(value.shape);
      }
    }
    this.write(graph, calls);
    const fetchNames = fetches.map((value) => graph.addOutput(value));
    const model = writeModel(withLayerNormalization(graph.finish()));
    const session = new this.binding.InferenceSession();
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
      executionProviders: [{ name: 'cpu' }],
      intraOpNumThreads: this.options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      // Threads of one session that wait actively take the processor from those of the next.
      extra: {
        session: { intra_op: { allow_spinning: '0' } },
        optimization: { disable_specified_optimizers: UNWANTED.join(';') },
      },
    });
    return {
      session,
      feedNames,
      fetchNames,
      fixed,
      weights: new Set(constants.map(({ weight }) => weight)),
      bytes,
      growth: null,
    };
  }

  private write(graph: GraphWriter, calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.name === SCAN) writeScan(graph, call, (inner, steps) => this.write(inner, steps));
      else this.kernels[call.name]?.write(graph, call);
    }
  }

  /** Large constants whose only use is in a matrix product, for which a copy of their own is no faster. */
  private givenAtRuns(calls: Plan['calls'], constants: readonly Value[]): Set<Value> {
    const given = new Set(constants.filter(({ shape }) => sizeOf(shape) >= LARGE_WEIGHT));
    for (const { name, operands } of calls) {
      if (name !== 'BatchMatMul') for (const value of operands) given.delete(value);
    }
    return given;
  }

  private trim(): void {
    const kept = [...this.compiled.entries()];
    let taken = kept.reduce((sum, [, one]) => sum + bytesOf(one), 0);
    for (const [key, one] of kept.slice(0, -1)) {
      if (this.compiled.size <= MAX_SESSIONS && taken <= this.options.maxBytes) return;
      taken -= bytesOf(one);
      this.drop(key);
    }
  }

  private drop(key: string): void {
    this.compiled.get(key)?.session.dispose();
    this.compiled.delete(key);
  }
}

/** The values that several calls need, or a call and whoever fetches them. */
function neededTwice(calls: readonly Call[], fetches: readonly Value[]): Set<Value> {
  const needed = new Set<Value>(fetches);
  const twice = new Set<Value>(fetches);
  for (const value of calls.flatMap(({ operands }) => operands))
    (needed.has(value) ? twice : needed).add(value);
  return twice;
}

const bytesOf = ({ bytes, growth }: Compiled): number => Math.max(bytes, growth ?? 0);

function tensorOf(value: Value): OnnxTensor {
  const { shape, values } = value;
  if (values === null || Array.isArray(values)) throw new RangeError('A value is not numbers.');
  return new OnnxTensor(elementType(value), values, shape);
}

function emptyArray(value: Value): Exclude<OnnxArray, BigInt64Array> {
  const size = sizeOf(value.shape);
  const type = elementType(value);
  if (type === 'float32') return new Float32Array(size);
  return type === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}
