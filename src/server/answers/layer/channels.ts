import { Failure } from '../../../shared/errors';
import type { ChannelsParams } from '../../../shared/protocol';
import type { ChannelAttribution, LayerChannels } from '../../../shared/results/channels';
import { gradientTimesValue } from '../../explain/support/channelAttribution';
import {
  type ChannelLayout,
  channelLayout,
  describedOf,
  rangesOf,
  startOf,
} from '../../inspect/channelLayout';
import { stagesOf, stageValues } from '../../inspect/stageValues';
import type { Control } from '../../run/control';
import type { Run } from '../../session/runs';
import { toWireTensor } from '../explanation';

/**
 * How the channels of a layer are looked at, and the range of each.
 * @throws Failure as `stageValues`, and with `attribution` as `gradientTimesValue`.
 */
export async function layerChannels(
  { trace, walks }: Pick<Run, 'trace' | 'walks'>,
  params: ChannelsParams,
  control: Control,
): Promise<LayerChannels> {
  const stages = stagesOf(trace, params.layer);
  const stage = stages.includes(params.stage) ? params.stage : 'post';
  const values = await stageValues(trace, params.layer, stage);
  const layout = channelLayout(values);
  const empty = toWireTensor({ shape: [3, 0], values: new Float32Array(0) });
  if (layout === null) {
    const none = { total: 0, rows: 0, columns: 0, slices: 0, described: 0 };
    return { kind: null, stage, stages, ...none, ranges: empty, attribution: null };
  }
  const { kind, total, rows, columns, slices } = layout;
  const described = describedOf(layout);
  const { min, max, mean } = rangesOf(trace, values, layout, described);
  const ofOutput = params.attribution === true && kind !== 'heads';
  return {
    ...{ kind, stage, stages, total, rows, columns, slices, described },
    ranges: toWireTensor({ shape: [3, described], values: joined(min, max, mean) }),
    attribution: ofOutput ? await attributions(layout, described) : null,
  };

  /** The channels of the output are those of the value before the activation. */
  async function attributions(at: ChannelLayout, count: number): Promise<ChannelAttribution | null> {
    const { layer, target = { index: 'auto' }, labels = [] } = params;
    const question = { layer, target, labels };
    const { data } = stage === 'post' ? values : await stageValues(trace, layer, 'post');
    const found = await gradientTimesValue(trace, walks, question, data, control).catch(nullIfNone);
    if (found === null) return null;
    const { products } = found;
    const sums = new Float32Array(count);
    for (let channel = 0; channel < count; channel++) {
      let sum = 0;
      for (let slice = 0; slice < at.slices; slice++) {
        for (let row = 0; row < at.rows; row++) {
          let place = startOf(at, channel, slice) + row * at.strides.row;
          for (let column = 0; column < at.columns; column++, place += at.strides.column)
            sum += products[place] ?? 0;
        }
      }
      sums[channel] = sum;
    }
    return { target: found.target, sums: toWireTensor({ shape: [count], values: sums }) };
  }
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const part of parts) {
    all.set(part, from);
    from += part.length;
  }
  return all;
}

/** A layer that the score does not depend on has no gradient. */
function nullIfNone(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.error.kind === 'not-applicable') return null;
  throw thrown;
}
