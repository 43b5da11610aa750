import type {
  ForeignCode,
  LayerRow,
  MaybeShape,
  ModelFormat,
  ModelSummary,
  ParameterCount,
  Shape,
} from '../../../shared/model';
import { activationBytesOf, multiplyAddsOf, sumOf } from '../cost';
import { whyRefused } from '../damaged';
import type { Graph, GraphNode, LayerEntry, ModelCall, TensorRef } from '../graph';
import { checkSizes } from '../keras/build';
import type { WeightSpec } from '../layerRule';
import { OpConfig, type Operand, type StaticValues } from '../opConfig';
import { ControlFlow, type FlowHost } from './controlFlow';
import { withFeatures } from './exampleInputs';
import type { GraphDef, NamedRef, OpNode, OpRef } from './graphDef';
import { parseGraphDef } from './graphDef';
import { withLoops } from './loopFrames';
import { inOrder } from './opOrder';
import type { OpBook, OpRule } from './opRule';
import { type Scope, scopesOf } from './scopes';
import { whyNotComputed } from './uncomputedOps';

/** A tensor that the file holds. */
export interface Constant {
  readonly shape: readonly number[];
  /** In TF.js's words. */
  readonly dtype: string;
  /** Read at once where it may be an argument such as a shape or an axis; `null` for weights. */
  readonly values: readonly number[] | null;
  /** Whether training changes it; false when left out. */
  readonly trainable?: boolean;
}

export interface OpGraphSource {
  /** A `GraphDef` as JSON: untrusted. */
  readonly topology: unknown;
  readonly signature: unknown;
  /** By name of the `Const` node. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** What holds the constants that are missing, in text, where it is known and not there. */
  readonly constantsFrom?: string;
  readonly notices?: readonly string[];
  readonly foreignCode?: readonly ForeignCode[];
  readonly format: ModelFormat;
  /** For messages. */
  readonly path: string;
}

/** TensorFlow's operations are called so among Keras's classes: its `Softmax` is another than Keras's. */
export const OP_PREFIX = 'tf.';

/** Hand on a constant as it is. */
const PASSES_CONSTANTS: ReadonlySet<string> = new Set([
  'Identity',
  'StopGradient',
  'Snapshot',
  'ReadVariableOp',
]);
/** Have no value: they order, check or fail. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set(['NoOp', 'Assert', 'CheckNumerics']);
const PLACEHOLDER = 'Placeholder';

/**
 * Makes a TensorFlow graph a `Graph` like that of a Keras model: every operation a node with static shapes, constants as
 * the weights or arguments of the operations that take them, name scopes as the models around them.
 * Operations that `rules` does not know stay in the graph; what follows them is unknown because of them.
 * @throws Failure `bad-config` or `too-large`.
 */
export function buildOpGraph(source: OpGraphSource, rules: OpBook): Graph {
  const parsed = parseGraphDef(source.topology, source.signature, source.path);
  const { def, notices } = withFeatures(withLoops(parsed));
  const build = new Builder(def, source, rules);
  build.addNodes();
  const inputs = build.inputs();
  const outputs = build.outputs();
  const scopes = scopesOf([...build.nodes.keys()]);
  build.addScopes(scopes, outputs);
  const layers = [...build.nodes.values()].map((node) => build.entry(node));
  const params = build.params();
  const rows = build.rows(scopes, null);
  const summary: ModelSummary = {
    format: source.format,
    name: source.path,
    className: 'GraphModel',
    kerasVersion: null,
    inputs: inputs.map((path) => ({ name: path, ...build.tensor({ node: path, output: 0 }) })),
    outputs: outputs.map((ref) => ({ name: ref.name, ...build.tensor(ref) })),
    params,
    multiplyAdds: sumOf(rows.filter((row) => !row.isModel).map((row) => row.multiplyAdds)),
    activationBytes: sumOf(rows.filter((row) => !row.isModel).map((row) => row.activationBytes)),
    layers: rows,
    foreignCode: source.foreignCode ?? [],
    notices: [...(source.notices ?? []), ...notices],
  };
  const refs = outputs.map(({ node, output }) => ({ node, output }));
  return { summary, nodes: build.nodes, models: build.scopes, inputs, outputs: refs, layers, params };
}

