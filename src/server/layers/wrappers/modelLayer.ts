import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { MaybeShape, Shape } from '../../../shared/model';
import { times } from '../../graph/cost';
import type { Graph, GraphNode, LayerEntry, TensorRef } from '../../graph/graph';
import { buildGraph } from '../../graph/keras/build';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { FindKind, LayerContext, LayerKind, Tensor } from '../kind';
import { ClearedMasks } from '../support/clearedMasks';
import { objectNames } from '../support/objectNames';
import { shapesMatch, shapeText } from '../support/shapeMatching';

/** A model inside a wrapper: its graph, and the range of each layer's weights among the wrapper's. */
interface InnerModel {
  readonly graph: Graph;
  readonly specs: readonly WeightSpec[];
  readonly ranges: ReadonlyMap<string, { readonly start: number; readonly end: number }>;
}

/** The values of one node of the model. */
interface Values {
  readonly node: GraphNode;
  readonly kind: LayerKind;
  readonly ctx: LayerContext;
  readonly inputs: readonly Tensor[];
  /** Before the activation of output 0. */
  readonly linear: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly mask: Tensor | undefined;
}

/** Whether a wrapped layer is itself a model. */
export const isModel = (config: LayerConfig): boolean => Array.isArray(config.raw('layers'));

/**
 * A model as a single layer, for wrappers such as TimeDistributed (graph/ itself unfolds models nested in models). Only
 * its outputs are kept; the backward pass recomputes the values inside.
 * @throws Failure `unknown-layer`, from every method, if the model contains an unknown layer.
 */
export function modelLayer(find: FindKind): LayerKind {
  // Keyed by the parsed JSON: the LayerConfig around it is created again for every call.
  const known = new WeakMap<object, InnerModel>();
  const innerOf = (config: LayerConfig): InnerModel => {
    const found = known.get(config.values) ?? read(find, config);
    known.set(config.values, found);
    return found;
  };
  return {
    outputShapes(config, inputs) {
      const { graph } = innerOf(config);
      for (const [i, path] of graph.inputs.entries())
        checkInput(config, graph.nodes.get(path)?.outputShapes[0] ?? null, inputs[i]);
      return graph.outputs.map((ref) => graph.nodes.get(ref.node)?.outputShapes[ref.output] ?? []);
    },
    weights: (config) => innerOf(config).specs,
    multiplyAdds: (config, [input = []]) => times(input[0], innerOf(config).graph.summary.multiplyAdds),
    forward(ctx, inputs) {
      const inner = innerOf(ctx.config);
      const values = run(find, ctx, inner, inputs);
      // Copies, since an output may be an input or appear twice.
      return inner.graph.outputs.map((ref) => ctx.tf.clone(outputAt(ctx.config, values, ref)));
    },
    backward(ctx, { inputs, gradients }) {
      const inner = innerOf(ctx.config);
      const values = run(find, ctx, inner, inputs);
      const reaching = new Gradients(ctx);
      for (const [i, ref] of inner.graph.outputs.entries()) reaching.add(ref, gradients[i] ?? null);
      for (const value of [...values.values()].reverse()) back(value, reaching);
      return inner.graph.inputs.map((node) => reaching.of(node)[0] ?? null);
    },
    mask: () => undefined,
  };
}

/** The shapes inside are those of the inputs in the file; Keras refuses others, too. @throws Failure `bad-config` */
function checkInput(config: LayerConfig, expected: MaybeShape, given: Shape | undefined): void {
  if (expected === null || given === undefined || shapesMatch(expected, given)) return;
  fail(
    'bad-config',
    l10n.t(
      'Layer "{0}" wraps a model that expects {1} but gets {2}.',
      config.path,
      shapeText(expected),
      shapeText(given),
    ),
    { subject: config.path },
  );
}

function read(find: FindKind, config: LayerConfig): InnerModel {
  const className = config.has('input_layers') ? 'Functional' : 'Sequential';
  const topology = { class_name: className, config: config.values };
  const kerasVersion = String(config.kerasMajor);
  const graph = buildGraph({ topology, format: 'keras', kerasVersion, path: config.path }, find);
  const unknown = [...graph.nodes.values()].find((node) => node.unknownBecause !== undefined);
  if (unknown) {
    return fail(
      'unknown-layer',
      l10n.t(
        'Layer "{0}" wraps a model whose layer "{1}" is unknown.',
        config.path,
        String(unknown.unknownBecause),
      ),
      {
        subject: config.path,
        remedy: l10n.t('Layers before this one can be explained. Layerglass never runs code from the file.'),
      },
    );
  }
  const specs: WeightSpec[] = [];
  const ranges = new Map<string, { start: number; end: number }>();
  collect(graph.layers, '', specs, ranges);
  return { graph, specs, ranges };
}

