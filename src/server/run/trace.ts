import * as l10n from '@vscode/l10n';
import { byteText } from '../../shared/amounts';
import { fail } from '../../shared/errors';
import type { Graph, GraphNode, TensorRef } from '../graph/graph';
import { findKind, mayBeCustom } from '../kinds/registry';
import type { Activation, LayerContext, LayerKind, Scan, Tensor, TF, ValueCheck } from '../layers/kind';
import { ClearedMasks } from '../layers/support/clearedMasks';
import type { Runtime } from './backends/backend';
import { withFallback } from './backends/fallback';
import { checkSizes, checkWeights } from './checkCall';
import type { Control } from './control';
import { checkpoint, pacer } from './control';
import { withLayerErrors } from './layerErrors';
import { livenessOf } from './liveness';
import { tidy } from './tidy';
import type { Weights } from './weights/weights';

/** What one node computed. */
export interface NodeValues {
  /** Before the activation; `null` for layers without an activation argument. With a linear activation it equals the output. */
  readonly pre: Tensor | null;
  /** After it, one per output. */
  readonly outputs: readonly Tensor[];
  readonly mask: Tensor | undefined;
  /** Masks of the inputs, as the layer received them; owned by the nodes that computed them. */
  readonly inputMasks: readonly (Tensor | undefined)[];
}

/** One forward pass in inference mode that keeps every node's values. The caller of `runForward` disposes it. */
export class Trace {
  readonly values = new Map<string, NodeValues>();
  /** Milliseconds of computation, without reading weights. */
  forwardTime = 0;
  loadTime = 0;

  constructor(
    readonly runtime: Runtime,
    readonly graph: Graph,
    readonly weights: Weights,
    /** Limit of the values of one run. */
    readonly maxBytes: number,
    readonly clearedMasks = new ClearedMasks(graph.nodes, findKind),
  ) {}

  /** @throws Failure `unknown-layer` when the node's values cannot be known. */
  at(path: string): NodeValues {
    const found = this.values.get(path);
    if (found) return found;
    const node = this.graph.nodes.get(path);
    if (!node) return fail('no-such-layer', l10n.t('The model has no layer "{0}".', path), { subject: path });
    const because = node.unknownBecause ?? path;
    return fail('unknown-layer', l10n.t('Values of "{0}" are unknown because of "{1}".', path, because), {
      subject: path,
      remedy: this.graph.nodes.get(because)?.notice ?? l10n.t('Choose a layer before it.'),
    });
  }

  /** @throws Failure as `at`, and `unknown-layer` for an input beside those that the model takes: nothing feeds it. */
  tensorAt({ node, output }: TensorRef): Tensor {
    const value = this.at(node).outputs[output];
    if (value) return value;
    return fail(
      'unknown-layer',
      l10n.t('Layer "{0}" has no values here: no input of the model reaches it.', node),
      {
        subject: node,
        remedy: l10n.t('Choose another layer.'),
      },
    );
  }

  /** The Keras mask that a layer computed now would see on this output. */
  maskOf(ref: TensorRef): Tensor | undefined {
    return this.clearedMasks.isVisible(ref) ? this.values.get(ref.node)?.mask : undefined;
  }

  get bytes(): number {
    let sum = 0;
    for (const path of this.values.keys()) sum += this.bytesAt(path);
    return sum;
  }

  /** Bytes of the values of one node. */
  bytesAt(path: string): number {
    const { pre = null, outputs = [] } = this.values.get(path) ?? {};
    return (pre ? [pre, ...outputs] : outputs).reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  }

  /** Frees the values of one node. */
  release(path: string): void {
    const { pre, outputs, mask } = this.values.get(path) ?? {};
    pre?.dispose();
    mask?.dispose();
    for (const tensor of outputs ?? []) tensor.dispose();
    this.values.delete(path);
  }

  dispose(): void {
    for (const path of [...this.values.keys()]) this.release(path);
  }
}

function bytesOf(tensor: Tensor): number {
  if (tensor.dtype !== 'string') return tensor.size * 4;
  return tensor.dataSync<'string'>().reduce((sum, text) => sum + text.length, 0);
}

