import { fail } from '../../shared/errors';
import type { RectifierRule } from '../run/backward';
import { spatialLayout } from './layerChoice';
import type { Method, MethodContext, RawMap } from './method';
import { checkHolds, toRawMap } from './method';

/**
 * Gradient saliency: |dScore/dInput|, the largest over the channels. Raw map of the input's spatial shape.
 * Simonyan et al., "Deep Inside Convolutional Networks", 2013.
 */
export const saliency: Method = {
  info: {
    id: 'saliency',
    label: 'Gradient saliency',
    description: 'How strongly the score answers to each input value: |gradient| (Simonyan et al. 2013).',
    usesLayer: false,
  },
  mapsAt: 'input',
  emptyNotice: 'the score does not change with this input at all (its gradient is zero)',
  attribute: (ctx) => inputMap(ctx, 'gradient'),
};

/**
 * |gradient at the input|, reduced to the largest over channels.
 * @throws Failure `not-applicable` for integer inputs, which have no gradient.
 */
export async function inputMap(ctx: MethodContext, rule: RectifierRule): Promise<RawMap> {
  const { tf, trace, input } = ctx;
  const value = trace.at(input).outputs[0];
  const node = trace.graph.nodes.get(input);
  if (!value || !node) return fail('internal', `Input "${input}" has no value.`);
  const { spatial, channel } = spatialLayout(trace.graph, node, value.rank);
  const shape = spatial.map((axis) => value.shape[axis] ?? 1);
  checkHolds(`Input "${input}"`, input, value);
  const gradient = await ctx.walk(rule).at(input, 0, ctx.control);
  if (!gradient) {
    if (value.dtype === 'string') {
      return fail('not-applicable', `Input "${input}" holds text, which has no gradient.`, {
        subject: input,
        remedy: 'Choose Grad-CAM at the embedding or at a layer after it.',
      });
    }
    if (value.dtype !== 'float32' || takesIds(ctx, input)) {
      return fail('not-applicable', `Input "${input}" holds whole numbers, which have no gradient.`, {
        subject: input,
        remedy: 'Choose Grad-CAM at the embedding or at a layer after it.',
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
