import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { GraphNode } from '../graph/graph';
import { isJoint } from '../layers/activations/joint';
import type { LayerContext, LayerKind, Tensor } from '../layers/kind';
import { withFallback } from './backends/fallback';
import type { Control } from './control';
import { checkpoint, pacer } from './control';
import { withLayerErrors } from './layerErrors';
import { GRADIENT, type RectifierRule } from './rectifierRules';
import { tidy } from './tidy';
import type { NodeValues, Trace } from './trace';
import { activationOf, isTensor, type LayerWork, layerContext, repeatWork, runnableKind } from './trace';

/** Where a score is differentiated: one output of a node, before or after its activation. */
export interface Seed {
  readonly node: string;
  readonly output: number;
  readonly stage: 'pre' | 'post';
  /** dScore/dValue, of the value's shape; owned by the walk from now on. */
  readonly gradient: Tensor;
}

/** The gradients of a score, as an explanation reads them. */
export type Walk = Pick<BackwardWalk, 'trace' | 'time' | 'at'>;

/**
 * The gradient of one score at every node, from one backward walk through a trace. The walk goes as far as requested and
 * continues from there for an earlier node: another layer costs only the nodes in between.
 */
export class BackwardWalk {
  private readonly order: readonly GraphNode[];
  /** Nodes from here to the end are done. */
  private next: number;
  private readonly position = new Map<string, number>();
  private readonly post = new Map<string, (Tensor | null)[]>();
  private readonly pre = new Map<string, Tensor>();
  /** The node whose pre-activation is the score: the score does not depend on its output. */
  readonly scoredBefore: string | null = null;
  /** Milliseconds spent. */
  time = 0;

  constructor(
    readonly trace: Trace,
    seed: Seed,
    private readonly rule: RectifierRule = GRADIENT,
  ) {
    this.order = [...trace.graph.nodes.values()];
    for (const [i, node] of this.order.entries()) this.position.set(node.path, i);
    this.next = this.order.length;
    if (seed.stage === 'post') this.addTo(seed.node, seed.output, seed.gradient);
    else {
      this.pre.set(seed.node, seed.gradient);
      // Without an activation, the values before and after it are the same.
      const node = trace.graph.nodes.get(seed.node);
      const isLinear = !(node && runnableKind(node)?.activationName?.(node.config, node.call));
      if (isLinear) this.addTo(seed.node, seed.output, trace.runtime.tf.clone(seed.gradient));
      else this.scoredBefore = seed.node;
    }
  }

  /**
   * dScore/dOutput of a node, after its activation; `null` where the score does not depend on it.
   * The tensor belongs to the walk.
   */
  async at(path: string, output: number, control: Control): Promise<Tensor | null> {
    const target = this.position.get(path);
    if (target === undefined)
      return fail('no-such-layer', l10n.t('The model has no layer "{0}".', path), { subject: path });
    if (path === this.scoredBefore) {
      return fail(
        'not-applicable',
        l10n.t('The score is read before the activation of "{0}", not after it.', path),
        {
          subject: path,
          remedy: l10n.t('Choose a layer before it, or explain the probability.'),
        },
      );
    }
    const from = this.next;
    const isDue = pacer(this.trace.runtime.lazy !== undefined);
    while (this.next > target + 1) {
      const node = this.order[this.next - 1];
      if (!node) break;
      if (isDue())
        await checkpoint(
          control,
          (from - this.next) / Math.max(1, from - target),
          l10n.t('Back through {0}', node.path),
        );
      const start = performance.now();
      await this.propagate(node);
      this.time += performance.now() - start;
      this.next--;
    }
    return this.post.get(path)?.[output] ?? null;
  }

  /** dScore/dPre of a node, before its activation; `null` where there is none. The tensor belongs to the walk. */
  async beforeActivation(path: string, control: Control): Promise<Tensor | null> {
    if (path !== this.scoredBefore) await this.at(path, 0, control);
    const node = this.trace.graph.nodes.get(path);
    const kind = node && runnableKind(node);
    if (!node || !kind) return null;
    return this.preGradient(node, kind, layerContext(this.trace, node, await this.trace.weights.of(node)));
  }

  /** Bytes of all kept gradients. */
  get bytes(): number {
    let sum = 0;
    for (const list of this.post.values()) for (const tensor of list) sum += (tensor?.size ?? 0) * 4;
    for (const tensor of this.pre.values()) sum += tensor.size * 4;
    return sum;
  }

  dispose(): void {
    for (const list of this.post.values()) for (const tensor of list) tensor?.dispose();
    for (const tensor of this.pre.values()) tensor.dispose();
    this.post.clear();
    this.pre.clear();
  }

  private addTo(path: string, output: number, gradient: Tensor): void {
    const list = this.post.get(path) ?? [];
    const before = list[output];
    list[output] = before ? this.trace.runtime.tf.add(before, gradient) : gradient;
    if (before) {
      before.dispose();
      gradient.dispose();
    }
    this.post.set(path, list);
  }