class Builder {
  private lacksConstants = false;
  readonly nodes = new Map<string, GraphNode>();
  readonly scopes = new Map<string, ModelCall>();
  private readonly weights = new Map<string, readonly WeightSpec[]>();
  private readonly dtypes = new Map<string, string>();
  private readonly values = new Map<string, StaticValues>();
  /** `Const` nodes and what hands them on, by name: the `Const` behind it. */
  private readonly constants = new Map<string, string>();
  /** What is computed before the model runs, by the name of the operation that would. */
  private readonly folded = new Map<string, Constant>();
  /** The operations in the order in which they came. */
  private readonly added: string[] = [];
  private readonly shared = new Map<string, string>();
  private readonly flow: ControlFlow;
  /** Operations whose values depend on what the model is fed. */
  private readonly varying = new Set<string>();
  private readonly fed: ReadonlySet<string>;

  constructor(
    private readonly def: GraphDef,
    private readonly source: OpGraphSource,
    private readonly rules: OpBook,
  ) {
    const placeholders = [...def.nodes.values()].filter(({ op }) => op === PLACEHOLDER);
    this.fed = new Set(
      (def.inputs ?? placeholders.map(({ name }) => ({ node: name }))).map((end) => end.node),
    );
    this.flow = new ControlFlow(this.host(), def.functions);
  }

  addNodes(): void {
    for (const node of inOrder(this.def.nodes, this.def.nodes.values())) this.flow.add(node);
  }

  /** For what decides which operations run. */
  private host(): FlowHost {
    const { added } = this;
    return {
      add: (node, folded) => this.addOperation(node, folded),
      addUnknown: (node, notice) => this.addNode(node, notice),
      valuesOf: (ref) => this.constantAt(ref)?.values ?? this.valuesOf(ref),
      shapeOf: (ref) => this.constantAt(ref)?.shape ?? this.shapeOf(ref),
      dtypeOf: (ref) => this.constantAt(ref)?.dtype ?? this.dtypes.get(ref.node) ?? 'float32',
      constant: (name, shape, dtype, values) => {
        this.fold(name, { shape, dtype, values });
        return { node: name, output: 0 };
      },
      get size() {
        return added.length;
      },
      shrinkTo: (size) => {
        for (const name of added.splice(size)) this.forget(name);
      },
    };
  }

  private addOperation(node: OpNode, folded: boolean): void {
    const [first] = node.inputs;
    const passed = first && PASSES_CONSTANTS.has(node.op) ? this.constants.get(first.node) : undefined;
    if (node.op === 'Const') this.constants.set(node.name, node.origin ?? node.name);
    else if (passed !== undefined) this.constants.set(node.name, passed);
    else if (!WITHOUT_VALUE.has(node.op)) {
      this.addNode(node);
      if (folded) this.foldKnown(node.name);
    }
  }

  /** Makes an operation a constant whose whole numbers are known, such as the counter of a loop. */
  private foldKnown(name: string): void {
    const values = this.values.get(name);
    const dtype = this.dtypes.get(name);
    const shapes = this.nodes.get(name)?.outputShapes ?? [];
    const shape = shapes[0]?.filter((size) => size !== null);
    if (!values || !shape || shapes.length !== 1 || (dtype !== 'int32' && dtype !== 'bool')) return;
    const known = values.filter((value) => value !== null);
    if (known.length !== values.length || shape.reduce((a, b) => a * b, 1) !== known.length) return;
    this.added.pop();
    this.forget(name);
    this.fold(name, { shape, dtype, values: known });
  }

  private fold(name: string, constant: Constant): void {
    this.folded.set(name, constant);
    this.constants.set(name, name);
  }

  private forget(name: string): void {
    this.nodes.delete(name);
    this.weights.delete(name);
    this.values.delete(name);
    this.dtypes.delete(name);
    this.varying.delete(name);
  }

  private valuesOf(ref: OpRef): StaticValues | null {
    return ref.output === 0 ? (this.values.get(ref.node) ?? null) : null;
  }

