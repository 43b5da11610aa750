import { Failure, fail } from '../../../shared/errors';
import type {
  ForeignCode,
  LayerRow,
  MaybeShape,
  ModelFormat,
  ModelSummary,
  NamedTensor,
  Shape,
} from '../../../shared/model';
import { activationBytesOf, multiplyAddsOf, sumOf } from '../cost';
import { damaged, whyRefused } from '../damaged';
import { foreignInConfig } from '../foreignCode';
import type { Graph, GraphNode, LayerEntry, ModelCall, TensorRef } from '../graph';
import { LayerConfig } from '../layerConfig';
import type { LayerRule, RuleBook, WeightSpec } from '../layerRule';
import { checkName } from '../names';
import type { StaticValues } from '../opConfig';
import { Parameters } from '../parameters';
import { checkWeightFit, isSized } from '../weightFit';
import { checkCallCount, failTooManyCalls, MAX_CALLS } from './callCount';
import { callNotices } from './callNotices';
import { cutNotice, type Flow, flowOf } from './cuts';
import { modernTopology } from './legacyConfig';
import type { CallRef, LayerSpec, ModelSpec } from './parseModel';
import { parseModel } from './parseModel';
import { dtypeOf, precisionNotices } from './precision';

/** Of the paths in all rows, whose inputs are named by their paths. */
const MAX_PATH_LETTERS = 2 ** 25;

export interface GraphSource {
  readonly topology: unknown;
  readonly format: ModelFormat;
  readonly kerasVersion: string | null;
  /** What the functions that a SavedModel keeps beside its layers would run. */
  readonly foreignCode?: readonly ForeignCode[];
  /** For messages. */
  readonly path: string;
}

/**
 * Unfolds a model config into one flat graph with static shapes, parameters and the rows of `inspect`.
 * Layers that `rules` does not know stay in the graph; what follows them is unknown because of them.
 * @throws Failure `bad-config` or `too-large`.
 */
export function buildGraph(source: GraphSource, rules: RuleBook): Graph {
  const major = kerasMajor(source.kerasVersion);
  checkCallCount(source.topology, source.path);
  const topology = major < 3 ? modernTopology(source.topology, source.kerasVersion ?? '1') : source.topology;
  const spec = parseModel(topology, source.path);
  const build = new Builder(rules, major);
  const outputs = build.unfold(spec, { callPrefix: '', layerPrefix: '', outer: null });
  const layers = build.entries(spec, '', spec.trainable);
  const parameters = new Parameters(layers);
  const rows = build.rows(spec, parameters);
  const cut = build.cut('', '', outputs);
  const top = rows.filter((row) => row.parent === null);
  const params = parameters.total;
  const inputs = spec.inputs.map((ref) => ref.layer);
  const summary: ModelSummary = {
    format: source.format,
    name: spec.name,
    className: spec.className,
    kerasVersion: source.kerasVersion,
    inputs: inputs.map((path) => build.named(path, { node: path, output: 0 })),
    outputs: outputs.map((ref, i) => build.named(spec.outputs[i]?.layer ?? ref.node, ref)),
    params,
    multiplyAdds: sumOf(top.map((row) => row.multiplyAdds)),
    activationBytes: sumOf(top.map((row) => row.activationBytes)),
    layers: rows,
    foreignCode: [
      ...foreignInConfig(
        source.topology,
        rows.filter(
          ({ status, className }) =>
            // .keras files say where a class is from; in others one that is known to nobody is its author's.
            source.format !== 'keras' &&
            status === 'unknown' &&
            !isOperation(className) &&
            className !== 'Lambda',
        ),
      ),
      ...(source.foreignCode ?? []),
    ],
    notices: [
      ...precisionNotices(rows),
      ...callNotices(build.nodes.values()),
      ...(cut === null ? [] : [cut]),
    ],
  };
  return { summary, nodes: build.nodes, models: build.models, inputs, outputs, layers, params };
}