export interface ForwardOptions {
  /** Limit of the kept values; sizes that depend on values are known only during the run. */
  readonly maxBytes?: number;
  /** Keeps only the values of these nodes and frees the others after their last use; by default all are kept. */
  readonly keep?: ReadonlySet<string>;
  /** Makes the values of nodes that are given rather than computed; the trace owns them. Called for those that are needed. */
  readonly given?: ReadonlyMap<string, () => NodeValues>;
}

/**
 * Runs the model once. Nodes that depend on an unknown layer are skipped; everything else is computed.
 * @param inputs one tensor for each of `graph.inputs` that is not given, batch axis first; not disposed here.
 * @throws Failure `cancelled`, `bad-weights`, `too-large`, `too-costly`, or `backend` naming the layer that could not be computed.
 */
export async function runForward(
  runtime: Runtime,
  graph: Graph,
  weights: Weights,
  inputs: readonly Tensor[],
  control: Control,
  { maxBytes = Number.POSITIVE_INFINITY, keep, given = new Map() }: ForwardOptions = {},
): Promise<Trace> {
  const trace = new Trace(runtime, graph, weights, maxBytes);
  const liveness = keep && livenessOf(graph, keep, new Set(given.keys()));
  const loadedBefore = weights.loadTime;
  const start = performance.now();
  const isDue = pacer(runtime.lazy !== undefined);
  let done = 0;
  let kept = 0;
  try {
    for (const node of graph.nodes.values()) {
      if (isDue()) await checkpoint(control, done / graph.nodes.size, l10n.t('Computing {0}', node.path));
      done += 1;
      const kind = runnableKind(node);
      if (!kind) continue;
      if (liveness?.needed.has(node.path) === false) {
        trace.clearedMasks.record(node);
        continue;
      }
      const known = given.get(node.path);
      if (known) {
        trace.values.set(node.path, known());
        trace.clearedMasks.record(node);
        continue;
      }
      const fed = graph.inputs.indexOf(node.path);
      const taken =
        fed >= 0 ? [inputs[fed]] : node.inputs.map((ref) => trace.values.get(ref.node)?.outputs[ref.output]);
      if (taken.some((tensor) => tensor === undefined)) continue;
      const tensors = taken.filter((tensor) => tensor !== undefined);
      kept += checkSizes(node, kind, tensors);
      if (kept > maxBytes) failTooCostly(node, maxBytes);
      const ctx = layerContext(trace, node, await weights.of(node));
      checkWeights(node, kind, tensors, ctx.weights);
      trace.values.set(
        node.path,
        withLayerErrors(node, () =>
          withFallback(runtime, () => computeRepeatedly(runtime, node, kind, ctx, tensors)),
        ),
      );
      trace.clearedMasks.record(node);
      for (const path of liveness?.released.get(node.path) ?? []) trace.release(path);
    }
  } catch (thrown) {
    trace.dispose();
    throw thrown;
  }
  trace.loadTime = weights.loadTime - loadedBefore;
  trace.forwardTime = performance.now() - start - trace.loadTime;
  return trace;
}

function failTooCostly(node: GraphNode, maxBytes: number): never {
  return fail(
    'too-costly',
    l10n.t(
      'At layer "{0}" the values of this run take more than {1} of memory.',
      node.path,
      byteText(maxBytes),
    ),
    { subject: node.path, remedy: l10n.t('Choose a smaller input, or run it anyway.') },
  );
}

/** The kind of a node that can be computed; `undefined` for unknown layers and nodes that depend on them. */
export function runnableKind(node: GraphNode): LayerKind | undefined {
  return node.unknownBecause === undefined ? findKind(node.className) : undefined;
}

/** The context that a layer is called with; its weights must be loaded. */
export function layerContext(trace: Trace, node: GraphNode, weights: readonly Tensor[]): LayerContext {
  const { lazy } = trace.runtime;
  return {
    tf: trace.runtime.tf,
    backend: trace.runtime.status.name,
    config: node.config,
    call: node.call,
    weights,
    assets: trace.weights.assetsOf(node),
    masks: trace.values.get(node.path)?.inputMasks ?? node.inputs.map((ref) => trace.maskOf(ref)),
    ...(lazy && {
      scan: (...loop: Parameters<Scan>) => lazy.scan(...loop),
      whenKnown: (tensor: Tensor, check: ValueCheck) => lazy.whenKnown(tensor, check),
    }),
  };
}

