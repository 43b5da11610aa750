import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { MaybeShape, Shape } from '../../../shared/model';
import { checkSizes } from '../checkSizes';
import { multiplyAddsOf } from '../cost';
import { damaged, refusalNotice } from '../damaged';
import type { GraphNode, LayerEntry, ModelCall, TensorRef } from '../graph';
import { LayerConfig } from '../layerConfig';
import type { LayerRule, RuleLookup, WeightSpec } from '../layerRule';
import { checkName } from '../names';
import type { StaticValues } from '../opConfig';
import { checkWeightShapes, isSized } from '../weightShapes';
import { failTooManyCalls, MAX_CALLS } from './callCount';
import { callKey, callName, callsInOrder } from './callOrder';
import type { CallRef, LayerSpec, ModelSpec } from './parseModel';

/** Of the paths in all rows together: a row names its inputs by their paths. */
const MAX_PATH_LETTERS = 2 ** 25;

/** Where a model is called. */
interface CallSite {
  /** '' or `embed@2/`. */
  readonly callPrefix: string;
  /** The same without call numbers. */
  readonly layerPrefix: string;
  /** What a nested model is called on; null at top level. */
  readonly outer: readonly TensorRef[] | null;
  /** The argument of that name. */
  readonly training?: unknown;
}

/** Unfolds a model and the models in it into one flat list of nodes, in topological order. */
export class Unfolding {
  readonly nodes = new Map<string, GraphNode>();
  readonly models = new Map<string, ModelCall>();
  /** By path of a call: its inputs as calls in the model that contains it, nested models not looked into. */
  readonly inbound = new Map<string, readonly TensorRef[]>();
  private readonly weights = new Map<string, readonly WeightSpec[]>();
  /** By path of a call: what is known of its outputs before anything runs. */
  private readonly values = new Map<string, readonly (StaticValues | null)[]>();
  private calls = 0;
  private pathLetters = 0;

  constructor(
    private readonly rules: RuleLookup,
    private readonly kerasMajor: number,
  ) {}

  /**
   * Adds the nodes of one call of a model.
   * @returns the nodes that its outputs come from.
   * @throws Failure `bad-config` or `too-large`.
   */
  addModel(spec: ModelSpec, site: CallSite): TensorRef[] {
    const { callPrefix, layerPrefix, outer } = site;
    const results = new Map<string, readonly TensorRef[]>();
    const resolve = (ref: CallRef): TensorRef => this.resolve(ref, spec, callPrefix, results);
    const inputIndices = new Map(spec.inputs.map((ref, i) => [ref.layer, i] as const).reverse());
    for (const [layer, call] of callsInOrder(spec)) {
      const path = callPrefix + callName({ layer: layer.name, call });
      const layerPath = layerPrefix + layer.name;
      const made = layer.calls[call];
      const refs = made?.inputs ?? [];
      this.count(spec, path, refs.length);
      const inputIndex = made === undefined ? inputIndices.get(layer.name) : undefined;
      const inputs =
        inputIndex !== undefined && outer !== null
          ? [outer[inputIndex] ?? failTooFewInputs(spec, callPrefix, outer.length)]
          : refs.map(resolve);
      this.inbound.set(
        path,
        refs.map((ref) => ({ node: callPrefix + callName(ref), output: ref.output })),
      );
      if (layer.model) {
        const outputs = this.addModel(layer.model, {
          callPrefix: `${path}/`,
          layerPrefix: `${layerPath}/`,
          outer: inputs,
          training: made?.kwargs.training ?? site.training,
        });
        this.models.set(path, { path, layerPath, inputs, outputs });
        results.set(callKey({ layer: layer.name, call }), outputs);
      } else {
        const given = { args: made?.args ?? [], kwargs: made?.kwargs ?? {} };
        this.addNode(layer, path, layerPath, inputs, this.withTraining(layer, given, site.training));
        results.set(callKey({ layer: layer.name, call }), [{ node: path, output: 0 }]);
      }
    }
    return spec.outputs.map(resolve);
  }