/** Keras 1, 2 or 3; files that say nothing are of Keras 1. */
function kerasMajor(version: string | null): number {
  const major = Number.parseInt(version ?? '1', 10);
  return Number.isNaN(major) ? 2 : major;
}

/** Where a model is called. */
interface Within {
  /** '' or `embed@2/`. */
  readonly callPrefix: string;
  /** The same without call numbers. */
  readonly layerPrefix: string;
  /** What a nested model is called on; null at top level. */
  readonly outer: readonly TensorRef[] | null;
  /** The argument of that name. */
  readonly training?: unknown;
}

class Builder {
  readonly nodes = new Map<string, GraphNode>();
  readonly models = new Map<string, ModelCall>();
  /** By path of a call: where its inputs come from, in the words of the model it stands in. */
  private readonly inbound = new Map<string, readonly TensorRef[]>();
  private readonly weights = new Map<string, readonly WeightSpec[]>();
  /** By path of a call: what is known of its outputs before anything runs. */
  private readonly values = new Map<string, readonly (StaticValues | null)[]>();
  /** By path of a nested model: what leaves out a branch inside it, the same for all its calls. */
  private readonly cuts = new Map<string, string | null>();
  private flow: Flow | null = null;
  private taken: Map<string, { taker: string; output: number }[]> | null = null;
  private calls = 0;
  private pathLetters = 0;

  constructor(
    private readonly rules: RuleBook,
    private readonly kerasMajor: number,
  ) {}

  /**
   * Adds the nodes of one call of a model.
   * @param within where the model is called.
   */
  unfold(spec: ModelSpec, within: Within): TensorRef[] {
    const { callPrefix, layerPrefix, outer } = within;
    const results = new Map<string, readonly TensorRef[]>();
    const resolve = (ref: CallRef): TensorRef => {
      const outputs = results.get(callKey(ref));
      if (!outputs) {
        return damaged(
          `Model "${spec.name}": layer "${ref.layer}" has no call ${ref.call}.`,
          callPrefix + ref.layer,
        );
      }
      // Nodes may have more outputs than are known (unknown layers): the reference itself is enough.
      const model = this.models.get(callPrefix + callName(ref));
      const found = model ? outputs[ref.output] : { node: outputs[0]?.node ?? '', output: ref.output };
      if (!found) {
        return damaged(
          `Model "${spec.name}": "${ref.layer}" has no output ${ref.output}.`,
          callPrefix + ref.layer,
        );
      }
      return found;
    };

    const inputIndices = new Map(spec.inputs.map((ref, i) => [ref.layer, i] as const).reverse());
    for (const [layer, call] of inOrder(spec)) {
      if (++this.calls > MAX_CALLS) failTooManyCalls(spec.name);
      const path = callPrefix + callName({ layer: layer.name, call });
      checkName(path, 'a layer');
      this.pathLetters += path.length * (1 + (layer.calls[call]?.inputs.length ?? 0));
      if (this.pathLetters > MAX_PATH_LETTERS) {
        fail(
          'too-large',
          `The paths of the layers of model "${spec.name}" take more than ${MAX_PATH_LETTERS} letters.`,
          {
            remedy: 'Open one of its nested models on its own.',
          },
        );
      }
      const layerPath = layerPrefix + layer.name;
      const made = layer.calls[call];
      const refs = made?.inputs ?? [];
      let inputs = refs.map(resolve);
      const inputIndex = inputIndices.get(layer.name);
      if (made === undefined && inputIndex !== undefined && outer !== null) {
        const given = outer[inputIndex];
        if (!given) {
          return fail(
            'bad-config',
            `Model "${spec.name}" is called with ${outer.length} inputs, it takes ${spec.inputs.length}.`,
            {
              subject: callPrefix.slice(0, -1),
            },
          );
        }
        inputs = [given];
      }
      this.inbound.set(
        path,
        refs.map((ref) => ({ node: callPrefix + callName(ref), output: ref.output })),
      );
      if (layer.model) {
        const outputs = this.unfold(layer.model, {
          callPrefix: `${path}/`,
          layerPrefix: `${layerPath}/`,
          outer: inputs,
          training: made?.kwargs.training ?? within.training,
        });
        this.models.set(path, { path, layerPath, inputs, outputs });
        results.set(callKey({ layer: layer.name, call }), outputs);
      } else {
        const call_ = { args: made?.args ?? [], kwargs: made?.kwargs ?? {} };
        this.addNode(layer, path, layerPath, inputs, this.withTraining(layer, call_, within.training));
        results.set(callKey({ layer: layer.name, call }), [{ node: path, output: 0 }]);
      }
    }
    return spec.outputs.map(resolve);
  }

