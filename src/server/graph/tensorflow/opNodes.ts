import * as l10n from '@vscode/l10n';
import type { MaybeShape, ParameterCount, Shape } from '../../../shared/model';
import { checkSizes } from '../checkSizes';
import { multiplyAddsOf } from '../cost';
import { refusalNotice } from '../damaged';
import type { GraphNode, LayerEntry, TensorRef } from '../graph';
import type { WeightSpec } from '../layerRule';
import { OpConfig, type Operand, type StaticValues } from '../opConfig';
import { parameterColumns } from '../parameters';
import { ControlFlow, type ControlFlowHost } from './controlFlow';
import type { GraphDef, NamedRef, OpNode, OpRef } from './graphDef';
import { notComputedNotice } from './notComputedOps';
import { attributesOf, OP_PREFIX, PLACEHOLDER } from './opAttributes';
import type { Constant, OpGraphSource } from './opGraphSource';
import { operationsInOrder } from './opOrder';
import type { OpRule, OpRuleLookup } from './opRule';

/** Operations that pass a constant through. */
const PASS_CONSTANTS: ReadonlySet<string> = new Set([
  'Identity',
  'StopGradient',
  'Snapshot',
  'ReadVariableOp',
]);
/** Operations without a value: they order, check or fail. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set(['NoOp', 'Assert', 'CheckNumerics']);

/** Why a node cannot be computed. */
interface Problem {
  /** Path of the node that is to blame; '' for the node itself. */
  readonly because: string;
  readonly notice?: string;
}

/** The operations of a graph as nodes with static shapes, their constants as weights or arguments. */
export class OpNodes {
  readonly nodes = new Map<string, GraphNode>();
  private lacksConstants = false;
  private readonly weights = new Map<string, readonly WeightSpec[]>();
  private readonly dtypes = new Map<string, string>();
  private readonly values = new Map<string, StaticValues>();
  /** By name of a `Const` node, or of an operation that passes it through: the name of the `Const`. */
  private readonly constants = new Map<string, string>();
  /** What is computed before the model runs, by the name of the operation that would compute it. */
  private readonly folded = new Map<string, Constant>();
  /** Names of the operations in the order in which they were added. */
  private readonly added: string[] = [];
  /** By the weights that the iterations of a loop share: the path of the first operation with them. */
  private readonly shared = new Map<string, string>();
  private readonly flow: ControlFlow;
  /** Operations whose values depend on the model's inputs. */
  private readonly varying = new Set<string>();
  private readonly fed: ReadonlySet<string>;

  constructor(
    private readonly def: GraphDef,
    private readonly source: OpGraphSource,
    private readonly rules: OpRuleLookup,
  ) {
    const placeholders = [...def.nodes.values()].filter(({ op }) => op === PLACEHOLDER);
    this.fed = new Set(
      (def.inputs ?? placeholders.map(({ name }) => ({ node: name }))).map((ref) => ref.node),
    );
    this.flow = new ControlFlow(this.host(), def.functions);
  }

  /** @throws Failure `bad-config` for a cycle that is not a loop. */
  addAll(): void {
    for (const node of operationsInOrder(this.def.nodes, this.def.nodes.values())) this.flow.add(node);
  }

  /** What control flow needs of this graph. */
  private host(): ControlFlowHost {
    const { added } = this;
    return {
      add: (node, folded) => this.addOperation(node, folded),
      addUnknown: (node, notice) => this.addNode(node, notice),
      valuesOf: (ref) => this.constantAt(ref)?.values ?? this.valuesOf(ref),
      shapeOf: (ref) => this.constantAt(ref)?.shape ?? this.shapeOf(ref),
      dtypeOf: (ref) => this.constantAt(ref)?.dtype ?? this.dtypeOf(ref.node),
      constant: (name, shape, dtype, values) => {
        this.fold(name, { shape, dtype, values });
        return { node: name, output: 0 };
      },
      get size() {
        return added.length;
      },
      shrinkTo: (size) => {
        for (const name of added.splice(size)) this.remove(name);
      },
    };
  }

  private addOperation(node: OpNode, folded: boolean): void {
    const [first] = node.inputs;
    const passed = first && PASS_CONSTANTS.has(node.op) ? this.constants.get(first.node) : undefined;
    if (node.op === 'Const') this.constants.set(node.name, node.origin ?? node.name);
    else if (passed !== undefined) this.constants.set(node.name, passed);
    else if (!WITHOUT_VALUE.has(node.op)) {
      this.addNode(node);
      if (folded) this.foldKnown(node.name);
    }
  }

  /** Turns an operation whose integers are known, such as the counter of a loop, into a constant. */
  private foldKnown(name: string): void {
    const values = this.values.get(name);
    const dtype = this.dtypes.get(name);
    const shapes = this.nodes.get(name)?.outputShapes ?? [];
    const shape = shapes[0]?.filter((size) => size !== null);
    if (!values || !shape || shapes.length !== 1 || (dtype !== 'int32' && dtype !== 'bool')) return;
    const known = values.filter((value) => value !== null);
    if (known.length !== values.length || shape.reduce((a, b) => a * b, 1) !== known.length) return;
    this.added.pop();
    this.remove(name);
    this.fold(name, { shape, dtype, values: known });
  }

  private fold(name: string, constant: Constant): void {
    this.folded.set(name, constant);
    this.constants.set(name, name);
  }

  private remove(name: string): void {
    this.nodes.delete(name);
    this.weights.delete(name);
    this.values.delete(name);
    this.dtypes.delete(name);
    this.varying.delete(name);
  }

  private valuesOf(ref: OpRef): StaticValues | null {
    return ref.output === 0 ? (this.values.get(ref.node) ?? null) : null;
  }