  private count(spec: ModelSpec, path: string, inputs: number): void {
    if (++this.calls > MAX_CALLS) failTooManyCalls(spec.name);
    checkName(path, l10n.t('a layer'));
    this.pathLetters += path.length * (1 + inputs);
    if (this.pathLetters <= MAX_PATH_LETTERS) return;
    fail(
      'too-large',
      l10n.t(
        'The paths of the layers of model "{0}" take more than {1} letters.',
        spec.name,
        MAX_PATH_LETTERS,
      ),
      { remedy: l10n.t('Open one of its nested models on its own.') },
    );
  }

  /** @param results the outputs of the calls of `spec` so far, by `callKey`. */
  private resolve(
    ref: CallRef,
    spec: ModelSpec,
    callPrefix: string,
    results: ReadonlyMap<string, readonly TensorRef[]>,
  ): TensorRef {
    const path = callPrefix + ref.layer;
    const outputs = results.get(callKey(ref));
    if (!outputs) {
      return damaged(
        l10n.t('Model "{0}": layer "{1}" has no call {2}.', spec.name, ref.layer, ref.call),
        path,
      );
    }
    // Nodes may have more outputs than are known (unknown layers): the reference itself is enough.
    const isModel = this.models.has(callPrefix + callName(ref));
    const found = isModel ? outputs[ref.output] : { node: outputs[0]?.node ?? '', output: ref.output };
    return (
      found ??
      damaged(l10n.t('Model "{0}": "{1}" has no output {2}.', spec.name, ref.layer, ref.output), path)
    );
  }

  /** An argument of the call itself takes precedence over that of the model around it. */
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
        isOperationClass(node.className)
          ? l10n.t(
              'Layerglass does not compute the operation "{0}"; it never runs code from the file. What comes before this layer works; what follows it is unknown. A JavaScript module of yours can implement it (setting layerglass.customLayers).',
              node.className,
            )
          : l10n.t(
              'Layerglass does not know the layer class "{0}"; it never runs code from the file. What comes before this layer works; what follows it is unknown. A JavaScript module of yours can implement it (setting layerglass.customLayers).',
              node.className,
            ),
      );
    }
    const inputShapes: Shape[] = [];
    for (const ref of node.inputs) {
      const from = this.nodes.get(ref.node);
      if (from?.unknownBecause !== undefined) return unknown(from.unknownBecause);
      const shape = this.shapeOf(ref);
      if (shape === null)
        return unknown(node.path, l10n.t('Output {0} of "{1}" does not exist.', ref.output, ref.node));
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
        checkWeightShapes(node.path, built, rule.weights?.(node.config, inputShapes, node.call) ?? []);
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
      return unknown(node.path, refusalNotice(thrown, node.path, node.className));
    }
  }

  /** The layers of a model, each once. @param trainable that of the model and of every model around it. */
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

  /** Whether it has weights of which nothing is known. An operation of a functional model has none. */
  private mayHaveWeights({ model, className }: LayerSpec, path: string): boolean {
    if (model || this.weights.has(path) || isOperationClass(className)) return false;
    const rule = this.rules(className);
    return rule === undefined || rule.weights !== undefined;
  }

  shapeOf(ref: TensorRef): MaybeShape {
    return this.nodes.get(ref.node)?.outputShapes[ref.output] ?? null;
  }
}

/** True for `ops.SVD` of Keras 3 and `tf.linalg.svd` of TensorFlow, as parseModel names them. */
export const isOperationClass = (className: string): boolean => /^(ops|tf)\./.test(className);

const failTooFewInputs = (spec: ModelSpec, callPrefix: string, given: number): never =>
  fail(
    'bad-config',
    l10n.t('Model "{0}" is called with {1} inputs, it takes {2}.', spec.name, given, spec.inputs.length),
    {
      subject: callPrefix.slice(0, -1),
    },
  );
