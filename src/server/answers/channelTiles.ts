import type { ChannelTiles } from '../../shared/layerValues';
import type { ChannelTilesParams } from '../../shared/protocol';
import { range } from '../explain/displayMap';
import { resolveLayer, spatialLayout } from '../explain/layerChoice';
import { asStrip, colourMapped } from '../render/overlay';
import { encodePng } from '../render/png';
import { hasNonFinite } from '../run/nonFinite';
import type { Run } from '../session/runs';

/** Maximum number of tiles in one request. */
const MAX_TILES = 256;
const STRIP_HEIGHT = 12;
/** Larger tiles are subsampled by whole rows and columns: no page shows more, and a tile of millions of pixels takes seconds. */
const MAX_SIDE = 1024;

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
  const [down, right] = [Math.ceil(rows / MAX_SIDE), Math.ceil(columns / MAX_SIDE)];
  const [height, width] = [Math.ceil(rows / down), Math.ceil(columns / right)];
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
    const all = scaled(data);
    const drawn = (_: unknown, at: number): number =>
      all[Math.floor(at / width) * down * columns + (at % width) * right] ?? 0;
    const values = down * right === 1 ? all : Float32Array.from({ length: height * width }, drawn);
    const map = { height, width, values };
    const image = asStrip(colourMapped(map, params.colourMap), STRIP_HEIGHT);
    const png = Buffer.from(encodePng(image.rgb, image.width, image.height)).toString('base64');
    tiles.push({ channel: i, min, max, png });
  }
  return { width, height: height === 1 ? STRIP_HEIGHT : height, total, tiles };
}

/** 0..1 from the smallest to the largest finite value; infinities and NaN stay as they are. */
function scaled(values: Float32Array): Float32Array {
  const finite = hasNonFinite(values) ? values.filter((value) => Number.isFinite(value)) : values;
  const { min, max } = range(finite);
  const scale = max > min ? 1 / (max - min) : 0;
  return values.map((value) => (Number.isFinite(value) ? (value - min) * scale : value));
}
