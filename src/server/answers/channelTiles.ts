import type { ChannelTiles } from '../../shared/layerValues';
import type { ChannelTilesParams } from '../../shared/protocol';
import { resolveLayer, spatialLayout } from '../explain/layerChoice';
import { range } from '../explain/maps/displayMap';
import type { Run } from '../session/runs';
import { tileImageSize, tilePng } from './tile';

/** Maximum number of tiles in one request. */
const MAX_TILES = 256;

/** Channels `from`..`from + count` of a layer's value as images, each scaled to its own range. */
export async function channelTiles(
  { trace }: Pick<Run, 'trace'>,
  params: ChannelTilesParams,
): Promise<ChannelTiles> {
  const ref = resolveLayer(trace.graph, params.layer);
  const node = trace.graph.nodes.get(ref.node);
  const values = trace.at(ref.node);
  const tensor = params.stage === 'pre' ? values.pre : values.outputs[ref.output];
  // An empty tensor has no values to show.
  const isEmpty = !tensor || tensor.dtype === 'string' || tensor.size === 0;
  if (!node || isEmpty || tensor.rank < 3 || tensor.rank > 4)
    return { width: 0, height: 0, total: 0, tiles: [] };
  const { spatial, channel } = spatialLayout(trace.graph, node, tensor.rank);
  const sizes = spatial.map((axis) => tensor.shape[axis] ?? 1);
  const [rows, columns] = sizes.length === 1 ? [1, sizes[0] ?? 1] : [sizes[0] ?? 1, sizes[1] ?? 1];
  const total = tensor.shape[channel] ?? 0;
  const from = Math.max(0, Math.min(params.from, total));
  const count = Math.max(0, Math.min(params.count, total - from, MAX_TILES));
  const { tf } = trace.runtime;
  const tiles: ChannelTiles['tiles'][number][] = [];
  for (let i = from; i < from + count; i++) {
    const begin = tensor.shape.map((_, axis) => (axis === channel ? i : 0));
    const size = tensor.shape.map((length, axis) => (axis === channel || axis === 0 ? 1 : length));
    const slice = tf.tidy(() => tf.cast(tf.slice(tensor, begin, size), 'float32'));
    const data = new Float32Array(await slice.data());
    slice.dispose();
    const { min, max } = range(data);
    const png = tilePng(data, { rows, columns }, params.colourMap);
    tiles.push({ channel: i, min, max, png });
  }
  return { ...tileImageSize({ rows, columns }), total, tiles };
}
