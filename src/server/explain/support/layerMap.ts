import * as l10n from '@vscode/l10n';
import { METHODS, type MethodId } from '../../../shared/methods';
import type { Method, MethodContext, RawMap } from '../method';
import { type LayerValues, layerGradient, layerValues } from './layerValues';

/** A map at a layer, with sentences that are needed to interpret it. */
export interface LayerMap {
  readonly map: RawMap;
  readonly notices: readonly string[];
}

/** Computes one value per position from the values of a layer. */
export type Combine = (
  at: LayerValues,
  gradient: () => Promise<Float32Array>,
  ctx: MethodContext,
) => Float32Array | Promise<Float32Array>;

/**
 * A class activation map: `combine` at each position of the layer, 0 where a mask hides the position from the score.
 * The ReLU of the papers is applied when the map is drawn, so that evidence against the target is kept.
 */
export const activationMap = (
  id: MethodId,
  combine: Combine,
  more: Pick<Method, 'cost' | 'comparesScores' | 'defaultLayer'> = {},
): Method => ({
  mapsAt: 'layer',
  emptyNotice: l10n.t('No positive evidence for this target at this layer.'),
  ...more,
  async attribute(ctx) {
    const { map, notices } = await layerMap(ctx, METHODS[id].label, combine);
    return { maps: [map], notices };
  },
});

/** @param label of the method, for messages */
export async function layerMap(ctx: MethodContext, label: string, combine: Combine): Promise<LayerMap> {
  const at = await layerValues(ctx, label);
  let found: Promise<Float32Array> | null = null;
  const gradient = (): Promise<Float32Array> => {
    found ??= layerGradient(ctx, at);
    return found;
  };
  const map = { shape: at.shape, values: await combine(at, gradient, ctx) };
  if (at.hasExtent) return withoutHidden(ctx, at, map, gradient);
  return {
    map,
    notices: [
      l10n.t(
        'Layer "{0}" has no extent in space or time: the map is one number, the sum over its units.',
        at.ref.node,
      ),
    ],
  };
}

/**
 * Channel weights spread evidence over all positions, even masked ones that the score never sees. The map is 0 where the
 * mask hides a position and no channel there has a gradient.
 */
async function withoutHidden(
  ctx: MethodContext,
  at: LayerValues,
  map: RawMap,
  gradient: () => Promise<Float32Array>,
): Promise<LayerMap> {
  const mask = at.ref.output === 0 ? ctx.trace.at(at.ref.node).mask : undefined;
  const [steps = 1] = at.shape;
  if (mask?.rank !== 2 || mask.shape[1] !== steps || at.isChannelsFirst) return { map, notices: [] };
  const kept = await mask.data();
  const slopes = await gradient();
  const perStep = at.positions / steps;
  const isSeen = Array.from({ length: at.positions }, (_, p) => {
    if (kept[Math.floor(p / perStep)]) return true;
    return slopes.subarray(p * at.channels, (p + 1) * at.channels).some((value) => value !== 0);
  });
  const hidden = isSeen.filter((seen) => !seen).length;
  if (hidden === 0) return { map, notices: [] };
  return {
    map: { ...map, values: map.values.map((value, p) => (isSeen[p] ? value : 0)) },
    notices: [
      l10n.t(
        'A mask hides {0} of {1} positions of layer "{2}" from the score; they show no evidence.',
        hidden,
        at.positions,
        at.ref.node,
      ),
    ],
  };
}
