import { fail } from '../../../shared/errors';
import { defaultMethod, METHODS } from '../../../shared/methods';
import type { RectifierRule } from '../../run/rectifierRules';
import { spatialLayout } from '../layerChoice';
import type { MethodContext, RawMap } from '../method';
import { checkNotEmpty, toRawMap } from '../method';

/** The remedy for an input without gradients. */
const USE_EMBEDDING = `Choose ${METHODS[defaultMethod(true)].label} at the embedding or at a layer after it.`;

/**
 * |gradient at the input|, reduced to the largest over channels.
 * @throws Failure `not-applicable` for integer inputs, which have no gradient.
 */
export async function inputGradient(ctx: MethodContext, rule: RectifierRule): Promise<RawMap> {
  const { tf, trace, input } = ctx;
  const value = trace.at(input).outputs[0];
  const node = trace.graph.nodes.get(input);
  if (!value || !node) return fail('internal', `Input "${input}" has no value.`);
  const { spatial, channel } = spatialLayout(trace.graph, node, value.rank);
  const shape = spatial.map((axis) => value.shape[axis] ?? 1);
  checkNotEmpty(`Input "${input}"`, input, value);
  const gradient = await ctx.walk(rule).at(input, 0, ctx.control);
  if (!gradient) {
    if (value.dtype === 'string') {
      return fail('not-applicable', `Input "${input}" holds text, which has no gradient.`, {
        subject: input,
        remedy: USE_EMBEDDING,
      });
    }
    if (value.dtype !== 'float32' || takesIds(ctx, input)) {
      return fail('not-applicable', `Input "${input}" holds whole numbers, which have no gradient.`, {
        subject: input,
        remedy: USE_EMBEDDING,
      });
    }
    return { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  }
  const map = tf.tidy(() => {
    const all = tf.abs(gradient);
    // An input of a graph may be one number, without a batch.
    const one = all.rank === 0 ? all : tf.slice(all, 0, 1);
    const most = channel < 0 ? one : tf.max(one, channel);
    return tf.reshape(most, shape);
  });
  return toRawMap(map);
}

const users = (ctx: MethodContext, path: string) =>
  [...ctx.trace.graph.nodes.values()].filter((node) => node.inputs.some((ref) => ref.node === path));

const takesIds = (ctx: MethodContext, path: string): boolean =>
  users(ctx, path).some((node) => node.className === 'Embedding');