/** Collects every layer's weights in Keras's order, with their paths below the model in a `.keras` file. */
function collect(
  layers: readonly LayerEntry[],
  folder: string,
  specs: WeightSpec[],
  ranges: Map<string, { start: number; end: number }>,
): void {
  const names = objectNames(layers);
  for (const [i, layer] of layers.entries()) {
    const own = `${folder}layers/${names[i]}/`;
    if (layer.layers !== null) {
      collect(layer.layers, own, specs, ranges);
      continue;
    }
    const start = specs.length;
    for (const [position, spec] of layer.weights.entries()) {
      const at = own + (spec.at ?? `vars/${position}`);
      specs.push({ ...spec, trainable: spec.trainable && layer.trainable, at });
    }
    ranges.set(layer.path, { start, end: specs.length });
  }
}

/** Computes the values of every node, by path, in execution order. */
function run(
  find: FindKind,
  ctx: LayerContext,
  inner: InnerModel,
  inputs: readonly Tensor[],
): Map<string, Values> {
  const values = new Map<string, Values>();
  const cleared = new ClearedMasks(inner.graph.nodes, find);
  for (const node of inner.graph.nodes.values()) {
    const fed = inner.graph.inputs.indexOf(node.path);
    const given =
      fed < 0 ? node.inputs.map((ref) => outputAt(ctx.config, values, ref)) : inputs.slice(fed, fed + 1);
    const masks = node.inputs.map((ref) => (cleared.isVisible(ref) ? values.get(ref.node)?.mask : undefined));
    values.set(node.path, compute(find, ctx, inner, node, given, masks));
    cleared.record(node);
  }
  return values;
}

function compute(
  find: FindKind,
  outer: LayerContext,
  { ranges }: InnerModel,
  node: GraphNode,
  inputs: readonly Tensor[],
  masks: readonly (Tensor | undefined)[],
): Values {
  const kind = find(node.className);
  if (!kind)
    return fail('unknown-layer', l10n.t('Layer "{0}" is unknown.', node.path), { subject: node.path });
  const { start, end } = ranges.get(node.layerPath) ?? { start: 0, end: 0 };
  const weights = outer.weights.slice(start, end);
  const ctx = { ...outer, config: node.config, call: node.call, weights, masks };
  const linear = kind.forward(ctx, inputs);
  const activation = kind.activation?.(ctx.config, weights) ?? null;
  const [first, ...rest] = linear;
  const outputs = first && activation ? [activation.forward(ctx.tf, first), ...rest] : linear;
  const mask = kind.mask ? kind.mask(ctx, inputs) : masks[0];
  return { node, kind, ctx, inputs, linear, outputs, mask };
}

function outputAt(config: LayerConfig, values: ReadonlyMap<string, Values>, ref: TensorRef): Tensor {
  const tensor = values.get(ref.node)?.outputs[ref.output];
  if (tensor) return tensor;
  return fail(
    'bad-config',
    l10n.t('Layer "{0}" wraps a model in which "{1}" has no output {2}.', config.path, ref.node, ref.output),
    {
      subject: config.path,
    },
  );
}

/** The gradient at every output of every node, summed over its consumers. */
class Gradients {
  private readonly byNode = new Map<string, (Tensor | undefined)[]>();

  constructor(private readonly ctx: LayerContext) {}

  add({ node, output }: TensorRef, gradient: Tensor | null): void {
    if (!gradient) return;
    const list = [...this.of(node)];
    const before = list[output];
    list[output] = before ? this.ctx.tf.add(before, gradient) : gradient;
    this.byNode.set(node, list);
  }

  of(node: string): readonly (Tensor | undefined)[] {
    return this.byNode.get(node) ?? [];
  }
}

function back({ node, kind, ctx, inputs, linear, outputs }: Values, reaching: Gradients): void {
  const own = reaching.of(node.path);
  if (node.inputs.length === 0 || own.length === 0) return;
  const activation = kind.activation?.(ctx.config, ctx.weights) ?? null;
  const [pre, out] = [linear[0], outputs[0]];
  const gradients = linear.map((_, i) => {
    const gradient = own[i] ?? null;
    if (i > 0 || !gradient || !activation || !pre || !out) return gradient;
    return activation.backward(ctx.tf, pre, out, gradient);
  });
  const toInputs = kind.backward(ctx, { inputs, outputs: linear, gradients });
  for (const [i, ref] of node.inputs.entries()) reaching.add(ref, toInputs[i] ?? null);
}