  /** @param notice why it cannot be computed, where that is already decided. */
  private addNode(node: OpNode, notice?: string): void {
    const inputs: TensorRef[] = [];
    const weights: WeightSpec[] = [];
    const rule = notice === undefined ? this.rules(node.op) : undefined;
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
      layerPath: this.layerPathOf(node, weights),
      name: path,
      className: node.op === PLACEHOLDER ? 'InputLayer' : OP_PREFIX + node.op,
      config,
      inputs,
      call: { args: [], kwargs: {} },
      known: rule !== undefined,
    };
    if (node.op === PLACEHOLDER || inputs.some((ref) => this.varying.has(ref.node))) this.varying.add(path);
    this.weights.set(path, weights);
    this.nodes.set(path, { ...base, ...this.shapes(node, config, inputs, rule, problem, notice) });
    this.added.push(path);
  }

  /** The iterations of a loop share their weights: the path of the first operation with the same ones. */
  private layerPathOf({ name, origin }: OpNode, weights: readonly WeightSpec[]): string {
    if (origin === undefined || weights.length === 0) return name;
    const key = [origin, ...weights.map(({ at }) => at)].join('\n');
    const first = this.shared.get(key);
    if (first !== undefined && this.nodes.has(first)) return first;
    this.shared.set(key, name);
    return name;
  }

  private computed(ref: OpRef, index: number, shape: Shape): Operand {
    const values = this.valuesOf(ref);
    const dtype = this.dtypeOf(ref.node);
    return { from: 'input', index, shape, dtype, values, varies: this.varying.has(ref.node) };
  }

  private shapes(
    node: OpNode,
    config: OpConfig,
    inputs: readonly TensorRef[],
    rule: OpRule | undefined,
    problem: Problem | undefined,
    notComputed?: string,
  ): Pick<GraphNode, 'outputShapes' | 'multiplyAdds' | 'unknownBecause' | 'notice'> {
    const unknown = (because: string, notice?: string) => ({
      outputShapes: [null],
      multiplyAdds: null,
      unknownBecause: because,
      ...(notice === undefined ? {} : { notice }),
    });
    // A list that comes from an unknown loop is unknown because of the loop.
    if (notComputed !== undefined && problem && problem.because !== '') return unknown(problem.because);
    if (!rule) return unknown(node.name, notComputed ?? notComputedNotice(node.op));
    if (problem) return unknown(problem.because === '' ? node.name : problem.because, problem.notice);
    if (node.op === PLACEHOLDER && !this.fed.has(node.name)) {
      return unknown(
        node.name,
        l10n.t('"{0}" is fed from outside, but is not an input of the model’s signature.', node.name),
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
      return unknown(node.name, refusalNotice(thrown, node.name, node.op));
    }
  }

  /** Why an operand has no shape; undefined where it has one. */
  private problemOf(ref: OpRef): Problem | undefined {
    const key = this.constants.get(ref.node);
    if (key !== undefined) {
      if (this.folded.has(key) || this.source.constants.has(key)) return undefined;
      this.lacksConstants = true;
      const from = this.source.constantsFrom;
      const notice =
        from === undefined
          ? l10n.t('The file contains no values for the constant "{0}".', key)
          : l10n.t('The values of "{0}" are in {1}.', key, from);
      return { because: '', notice };
    }
    const from = this.nodes.get(ref.node);
    if (from?.unknownBecause !== undefined) return { because: from.unknownBecause };
    if (this.shapeOf(ref) !== null) return undefined;
    return { because: '', notice: l10n.t('Output {0} of "{1}" is unknown.', ref.output, ref.node) };
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

  /** Of output 0 of a node, in TF.js's names. */
  dtypeOf(path: string): string {
    return this.dtypes.get(path) ?? 'float32';
  }

  weightsOf(path: string): readonly WeightSpec[] {
    return this.weights.get(path) ?? [];
  }

  tensor(ref: TensorRef): { shape: MaybeShape; dtype: string } {
    return { shape: this.shapeOf(ref), dtype: this.dtypeOf(ref.node) };
  }

  /** The inputs of the signature, else every placeholder. */
  inputs(): readonly string[] {
    return [...this.fed].filter((name) => this.nodes.has(name));
  }

  /** The outputs of the signature, else every operation whose value no other takes. */
  outputs(): readonly NamedRef[] {
    const named = this.def.outputs
      ?.map((ref) => ({ ...ref, ...this.flow.resolve(ref) }))
      .filter((ref) => this.nodes.has(ref.node));
    if (named && named.length > 0) {
      // A signature without names of its own repeats those of tensors, such as `Identity:0`.
      return named.map((ref) => (ref.name.includes(':') ? { ...ref, name: ref.node } : ref));
    }
    const taken = new Set([...this.nodes.values()].flatMap((n) => n.inputs.map((ref) => ref.node)));
    return [...this.nodes.keys()]
      .filter((path) => !taken.has(path))
      .map((node) => ({ name: node, node, output: 0 }));
  }

  entries(): LayerEntry[] {
    return [...this.nodes.values()].map(({ path, name, className, config }) => {
      const weights = this.weightsOf(path);
      return { path, name, className, config, trainable: true, weights, layers: null };
    });
  }

  /** Every constant once, however many operations take it. Nothing in a frozen graph is trainable. */
  params(): ParameterCount {
    const all = [...this.weights.values()].flat();
    const once = [...new Map(all.map((weight) => [weight.at, weight])).values()];
    const { params: total, trainableParams: trainable } = parameterColumns(once);
    // Constants that the file lacks are not counted.
    const bound = this.lacksConstants ? ({ isLowerBound: true } as const) : {};
    return { total, trainable, nonTrainable: total - trainable, ...bound };
  }
}