  /** @param why it cannot be computed, where that is decided already. */
  private addNode(node: OpNode, why?: string): void {
    const inputs: TensorRef[] = [];
    const weights: WeightSpec[] = [];
    const rule = why === undefined ? this.rules(node.op) : undefined;
    const problem = node.inputs.map((ref) => this.problemOf(ref)).find((found) => found !== undefined);
    const operands = node.inputs.flatMap((ref, i): Operand[] => {
      const constant = this.constantAt(ref);
      if (constant === undefined) {
        inputs.push(ref);
        const shape = this.shapeOf(ref);
        return shape === null ? [] : [this.computed(ref, inputs.length - 1, shape)];
      }
      const { key, shape, dtype, values, trainable = false } = constant;
      if (values !== null) return [{ from: 'value', index: i, shape, dtype, values, varies: false }];
      weights.push({ name: rule?.operandNames?.[i] ?? `operand_${i}`, shape, trainable, at: key });
      return [{ from: 'weight', index: weights.length - 1, shape, dtype, values: null, varies: false }];
    });
    const path = node.name;
    const config = new OpConfig(attributesOf(node), path, operands);
    const base: Omit<GraphNode, 'outputShapes' | 'multiplyAdds'> = {
      path,
      layerPath: this.sharing(node, weights),
      name: path,
      className: node.op === PLACEHOLDER ? 'InputLayer' : OP_PREFIX + node.op,
      config,
      inputs,
      call: { args: [], kwargs: {} },
      known: rule !== undefined,
    };
    if (node.op === PLACEHOLDER || inputs.some((ref) => this.varying.has(ref.node))) this.varying.add(path);
    this.weights.set(path, weights);
    this.nodes.set(path, { ...base, ...this.shapes(node, config, inputs, rule, problem, why) });
    this.added.push(path);
  }

  /** The rounds of a loop share their weights: the path of the first operation with the same ones. */
  private sharing({ name, origin }: OpNode, weights: readonly WeightSpec[]): string {
    if (origin === undefined || weights.length === 0) return name;
    const key = [origin, ...weights.map(({ at }) => at)].join('\n');
    const first = this.shared.get(key);
    if (first !== undefined && this.nodes.has(first)) return first;
    this.shared.set(key, name);
    return name;
  }

  private computed(ref: OpRef, index: number, shape: Shape): Operand {
    const values = this.valuesOf(ref);
    const dtype = this.dtypes.get(ref.node) ?? 'float32';
    return { from: 'input', index, shape, dtype, values, varies: this.varying.has(ref.node) };
  }

  private shapes(
    node: OpNode,
    config: OpConfig,
    inputs: readonly TensorRef[],
    rule: OpRule | undefined,
    problem: { readonly because: string; readonly notice?: string } | undefined,
    why?: string,
  ): Pick<GraphNode, 'outputShapes' | 'multiplyAdds' | 'unknownBecause' | 'notice'> {
    const unknown = (because: string, notice?: string) => ({
      outputShapes: [null],
      multiplyAdds: null,
      unknownBecause: because,
      ...(notice === undefined ? {} : { notice }),
    });
    // A list that an unknown loop gives is unknown because of the loop.
    if (why !== undefined && problem && problem.because !== '') return unknown(problem.because);
    if (!rule) return unknown(node.name, why ?? whyNotComputed(node.op));
    if (problem) return unknown(problem.because === '' ? node.name : problem.because, problem.notice);
    if (node.op === PLACEHOLDER && !this.fed.has(node.name)) {
      return unknown(
        node.name,
        `"${node.name}" is fed from outside, but is not an input of the model’s signature.`,
      );
    }
    try {
      const inputShapes = inputs.map((ref) => this.shapeOf(ref) ?? []);
      const shapes = rule.outputShapes(config, inputShapes);
      for (const shape of shapes) checkSizes({ path: node.name }, shape);
      const fed = node.op === PLACEHOLDER ? config.string('dtype', 'float32') : undefined;
      this.dtypes.set(node.name, fed ?? rule.outputDtype?.(config) ?? config.operands[0]?.dtype ?? 'float32');
      const [first] = shapes;
      const values = first && rule.staticValues?.(config, first);
      if (values) this.values.set(node.name, values);
      return { outputShapes: shapes, multiplyAdds: multiplyAddsOf(rule, config, inputShapes, shapes) };
    } catch (thrown) {
      return unknown(node.name, whyRefused(thrown, node.name, node.op));
    }
  }

