import { Failure } from '../../shared/errors';
import type { LayerQuantitiesParams } from '../../shared/protocol';
import type { ChannelQuantities, DrawnQuantities } from '../../shared/results/layerQuantities';
import { type ExplainRequest, explain, NO_FILES } from '../explain/explain';
import { topIndices } from '../explain/ranking';
import { camRelation } from '../explain/support/camRelation';
import { type LayerQuantities, layerQuantities } from '../explain/support/layerQuantities';
import { statsOf } from '../inspect/statistics';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';
import { type TileSize, tileImageSize, tilePng } from './tile';

/** The others are in an export. */
const MAX_CHANNELS = 24;

/** The output of a layer, the gradient at it and its channel weights, for a page. */
export async function drawnQuantities(
  run: Run,
  { layer, target, colourMap }: LayerQuantitiesParams,
  control: Control,
): Promise<DrawnQuantities> {
  const found = await layerQuantities(run.trace, run.walks, { layer, target, labels: [] }, control);
  const { output, gradient, weights, at } = found;
  const means = channelMeans(found);
  const parts = weights.map((weight, channel) => weight * (means[channel] ?? Number.NaN));
  const size = tileSize(at.shape, at.hasExtent);
  const draw = (channel: number): ChannelQuantities => ({
    channel,
    weight: weights[channel] ?? Number.NaN,
    mean: means[channel] ?? Number.NaN,
    part: parts[channel] ?? Number.NaN,
    outputPng: size && tilePng(channelOf(at.values, at.channels, channel), size, colourMap),
    gradientPng: size && tilePng(channelOf(found.slopes, at.channels, channel), size, 'rdbu', true),
  });
  return {
    layer: found.layer,
    output: statsOf(output.values, output.shape),
    gradient: statsOf(gradient.values, gradient.shape),
    channels: at.channels,
    tile: size && tileImageSize(size),
    strongest: topIndices(parts.map(Math.abs), MAX_CHANNELS).map(draw),
    sum: parts.reduce((sum, part) => sum + part, 0),
    relation: await relationOf(run, { method: 'cam', layer: 'auto', target, labels: [] }, control),
  };
}

/** Null where the model has no CAM. */
async function relationOf(
  { trace, walks }: Run,
  question: ExplainRequest,
  control: Control,
): Promise<string | null> {
  try {
    const cam = await explain(trace, walks, question, control, NO_FILES);
    const { layer } = cam.header;
    const other = await explain(trace, walks, { ...question, method: 'grad-cam', layer }, control, NO_FILES);
    return camRelation(cam.raw, other.raw, layer);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.error.kind === 'not-applicable') return null;
    throw thrown;
  }
}

function channelMeans({ at: { values, channels, positions } }: LayerQuantities): Float64Array {
  const means = new Float64Array(channels);
  for (const [i, value] of values.entries())
    means[i % channels] = (means[i % channels] ?? 0) + value / positions;
  return means;
}

const channelOf = (values: Float32Array, channels: number, channel: number): Float32Array =>
  new Float32Array(values.length / channels).map((_, i) => values[i * channels + channel] ?? Number.NaN);

function tileSize(shape: readonly number[], hasExtent: boolean): TileSize | null {
  const [first = 1, second] = shape;
  if (!hasExtent || shape.length > 2) return null;
  return second === undefined ? { rows: 1, columns: first } : { rows: first, columns: second };
}
