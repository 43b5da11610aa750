import { fail } from '../../../shared/errors';
import { defaultMethod } from '../../../shared/methods';
import type { Tensor } from '../../layers/kind';
import { GRADIENT } from '../../run/rectifierRules';
import { spatialLayout } from '../layerChoice';
import type { Method, MethodContext, RawMap } from '../method';
import { checkNotEmpty, toRawMap } from '../method';

/**
 * Grad-CAM: each channel of the layer's output A weighted by the spatial mean of dScore/dA, and summed; 0 where a mask hides
 * a position from the score. The paper's ReLU is applied when the map is drawn, so that evidence against the target is kept.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Selvaraju et al., "Grad-CAM", ICCV 2017.
 */
export const gradCam: Method = {
  mapsAt: 'layer',
  emptyNotice: 'No positive evidence for this target at this layer.',
  async attribute(ctx) {
    const { map, notices } = await gradCamMap(ctx);
    return { maps: [map], notices };
  },
};

interface LayerMap {
  readonly map: RawMap;
  readonly notices: readonly string[];
}

export async function gradCamMap(ctx: MethodContext): Promise<LayerMap> {
  const { tf, trace, layer } = ctx;
  if (layer === null) return failNoLayer();
  const node = trace.graph.nodes.get(layer);
  const values = trace.at(layer).outputs[ctx.layerOutput];
  if (!node || !values) return failNoLayer();
  const { spatial, channel } = spatialLayout(trace.graph, node, values.rank);
  if (channel < 0) {
    return fail(
      'not-applicable',
      `Layer "${layer}" has no extent in space or time, so Grad-CAM has nothing to map.`,
      {
        subject: layer,
        remedy: `Choose a convolution, or the method "${defaultMethod(false)}", which needs no layer.`,
      },
    );
  }
  checkNotEmpty(`Layer "${layer}"`, layer, values);
  const gradient = await ctx.walk(GRADIENT).at(layer, ctx.layerOutput, ctx.control);
  const shape = spatial.map((axis) => values.shape[axis] ?? 1);
  if (!gradient)
    return { map: { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }, notices: [] };
  const map = tf.tidy(() => {
    const weights = tf.mean(gradient, [...spatial], true);
    const sum = tf.sum(tf.mul(weights, values), channel);
    return tf.reshape(tf.slice(sum, 0, 1), shape);
  });
  const raw = await toRawMap(map);
  const mask = ctx.layerOutput === 0 ? trace.at(layer).mask : undefined;
  const isOverTime = mask?.rank === 2 && mask.shape[1] === shape[0] && channel !== 1;
  return !mask || !isOverTime
    ? { map: raw, notices: [] }
    : applyMask(ctx, layer, raw, mask, gradient, channel);
}

/**
 * The channel weights spread evidence over all positions, even masked ones that the score never sees. The map is 0 where the
 * mask hides a position and no channel there has a gradient.
 * @param mask bool [batch, time], of the layer's output
 * @param gradient [batch, time, ...space, channels]
 */
async function applyMask(
  { tf }: MethodContext,
  layer: string,
  { shape, values }: RawMap,
  mask: Tensor,
  gradient: Tensor,
  channel: number,
): Promise<LayerMap> {
  const { values: seen } = await toRawMap(
    tf.tidy(() => {
      const steps = tf.cast(tf.slice(mask, 0, 1), 'float32');
      const visible = tf.reshape(steps, [shape[0] ?? 1, ...shape.slice(1).map(() => 1)]);
      const largest = tf.reshape(tf.max(tf.abs(tf.slice(gradient, 0, 1)), channel), [...shape]);
      return tf.maximum(visible, tf.cast(tf.notEqual(largest, 0), 'float32'));
    }),
  );
  const hidden = seen.filter((value) => value === 0).length;
  if (hidden === 0) return { map: { shape, values }, notices: [] };
  return {
    map: { shape, values: values.map((value, i) => (seen[i] === 0 ? 0 : value)) },
    notices: [
      `A mask hides ${hidden} of ${seen.length} positions of layer "${layer}" from the score; they show no evidence.`,
    ],
  };
}

function failNoLayer(): never {
  return fail(
    'not-applicable',
    'Grad-CAM needs a layer with an extent in space or time; this model has none.',
    {
      remedy: `Choose the method "${defaultMethod(false)}", which explains at the input.`,
    },
  );
}