  /** Why an operand has no shape; `because` is '' where the node that takes it is the first to suffer. */
  private problemOf(ref: OpRef): { readonly because: string; readonly notice?: string } | undefined {
    const key = this.constants.get(ref.node);
    if (key !== undefined) {
      if (this.folded.has(key) || this.source.constants.has(key)) return undefined;
      this.lacksConstants = true;
      const from = this.source.constantsFrom;
      const why =
        from === undefined
          ? `The file holds no values for the constant "${key}".`
          : `The values of "${key}" are in ${from}.`;
      return { because: '', notice: why };
    }
    const from = this.nodes.get(ref.node);
    if (from?.unknownBecause !== undefined) return { because: from.unknownBecause };
    if (this.shapeOf(ref) !== null) return undefined;
    return { because: '', notice: `Output ${ref.output} of "${ref.node}" is not known.` };
  }

  private constantAt(ref: OpRef): (Constant & { readonly key: string }) | undefined {
    const key = this.constants.get(ref.node);
    if (key === undefined) return undefined;
    const found = this.folded.get(key) ?? this.source.constants.get(key);
    return { key, ...(found ?? { shape: [], dtype: 'float32', values: [] }) };
  }

  private shapeOf(ref: OpRef): MaybeShape {
    return this.nodes.get(ref.node)?.outputShapes[ref.output] ?? null;
  }

  tensor(ref: TensorRef): { shape: MaybeShape; dtype: string } {
    return { shape: this.shapeOf(ref), dtype: this.dtypes.get(ref.node) ?? 'float32' };
  }

  /** What the signature names, else every placeholder. */
  inputs(): readonly string[] {
    return [...this.fed].filter((name) => this.nodes.has(name));
  }

  /** What the signature names, else every operation whose value nothing takes. */
  outputs(): readonly NamedRef[] {
    const named = this.def.outputs
      ?.map((end) => ({ ...end, ...this.flow.resolve(end) }))
      .filter((end) => this.nodes.has(end.node));
    if (named && named.length > 0) {
      // A signature without names of its own repeats those of tensors, such as `Identity:0`.
      return named.map((end) => (end.name.includes(':') ? { ...end, name: end.node } : end));
    }
    const taken = new Set([...this.nodes.values()].flatMap((n) => n.inputs.map((ref) => ref.node)));
    return [...this.nodes.keys()]
      .filter((path) => !taken.has(path))
      .map((node) => ({ name: node, node, output: 0 }));
  }

  /** A scope goes by the value that others take from it: that of its last operation with a taker outside. */
  addScopes(root: Scope, outputs: readonly TensorRef[]): void {
    const members = new Map<string, Set<string>>();
    for (const child of root.children) collect(child, [], members);
    const takers = new Map<string, string[]>();
    for (const node of this.nodes.values()) {
      for (const ref of node.inputs) {
        const list = takers.get(ref.node);
        if (list) list.push(node.path);
        else takers.set(ref.node, [node.path]);
      }
    }
    const isOutput = new Set(outputs.map((ref) => ref.node));
    for (const [path, inside] of members) {
      const leaves = (name: string): boolean =>
        isOutput.has(name) || (takers.get(name) ?? []).some((taker) => !inside.has(taker));
      const last = [...inside].findLast(leaves) ?? [...inside].at(-1) ?? path;
      const taken = [...inside]
        .flatMap((name) => this.nodes.get(name)?.inputs ?? [])
        .filter((ref) => !inside.has(ref.node));
      const inputs = [...new Map(taken.map((ref) => [`${ref.node}:${ref.output}`, ref])).values()];
      this.scopes.set(path, { path, layerPath: path, inputs, outputs: [{ node: last, output: 0 }] });
    }
  }

  entry(node: GraphNode): LayerEntry {
    const { path, name, className, config } = node;
    const weights = this.weights.get(path) ?? [];
    return { path, name, className, config, trainable: true, weights, layers: null };
  }

  /** Every constant once, however many operations take it. Nothing in a frozen graph is trainable. */
  params(): ParameterCount {
    const all = [...this.weights.values()].flat();
    const once = [...new Map(all.map((weight) => [weight.at, weight])).values()];
    const [total, trainable] = [countOf(once), countOf(once.filter((weight) => weight.trainable))];
    // What is not there is not counted.
    const bound = this.lacksConstants ? ({ isLowerBound: true } as const) : {};
    return { total, trainable, nonTrainable: total - trainable, ...bound };
  }

  rows({ children }: Scope, parent: string | null): LayerRow[] {
    return children.flatMap((child): LayerRow[] => {
      if (typeof child === 'string') {
        const node = this.nodes.get(child);
        return node ? [this.row(node, parent)] : [];
      }
      return [this.scopeRow(child, parent), ...this.rows(child, child.path)];
    });
  }

