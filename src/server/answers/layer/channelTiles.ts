import type { ChannelTilesParams } from '../../../shared/protocol';
import type { ChannelTiles } from '../../../shared/results/channels';
import { channelLayout, describedOf, rangesOf, startOf } from '../../inspect/channelLayout';
import { stageValues } from '../../inspect/stageValues';
import type { Run } from '../../session/runs';
import { toWireBytes } from '../explanation';

/** Bytes of all tiles of an answer: more than fit on any screen. */
const MAX_BYTES = 2 ** 22;
const NAN = 255;
const LARGEST = 254;

/**
 * Some channels of a layer as small images, each from its own smallest to its own largest value. Channels that do not exist,
 * and those beyond the limit of an answer, are left out.
 * @throws Failure as `stageValues`.
 */
export async function channelTiles(
  { trace }: Pick<Run, 'trace'>,
  params: ChannelTilesParams,
): Promise<ChannelTiles> {
  const values = await stageValues(trace, params.layer, params.stage);
  const layout = channelLayout(values);
  if (layout === null)
    return { rows: 0, columns: 0, channels: [], values: toWireBytes(new Uint8Array(0), [0, 0, 0]) };
  const down = stepOf(layout.rows, params.side);
  const right = stepOf(layout.columns, params.side);
  const [rows, columns] = [Math.ceil(layout.rows / down), Math.ceil(layout.columns / right)];
  const size = rows * columns;
  const described = describedOf(layout);
  const { min, max } = rangesOf(trace, values, layout, described);
  const slice = Math.min(params.slice, layout.slices - 1);
  const channels = params.channels
    .filter((channel) => channel < described)
    .slice(0, Math.max(1, Math.floor(MAX_BYTES / size)));
  const bytes = new Uint8Array(channels.length * size);
  const { strides } = layout;
  const scales = channels.map((channel) => {
    const [low, high] = [min[channel] ?? Number.NaN, max[channel] ?? Number.NaN];
    return {
      start: startOf(layout, channel, slice),
      low,
      high,
      scale: high > low ? LARGEST / (high - low) : 0,
    };
  });
  // By position first: the channels of a position are side by side in memory.
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = row * down * strides.row + column * right * strides.column;
      let to = row * columns + column;
      for (const { start, low, high, scale } of scales) {
        const value = values.data[start + place] ?? Number.NaN;
        const clipped = Math.min(high, Math.max(low, value));
        bytes[to] = Number.isNaN(value) ? NAN : Math.round((clipped - low) * scale);
        to += size;
      }
    }
  }
  return { rows, columns, channels, values: toWireBytes(bytes, [channels.length, rows, columns]) };
}

/** Of how many rows or columns one is drawn, so that about `side` are. */
const stepOf = (size: number, side: number): number => Math.max(1, Math.round(size / side));