/** The activation of a node, with its weights where it has some (PReLU). */
export const activationOf = (kind: LayerKind, ctx: LayerContext): Activation | null =>
  kind.activation?.(ctx.config, ctx.weights, ctx.call) ?? null;

/** One call of a layer: its values before and after the activation. The caller disposes them. */
export function computeNode(kind: LayerKind, ctx: LayerContext, inputs: readonly Tensor[]): NodeValues {
  const values = tidy(ctx.tf, () => {
    const linear = ownValues(ctx.tf, kind.forward(ctx, inputs), inputs);
    const activation = activationOf(kind, ctx);
    const mask = kind.mask ? kind.mask(ctx, inputs) : ctx.masks[0];
    // Cloned, because each node disposes of its own mask.
    const ownMask = mask === undefined ? null : ctx.tf.clone(mask);
    const [pre, ...rest] = linear;
    if (kind.activation === undefined || pre === undefined) return { pre: null, outputs: linear, ownMask };
    // A linear activation: input and output are equal, and both are kept.
    if (activation === null) return { pre, outputs: [ctx.tf.clone(pre), ...rest], ownMask };
    return { pre, outputs: [activation.forward(ctx.tf, pre), ...rest], ownMask };
  });
  return {
    pre: values.pre,
    outputs: values.outputs,
    mask: values.ownMask ?? undefined,
    inputMasks: ctx.masks,
  };
}

/** As `computeNode`; repeats what a backend recorded of the node before. */
function computeRepeatedly(
  runtime: Runtime,
  node: GraphNode,
  kind: LayerKind,
  ctx: LayerContext,
  inputs: readonly Tensor[],
): NodeValues {
  const work: LayerWork = (own, taken) => {
    const { pre, mask = null, outputs } = computeNode(kind, own, taken.filter(isTensor));
    return [pre, mask, ...outputs];
  };
  const [pre = null, mask, ...outputs] = repeatWork(runtime, node, 'forward', { ctx, tensors: inputs, work });
  return { pre, outputs: outputs.filter(isTensor), mask: mask ?? undefined, inputMasks: ctx.masks };
}

/** Some work of a layer on tensors. */
export type LayerWork = (
  ctx: LayerContext,
  tensors: readonly (Tensor | null)[],
) => readonly (Tensor | null)[];

/**
 * Makes some work of a layer. A backend that computes values when they are read repeats what it recorded of the same work before, unless
 * the layer may be a user's code, which may depend on anything.
 */
export function repeatWork(
  { lazy }: Runtime,
  node: GraphNode,
  variant: string,
  {
    ctx,
    tensors,
    work,
  }: { readonly ctx: LayerContext; readonly tensors: readonly (Tensor | null)[]; readonly work: LayerWork },
): readonly (Tensor | null)[] {
  if (!lazy || mayBeCustom(node.className, node.config.values)) return work(ctx, tensors);
  const masks = ctx.masks.map((mask) => mask ?? null);
  const [first, second] = [tensors.length, tensors.length + masks.length];
  return lazy.repeat(node, variant, [...tensors, ...masks, ...ctx.weights], (operands) => {
    const own = {
      ...ctx,
      masks: operands.slice(first, second).map((mask) => mask ?? undefined),
      weights: operands.slice(second).filter(isTensor),
    };
    return work(own, operands.slice(0, first));
  });
}

export const isTensor = (tensor: Tensor | null): tensor is Tensor => tensor !== null;

/** An operation without effect may return its operand itself, or a value twice: each node disposes of its own values. */
function ownValues(tf: TF, outputs: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const taken = new Set(inputs);
  return outputs.map((output) => {
    const own = taken.has(output) ? tf.clone(output) : output;
    taken.add(own);
    return own;
  });
}
