import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { ChannelMapParams } from '../../../shared/protocol';
import type { ChannelMap, ChannelSource } from '../../../shared/results/channels';
import { shapesOf, spatialSizes } from '../../explain/shapedGraph';
import type { TensorRef } from '../../graph/graph';
import { channelLayout, startOf } from '../../inspect/channelLayout';
import { stageValues } from '../../inspect/stageValues';
import type { Run } from '../../session/runs';
import { inputWindows } from '../../tracing/inputWindow';
import { receptiveField } from '../../tracing/receptiveField';
import { toWireBytes, toWireTensor } from '../explanation';

/** Larger sides are sent by every n-th row or column: no page shows more. */
const MAX_SIDE = 1024;

/**
 * The values of one channel, or of one slice of it, and what they see of the input.
 * @throws Failure as `stageValues`, and `no-such-target` for a channel that the layer does not have.
 */
export async function channelMap(run: Run, params: ChannelMapParams): Promise<ChannelMap> {
  const values = await stageValues(run.trace, params.layer, params.stage);
  const layout = channelLayout(values);
  const { channel } = params;
  if (layout === null || channel >= layout.total) {
    return fail(
      'no-such-target',
      l10n.t('Layer "{0}" has {1} channels, not a channel {2}.', params.layer, layout?.total ?? 0, channel),
      {
        subject: params.layer,
        remedy: l10n.t('Choose another channel; they are counted from 0.'),
      },
    );
  }
  const slice = Math.min(params.slice, layout.slices - 1);
  const step = { rows: Math.ceil(layout.rows / MAX_SIDE), columns: Math.ceil(layout.columns / MAX_SIDE) };
  const [rows, columns] = [Math.ceil(layout.rows / step.rows), Math.ceil(layout.columns / step.columns)];
  const start = startOf(layout, channel, slice);
  const drawn = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    let place = start + row * step.rows * layout.strides.row;
    for (let column = 0; column < columns; column++, place += step.columns * layout.strides.column)
      drawn[row * columns + column] = values.data[place] ?? Number.NaN;
  }
  const hasSource = params.source === true && (layout.kind === 'maps' || layout.kind === 'strips');
  return {
    ...{ channel, slice, rows: layout.rows, columns: layout.columns, step },
    values: toWireTensor({ shape: [rows, columns], values: drawn }),
    source: hasSource ? sourceOf(run, values.ref) : null,
  };
}

/** The first input with positions that the layer depends on. */
function sourceOf({ trace, model, inputs }: Run, layer: TensorRef): ChannelSource | null {
  const shapes = shapesOf(trace);
  for (const path of inputWindows(shapes, layer, null).keys()) {
    const size = spatialSizes(shapes, { node: path, output: 0 });
    if (!size || size.length === 0) continue;
    const image = inputs[model.graph.inputs.indexOf(path)]?.image;
    const isSame = image && size.length === 2 && image.height === size[0] && image.width === size[1];
    return {
      ...{ input: path, size, field: receptiveField(shapes, layer, path) },
      image: isSame ? toWireBytes(image.rgb, [image.height, image.width, 3]) : null,
    };
  }
  return null;
}
