import { fail } from '../../shared/errors';
import { spatialLayout } from './layerChoice';
import type { Method, MethodContext, RawMap } from './method';
import { toRawMap } from './method';

/**
 * Grad-CAM: each channel of the layer's output A weighted by the spatial mean of dScore/dA, summed, then ReLU.
 * Raw map of shape [h, w] (or [length]) at layer resolution.
 * Selvaraju et al., "Grad-CAM", ICCV 2017.
 */
export const gradCam: Method = {
  info: {
    id: 'grad-cam',
    label: 'Grad-CAM',
    description:
      'Where a layer’s channels speak for the class: channels weighted by their mean gradient (Selvaraju et al. 2017).',
    usesLayer: true,
  },
  mapsAt: 'layer',
  emptyNotice: 'no positive evidence for this class at this layer',
  attribute: gradCamMap,
};

export async function gradCamMap(ctx: MethodContext): Promise<RawMap> {
  const { tf, trace, layer } = ctx;
  if (layer === null) return noLayer();
  const node = trace.graph.nodes.get(layer);
  const values = trace.at(layer).outputs[ctx.layerOutput];
  if (!node || !values) return noLayer();
  const { spatial, channel } = spatialLayout(trace.graph, node, values.rank);
  if (channel < 0) {
    return fail(
      'not-applicable',
      `Layer "${layer}" has no extent in space or time, so Grad-CAM has nothing to map.`,
      {
        subject: layer,
        remedy: 'Choose a convolution, or the method "saliency", which needs no layer.',
      },
    );
  }
  const gradient = await ctx.walk('gradient').at(layer, ctx.layerOutput, ctx.control);
  const shape = spatial.map((axis) => values.shape[axis] ?? 1);
  if (!gradient) return { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  const map = tf.tidy(() => {
    const weights = tf.mean(gradient, [...spatial], true);
    const sum = tf.sum(tf.mul(weights, values), channel);
    return tf.reshape(tf.relu(tf.slice(sum, 0, 1)), shape);
  });
  return toRawMap(map);
}

function noLayer(): never {
  return fail(
    'not-applicable',
    'Grad-CAM needs a layer with an extent in space or time; this model has none.',
    {
      remedy: 'Choose the method "saliency", which explains at the input.',
    },
  );
}