  /** An argument of the call itself comes before that of the model around it. */
  private withTraining(layer: LayerSpec, call: GraphNode['call'], training: unknown): GraphNode['call'] {
    if (typeof training !== 'boolean' || !this.rules(layer.className)?.takesTraining) return call;
    return { ...call, kwargs: { ...call.kwargs, training: call.kwargs.training ?? training } };
  }

  private addNode(
    layer: LayerSpec,
    path: string,
    layerPath: string,
    inputs: readonly TensorRef[],
    call: GraphNode['call'],
  ): void {
    const config = new LayerConfig(layer.config, layerPath, this.kerasMajor);
    const rule = this.rules(layer.className);
    const base = { path, layerPath, name: layer.name, className: layer.className, config, inputs, call };
    this.nodes.set(path, { ...base, known: rule !== undefined, ...this.shapes(base, rule) });
  }

  private shapes(
    node: Pick<GraphNode, 'path' | 'layerPath' | 'className' | 'config' | 'inputs' | 'call'>,
    rule: LayerRule | undefined,
  ): Pick<GraphNode, 'outputShapes' | 'inputValues' | 'multiplyAdds' | 'unknownBecause' | 'notice'> {
    const unknown = (because: string, notice?: string) => ({
      outputShapes: [null],
      multiplyAdds: null,
      unknownBecause: because,
      ...(notice === undefined ? {} : { notice }),
    });
    if (!rule) {
      return unknown(
        node.path,
        `Layerglass does not ${isOperation(node.className) ? 'compute the operation' : 'know the layer class'} "${node.className}"; it never runs code from the file. What comes before this layer works; what follows it is unknown. A JavaScript module of yours can implement it (setting layerglass.customLayers).`,
      );
    }
    const inputShapes: Shape[] = [];
    for (const ref of node.inputs) {
      const from = this.nodes.get(ref.node);
      if (from?.unknownBecause !== undefined) return unknown(from.unknownBecause);
      const shape = from?.outputShapes[ref.output] ?? null;
      if (shape === null) return unknown(node.path, `Output ${ref.output} of "${ref.node}" does not exist.`);
      inputShapes.push(shape);
    }
    try {
      const values = node.inputs.map((ref) => this.values.get(ref.node)?.[ref.output] ?? null);
      const outputShapes = rule.outputShapes(node.config, inputShapes, node.call, values);
      for (const shape of outputShapes) checkSizes(node, shape);
      const known = rule.outputValues?.(node.config, inputShapes, node.call, values);
      if (known) this.values.set(node.path, known);
      const built = this.weights.get(node.layerPath);
      if (built === undefined) {
        const weights = rule.weights?.(node.config, inputShapes, node.call) ?? [];
        for (const { shape } of weights) checkSizes(node, shape);
        this.weights.set(node.layerPath, weights);
      } else if (isSized(inputShapes)) {
        checkWeightFit(node.path, built, rule.weights?.(node.config, inputShapes, node.call) ?? []);
      }
      const multiplyAdds = multiplyAddsOf(rule, node.config, inputShapes, outputShapes, node.call);
      const notice = rule.notice?.(node.config, node.call) ?? null;
      return {
        outputShapes,
        multiplyAdds,
        ...(values.some((list) => list) && { inputValues: values }),
        ...(notice !== null && { notice }),
      };
    } catch (thrown) {
      return unknown(node.path, whyRefused(thrown, node.path, node.className));
    }
  }