  private row(node: GraphNode, parent: string | null): LayerRow {
    const weights = this.weights.get(node.path) ?? [];
    return {
      path: node.path,
      name: within(node.path, parent),
      className: node.className,
      outputShapes: node.outputShapes,
      params: countOf(weights),
      trainableParams: countOf(weights.filter(({ trainable }) => trainable)),
      multiplyAdds: node.multiplyAdds,
      activationBytes: activationBytesOf(node.outputShapes),
      inbound: node.inputs.map((ref) => ref.node),
      inboundOutputs: node.inputs.map((ref) => ref.output),
      activation: this.activation(node),
      parent,
      isModel: false,
      dtype: this.dtypes.get(node.path) ?? 'float32',
      status: node.known ? 'known' : 'unknown',
      ...(node.unknownBecause === undefined ? {} : { unknownBecause: node.unknownBecause }),
      calls: 1,
      ...(node.notice === undefined ? {} : { notice: node.notice }),
    };
  }

  private scopeRow(scope: Scope, parent: string | null): LayerRow {
    const call = this.scopes.get(scope.path);
    const [output] = call?.outputs ?? [];
    const node = output && this.nodes.get(output.node);
    const weights = this.weightsIn(scope);
    return {
      path: scope.path,
      name: within(scope.path, parent),
      className: 'scope',
      outputShapes: [output ? this.shapeOf(output) : null],
      params: countOf(weights),
      trainableParams: countOf(weights.filter(({ trainable }) => trainable)),
      multiplyAdds: this.sumIn(scope, (inner) => inner.multiplyAdds),
      activationBytes: this.sumIn(scope, (inner) => activationBytesOf(inner.outputShapes)),
      inbound: call?.inputs.map((ref) => ref.node) ?? [],
      inboundOutputs: call?.inputs.map((ref) => ref.output) ?? [],
      activation: null,
      parent,
      isModel: true,
      ...(output ? { outputOrigins: [{ path: output.node, index: output.output }] } : {}),
      dtype: this.dtypes.get(output?.node ?? '') ?? 'float32',
      status: 'known',
      ...(node?.unknownBecause === undefined ? {} : { unknownBecause: node.unknownBecause }),
      calls: 1,
    };
  }

  private weightsIn({ children }: Scope): readonly WeightSpec[] {
    return children.flatMap((child) =>
      typeof child === 'string' ? (this.weights.get(child) ?? []) : this.weightsIn(child),
    );
  }

  private sumIn({ children }: Scope, of: (node: GraphNode) => number | null): number | null {
    return sumOf(
      children.map((child) => {
        if (typeof child !== 'string') return this.sumIn(child, of);
        const node = this.nodes.get(child);
        return node ? of(node) : 0;
      }),
    );
  }

  private activation(node: GraphNode): string | null {
    if (node.unknownBecause !== undefined) return null;
    return this.rules(node.className.slice(OP_PREFIX.length))?.activationName?.(node.config) ?? null;
  }
}

const countOf = (weights: readonly WeightSpec[]): number =>
  weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** What of a name is not said by the scope around it. */
const within = (path: string, parent: string | null): string =>
  parent !== null && path.startsWith(`${parent}/`) ? path.slice(parent.length + 1) : path;

/** The operations in every scope, in order, however deep. */
function collect(
  child: string | Scope,
  around: readonly Set<string>[],
  members: Map<string, Set<string>>,
): void {
  if (typeof child === 'string') {
    for (const scope of around) scope.add(child);
    return;
  }
  const own = new Set<string>();
  members.set(child.path, own);
  for (const inner of child.children) collect(inner, [...around, own], members);
}

const DATA_FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['NCHW', 'channels_first'],
  ['NHWC', 'channels_last'],
  ['NCDHW', 'channels_first'],
  ['NDHWC', 'channels_last'],
]);

/** Attributes under the names that Keras's layers use where other rooms ask for them. */
export function attributesOf({ op, attributes }: Pick<OpNode, 'op' | 'attributes'>): Record<string, unknown> {
  const format = DATA_FORMATS.get(attributes.data_format);
  return {
    ...attributes,
    ...(format === undefined ? {} : { data_format: format }),
    ...(op === PLACEHOLDER ? { batch_shape: attributes.shape } : {}),
  };
}
