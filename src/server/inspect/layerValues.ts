import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { LayerValues, TopValue } from '../../shared/layerValues';
import type { TensorStats } from '../../shared/model';
import { resolveLayer } from '../explain/layerChoice';
import { topIndices } from '../explain/ranking';
import type { GraphNode } from '../graph/graph';
import type { Activation, Tensor } from '../layers/kind';
import { hasNonFinite, nonFiniteOrigin } from '../run/nonFinite';
import type { Trace } from '../run/trace';
import { activationOf, layerContext, runnableKind } from '../run/trace';
import {
  canHaveDeadChannels,
  channelAxis,
  countDeadChannels,
  saturatedShare,
  slopesOf,
} from './activationShares';
import { distribution } from './distribution';
import { exactProbability } from './exactProbability';
import { statsOf } from './statistics';

const MAX_TOP_VALUES = 20;
/** float32 has 24 significant bits: a recomputation may differ in the last few. */
const RELATIVE_TOLERANCE = 1e-6;

/**
 * The values of a layer before and after its activation, for the input of `trace`.
 * @throws Failure `no-such-layer`, `unknown-layer`.
 */
export async function layerValues(trace: Trace, path: string): Promise<LayerValues> {
  const ref = resolveLayer(trace.graph, path);
  const node = trace.graph.nodes.get(ref.node);
  const values = trace.at(ref.node);
  const post = values.outputs[ref.output];
  const kind = node && runnableKind(node);
  if (!node || !post || !kind)
    return fail('no-such-layer', l10n.t('Layer "{0}" has no output {1}.', path, ref.output));
  refuseStrings(ref.node, post);
  const ctx = layerContext(trace, node, await trace.weights.of(node));
  const pre = ref.output === 0 ? values.pre : null;
  const activation = activationOf(kind, ctx);
  const postData = await post.data();
  const preData = pre ? await pre.data() : null;
  const isBad = hasNonFinite(postData) || (preData !== null && hasNonFinite(preData));
  const [before, after] = [
    pre && preData ? statsOf(preData, pre.shape) : null,
    statsOf(postData, post.shape),
  ];
  const origin = isBad ? await nonFiniteOrigin(trace, [ref]) : null;
  return {
    layer: ref.node,
    className: node.className,
    activation: activation?.name ?? (pre ? 'linear' : null),
    pre: before,
    post: after,
    distribution:
      pre && preData && activation
        ? await distribution(trace.runtime.tf, activation, preData, postData, {
            before: (before ?? after).histogram,
            after: after.histogram,
          })
        : null,
    check: pre && activation ? await check(trace, activation, pre, postData) : null,
    shares: await shares(trace, node, activation, pre, post, { before: before ?? after, after: postData }),
    top: top(activation, postData, preData, post.shape),
    notices: [
      ...(origin === null ? [] : [origin]),
      l10n.t('Inference mode: dropout is off, batch normalisation uses its moving statistics.'),
    ],
  };
}

/** @throws Failure `not-applicable`: strings have no statistics. */
export function refuseStrings(path: string, values: Tensor): void {
  if (values.dtype !== 'string') return;
  fail('not-applicable', l10n.t('Layer "{0}" gives text, which has no statistics.', path), {
    subject: path,
    remedy: l10n.t(
      'Choose a layer after the text has become numbers; "layerglass run" writes the text itself.',
    ),
  });
}

async function check(trace: Trace, activation: Activation, pre: Tensor, post: ArrayLike<number>) {
  const { tf } = trace.runtime;
  const again = tf.tidy(() => activation.forward(tf, pre));
  const data = await again.data();
  again.dispose();
  let largestError = 0;
  let scale = 1;
  for (let i = 0; i < post.length; i++) {
    const expected = post[i] ?? 0;
    const computed = data[i] ?? 0;
    // Two NaNs agree, and so do two infinities, whose difference would be NaN.
    if (Object.is(computed, expected)) continue;
    if (Number.isFinite(expected)) scale = Math.max(scale, Math.abs(expected));
    largestError = Math.max(largestError, Math.abs(computed - expected));
  }
  return { largestError, agrees: largestError <= RELATIVE_TOLERANCE * scale };
}

async function shares(
  trace: Trace,
  node: GraphNode,
  activation: Activation | null,
  pre: Tensor | null,
  post: Tensor,
  values: { readonly before: TensorStats; readonly after: ArrayLike<number> },
): Promise<LayerValues['shares']> {
  const axis = channelAxis(trace.graph, node, post.rank);
  const { negative, count } = values.before;
  return {
    negative: count === 0 ? 0 : negative / count,
    deadChannels: canHaveDeadChannels(activation, post.rank)
      ? countDeadChannels(values.after, post.shape, axis)
      : null,
    channels: post.shape[axis] ?? 1,
    saturated: await saturatedShareOf(trace, activation, pre, post),
  };
}

async function saturatedShareOf(
  trace: Trace,
  activation: Activation | null,
  pre: Tensor | null,
  post: Tensor,
): Promise<number | null> {
  const slopes = slopesOf(trace, activation, pre, post);
  if (slopes === null) return null;
  const share = saturatedShare(await slopes.data());
  slopes.dispose();
  return share;
}

/** Probabilities that float32 rounds to 0 or 1 are ranked by their logits. */
function top(
  activation: Activation | null,
  post: ArrayLike<number>,
  pre: ArrayLike<number> | null,
  shape: readonly number[],
): TopValue[] {
  const isOfLogits =
    pre !== null && shape.length === 2 && ['softmax', 'sigmoid'].includes(activation?.name ?? '');
  const best = topIndices(isOfLogits ? pre : post, MAX_TOP_VALUES);
  const inner = shape.slice(1);
  const size = inner.reduce((a, b) => a * b, 1);
  const units = shape.at(-1) ?? 1;
  return best.map((flat) => {
    let rest = flat % Math.max(1, size);
    const index: number[] = [];
    for (let axis = inner.length - 1; axis >= 0; axis--) {
      const length = inner[axis] ?? 1;
      index.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return {
      index,
      pre: pre ? (pre[flat] ?? null) : null,
      post: post[flat] ?? Number.NaN,
      probability: pre && exactProbability(activation, pre, post, flat, units),
    };
  });
}