  entries(spec: ModelSpec, layerPrefix: string, trainable: boolean): LayerEntry[] {
    return spec.layers
      .filter((layer) => !layer.hidden)
      .map((layer) => {
        const path = layerPrefix + layer.name;
        const own = trainable && layer.config.trainable !== false;
        return {
          path,
          name: layer.name,
          className: layer.className,
          trainable: own,
          config: new LayerConfig(layer.config, path, this.kerasMajor),
          weights: this.weights.get(path) ?? [],
          ...(this.mayHaveWeights(layer, path) && { weightsUnknown: true }),
          ...(layer.shared !== undefined && { shared: layer.shared }),
          layers: layer.model ? this.entries(layer.model, `${path}/`, own) : null,
        };
      });
  }

  /** Whether it has weights that nothing is known of. An operation of a functional model has none. */
  private mayHaveWeights({ model, className }: LayerSpec, path: string): boolean {
    if (model || this.weights.has(path) || isOperation(className)) return false;
    const rule = this.rules(className);
    return rule === undefined || rule.weights !== undefined;
  }

  rows(
    spec: ModelSpec,
    parameters: Parameters,
    callPrefix = '',
    layerPrefix = '',
    parent: string | null = null,
  ): LayerRow[] {
    return spec.layers
      .filter((layer) => !layer.hidden)
      .flatMap((layer) => {
        const calls = Math.max(1, layer.calls.length);
        return Array.from({ length: calls }, (_, call) => {
          const path = callPrefix + callName({ layer: layer.name, call });
          const inner = layer.model
            ? this.rows(layer.model, parameters, `${path}/`, `${layerPrefix}${layer.name}/`, path)
            : [];
          const counts = parameters.ofLayer(layerPrefix + layer.name);
          return [{ ...this.row(layer, path, parent, calls, inner), ...counts }, ...inner];
        }).flat();
      });
  }

  private row(
    layer: LayerSpec,
    path: string,
    parent: string | null,
    calls: number,
    inner: readonly LayerRow[],
  ): Omit<LayerRow, 'params' | 'trainableParams'> {
    const node = this.nodes.get(path);
    const model = this.models.get(path);
    const inbound = this.inbound.get(path) ?? [];
    const own = inner.filter((row) => row.parent === path);
    const notice = model ? this.modelNotice(model) : (node?.notice ?? null);
    const because =
      node?.unknownBecause ?? model?.outputs.map((o) => this.nodes.get(o.node)?.unknownBecause).find(Boolean);
    return {
      path,
      name: layer.name,
      className: layer.className,
      outputShapes: model ? model.outputs.map((o) => this.shapeOf(o)) : (node?.outputShapes ?? [null]),
      multiplyAdds: model ? sumOf(own.map((row) => row.multiplyAdds)) : (node?.multiplyAdds ?? null),
      activationBytes: model
        ? sumOf(own.map((row) => row.activationBytes))
        : activationBytesOf(node?.outputShapes ?? [null]),
      inbound: inbound.map((ref) => ref.node),
      inboundOutputs: inbound.map((ref) => ref.output),
      activation: node ? this.activation(node) : null,
      parent,
      isModel: layer.model !== null,
      ...(model ? { outputOrigins: model.outputs.map((o) => ({ path: o.node, index: o.output })) } : {}),
      dtype: dtypeOf(layer.config),
      status: node && !node.known ? 'unknown' : 'known',
      ...(because === undefined ? {} : { unknownBecause: because }),
      calls,
      ...(notice === null ? {} : { notice }),
    };
  }

  /** @param prefix of the paths of its nodes. */
  cut(layerPath: string, prefix: string, outputs: readonly TensorRef[]): string | null {
    const known = this.cuts.get(layerPath);
    if (known !== undefined || outputs.length < 2) return known ?? null;
    this.flow ??= flowOf(this.nodes);
    const notice = cutNotice(this.flow, { prefix, outputs });
    this.cuts.set(layerPath, notice);
    return notice;
  }