  private async propagate(node: GraphNode): Promise<void> {
    const kind = runnableKind(node);
    const values = this.trace.values.get(node.path);
    if (!kind || !values || node.inputs.length === 0) return;
    if (!this.post.has(node.path) && !this.pre.has(node.path)) return;
    // The node was given, not computed: nothing before it has values.
    if (node.inputs.some((ref) => !this.trace.values.has(ref.node))) return;
    const ctx = layerContext(this.trace, node, await this.trace.weights.of(node));
    const first = this.preGradient(node, kind, ctx);
    const rest = this.post.get(node.path) ?? [];
    const outputs = outputsOf(values);
    const gradients = outputs.map((_, i) => (i === 0 ? first : (rest[i] ?? null)));
    const toInputs = inputGradients(this.trace, node, kind, ctx, gradients);
    for (const [i, ref] of node.inputs.entries()) {
      const gradient = toInputs[i];
      if (gradient) this.addTo(ref.node, ref.output, gradient);
    }
  }

  /** dScore/dPre, computed once; for a layer without activation simply dScore/dOutput. */
  private preGradient(node: GraphNode, kind: LayerKind, ctx: LayerContext): Tensor | null {
    const known = this.pre.get(node.path);
    if (known) return known;
    const after = this.post.get(node.path)?.[0] ?? null;
    const values = this.trace.values.get(node.path);
    const [out] = values?.outputs ?? [];
    if (!after || !values?.pre || !out) return after;
    const { runtime } = this.trace;
    const work = cloned((own, [before, post, from]) =>
      before && post && from ? [this.activationGradient(node, kind, own, [before, post, from])] : [],
    );
    const tensors = [values.pre, out, after];
    const [gradient = null] = withLayerErrors(node, () =>
      withFallback(runtime, () =>
        this.rule.isRepeatable === false
          ? work(ctx, tensors)
          : repeatWork(runtime, node, `activation ${this.rule.name}`, { ctx, tensors, work }),
      ),
    );
    if (gradient) this.pre.set(node.path, gradient);
    return gradient;
  }

  private activationGradient(
    node: GraphNode,
    kind: LayerKind,
    ctx: LayerContext,
    [pre, out, after]: readonly [Tensor, Tensor, Tensor],
  ): Tensor {
    const activation = activationOf(kind, ctx);
    if (!activation) return after;
    const backward = (from: Tensor) => activation.backward(ctx.tf, pre, out, from);
    const step = { node: node.path, pre, out, gradient: after, backward };
    const { atRectifier, atElementwise } = this.rule;
    if (activation.rectifies) return atRectifier(ctx.tf, step);
    const isReplaced = atElementwise !== undefined && !isJoint(activation);
    return isReplaced ? atElementwise(ctx.tf, step) : backward(after);
  }
}

/** Clones the results of some work: each is freed separately, and a layer may pass the same gradient to several inputs. */
const cloned =
  (work: LayerWork): LayerWork =>
  (ctx, tensors) =>
    tidy(ctx.tf, () => work(ctx, tensors).map((tensor) => tensor && ctx.tf.clone(tensor)));

const outputsOf = ({ pre, outputs }: NodeValues): readonly Tensor[] =>
  pre ? [pre, ...outputs.slice(1)] : outputs;

/**
 * The gradients at the inputs of one node, from those at its outputs before its activation. The caller disposes them.
 * @throws Failure `backend` that names the layer.
 */
export function inputGradients(
  trace: Trace,
  node: GraphNode,
  kind: LayerKind,
  ctx: LayerContext,
  gradients: readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const inputs = node.inputs
    .map((ref) => trace.at(ref.node).outputs[ref.output])
    .filter((tensor) => tensor !== undefined);
  const outputs = outputsOf(trace.at(node.path));
  const toInputs = withLayerErrors(node, () =>
    withFallback(trace.runtime, () =>
      repeatWork(trace.runtime, node, 'backward', {
        ctx,
        tensors: [...inputs, ...outputs, ...gradients],
        work: cloned((own, tensors) => {
          const [first, second] = [inputs.length, inputs.length + outputs.length];
          return kind.backward(own, {
            inputs: tensors.slice(0, first).filter(isTensor),
            outputs: tensors.slice(first, second).filter(isTensor),
            gradients: tensors.slice(second),
          });
        }),
      }),
    ),
  );
  for (const [i, gradient] of toInputs.entries()) if (gradient) checkGradientShape(node, gradient, inputs[i]);
  return toInputs;
}

/** Checks that a gradient has one value per input value. @throws Failure `backend` naming the layer. */
function checkGradientShape(node: GraphNode, gradient: Tensor, input: Tensor | undefined): void {
  if (gradient.size === input?.size) return;
  const [given, wanted] = [gradient.shape, input?.shape ?? []].map((shape) => `[${shape.join(', ')}]`);
  fail(
    'backend',
    l10n.t(
      'Layer "{0}" ({1}) gives a gradient of the shape {2} for an input of the shape {3}.',
      node.path,
      node.className,
      String(given),
      String(wanted),
    ),
    {
      subject: node.path,
      remedy: l10n.t(
        'Choose a layer after it. A custom layer must return gradients of the shapes of its inputs.',
      ),
    },
  );
}
