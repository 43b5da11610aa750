import { fail } from '../../shared/errors';
import { resolveLayer } from '../explain/layerChoice';
import { BackwardWalk } from '../run/backward';
import type { Control } from '../run/control';
import type { Trace } from '../run/trace';
import { Descent } from './descent';
import { type FeatureMap, featureMap, forEachIndex, indexOf, wholeBox } from './featureMap';

/** How strongly a unit depends on each position of an input. */
export interface EffectiveField {
  readonly input: string;
  /** The spatial sizes of the input. */
  readonly shape: readonly number[];
  /** Row-major: the length of the gradient over the channels. */
  readonly values: Float32Array;
}

/**
 * The effective receptive field of one unit: the magnitude of its gradient at each position of the first input that it
 * depends on (Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016).
 * @param position of the unit in the layer
 * @throws Failure `no-such-layer`, `no-such-target`, `not-applicable`, `unknown-layer`, `cancelled`.
 */
export async function effectiveField(
  trace: Trace,
  layer: string,
  channel: number,
  position: readonly number[],
  control: Control,
): Promise<EffectiveField> {
  const ref = resolveLayer(trace.graph, layer);
  const map = await new Descent(trace).map(ref);
  const isInside =
    position.length === map.sizes.length && position.every((at, i) => at < (map.sizes[i] ?? 0));
  if (!isInside || channel >= map.channels) {
    fail('no-such-target', `Layer "${ref.node}" has no unit ${channel} at [${position.join(', ')}].`, {
      subject: ref.node,
      remedy: `It has ${map.channels} channels of ${map.sizes.join(' x ')} positions.`,
    });
  }
  const { tf } = trace.runtime;
  const seed = new Float32Array(map.shape.reduce((a, b) => a * b, 1));
  seed[indexOf(map, { position, channel })] = 1;
  const gradient = tf.tensor(seed, [...map.shape], 'float32');
  const walk = new BackwardWalk(trace, { ...ref, stage: 'post', gradient });
  try {
    for (const input of trace.graph.inputs) {
      const atInput = await walk.at(input, 0, control);
      if (!atInput || atInput.rank < 3) continue;
      const field = await featureMap(trace, { node: input, output: 0 }, atInput);
      return { input, shape: field.sizes, values: magnitudes(field) };
    }
  } finally {
    walk.dispose();
  }
  return fail('not-applicable', `Layer "${ref.node}" does not depend on an input with positions.`, {
    subject: ref.node,
    remedy: 'Choose a layer between the input and the output.',
  });
}

function magnitudes(field: FeatureMap): Float32Array {
  const values = new Float32Array(field.sizes.reduce((a, b) => a * b, 1));
  for (let channel = 0; channel < field.channels; channel++) {
    let place = 0;
    forEachIndex(field, channel, wholeBox(field), (index) => {
      values[place] = Math.hypot(values[place] ?? 0, field.data[index] ?? 0);
      place += 1;
    });
  }
  return values;
}