  private modelNotice({ path, layerPath, outputs }: ModelCall): string | null {
    const takers = outputs.length < 2 ? [] : this.takersOf(path);
    const handed = takers.flatMap(({ taker, output }) => {
      const origin = this.nodes.get(outputs[output]?.node ?? '');
      if (origin?.className !== 'InputLayer') return [];
      return [`Output ${output}, which ${taker} takes, is its own input ${origin.name}, unchanged.`];
    });
    const cut = this.cut(layerPath, `${path}/`, outputs);
    const sentences = [...handed, ...(cut === null ? [] : [cut])];
    return sentences.length === 0 ? null : sentences.join(' ');
  }

  /** Which output of a nested model's call each layer beside it takes. */
  private takersOf(call: string): { taker: string; output: number }[] {
    this.taken ??= [...this.inbound].reduce((map, [taker, refs]) => {
      for (const { node, output } of refs) {
        const list = map.get(node);
        if (list) list.push({ taker, output });
        else map.set(node, [{ taker, output }]);
      }
      return map;
    }, new Map<string, { taker: string; output: number }[]>());
    return this.taken.get(call) ?? [];
  }

  private activation(node: GraphNode): string | null {
    try {
      return this.rules(node.className)?.activationName?.(node.config, node.call) ?? null;
    } catch (thrown) {
      if (thrown instanceof Failure) return null;
      throw thrown;
    }
  }

  private shapeOf(ref: TensorRef): MaybeShape {
    return this.nodes.get(ref.node)?.outputShapes[ref.output] ?? null;
  }

  named(name: string, ref: TensorRef): NamedTensor {
    return { name, shape: this.shapeOf(ref), dtype: dtypeOf(this.nodes.get(ref.node)?.config.values ?? {}) };
  }
}

/** `ops.SVD` of Keras 3 and `tf.linalg.svd` of TensorFlow, as parseModel names them. */
const isOperation = (className: string): boolean => /^(ops|tf)\./.test(className);

/** No rule checks every number in a config: -1 units or half a filter show here. */
export function checkSizes(node: Pick<GraphNode, 'path'>, shape: Shape): void {
  if (shape.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0))) return;
  const text = shape.map((size) => size ?? 'None').join(', ');
  damaged(`The config of layer "${node.path}" implies the impossible shape (${text}).`, node.path);
}

const callKey = (ref: { layer: string; call: number }): string => `${ref.call}\u0000${ref.layer}`;
const callName = (ref: { layer: string; call: number }): string =>
  ref.call === 0 ? ref.layer : `${ref.layer}@${ref.call + 1}`;

/** Every call of every layer, each after those it takes from, otherwise in the order of the config. */
function inOrder(spec: ModelSpec): [LayerSpec, number][] {
  const byName = new Map(spec.layers.map((layer) => [layer.name, layer]));
  const state = new Map<string, 'open' | 'done'>();
  const order: [LayerSpec, number][] = [];
  for (const layer of spec.layers) {
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      // An explicit stack: a chain of ten thousand layers must not overflow the call stack.
      const stack: CallRef[] = [{ layer: layer.name, call, output: 0 }];
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const key = callKey(top);
        if (state.get(key) === 'done') {
          stack.pop();
          continue;
        }
        const current = byName.get(top.layer);
        if (!current || top.call >= Math.max(1, current.calls.length)) {
          damaged(`Model "${spec.name}": layer "${top.layer}" has no call ${top.call}.`, top.layer);
        }
        const waiting = (current.calls[top.call]?.inputs ?? []).filter(
          (ref) => state.get(callKey(ref)) !== 'done',
        );
        if (waiting.length === 0) {
          state.set(key, 'done');
          stack.pop();
          order.push([current, top.call]);
        } else {
          if (state.get(key) === 'open') {
            damaged(`Model "${spec.name}": layer "${top.layer}" takes its own output.`, top.layer);
          }
          state.set(key, 'open');
          for (const ref of waiting) stack.push(ref);
        }
      }
    }
  }
  return order;
}
