import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { EFFECTIVE_SHARE, type EffectiveField, type Span } from '../../shared/results/tracing';
import { resolveLayer } from '../explain/layerChoice';
import { BackwardWalk } from '../run/backward';
import type { Control } from '../run/control';
import type { Trace } from '../run/trace';
import { Descent } from './descent';
import { cellAt, type FeatureMap, featureMap, forEachIndex, indexOf, maximaIn, wholeBox } from './featureMap';

/**
 * The effective receptive field of one unit: the magnitude of its gradient at each position of the first input that it
 * depends on (Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016).
 * @param given position of the unit in the layer; left out, that of its largest value
 * @throws Failure `no-such-layer`, `no-such-target`, `not-applicable`, `unknown-layer`, `cancelled`.
 */
export async function effectiveField(
  trace: Trace,
  layer: string,
  channel: number,
  given: readonly number[] | null,
  control: Control,
): Promise<EffectiveField> {
  const ref = resolveLayer(trace.graph, layer);
  const map = await new Descent(trace).map(ref);
  const isUnit = channel < map.channels;
  const position = given ?? (isUnit ? ofMaximum(map, channel) : []);
  const isInside =
    position.length === map.sizes.length && position.every((at, i) => at < (map.sizes[i] ?? 0));
  if (!isInside || !isUnit) {
    fail(
      'no-such-target',
      l10n.t('Layer "{0}" has no unit {1} at [{2}].', ref.node, channel, position.join(', ')),
      {
        subject: ref.node,
        remedy: l10n.t('It has {0} channels of {1} positions.', map.channels, map.sizes.join(' x ')),
      },
    );
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
      const values = magnitudes(field);
      return { input, position, shape: field.sizes, values, extent: extentOf(values, field.sizes) };
    }
  } finally {
    walk.dispose();
  }
  return fail('not-applicable', l10n.t('Layer "{0}" does not depend on an input with positions.', ref.node), {
    subject: ref.node,
    remedy: l10n.t('Choose a layer between the input and the output.'),
  });
}

function ofMaximum(map: FeatureMap, channel: number): readonly number[] {
  const [first = 0] = maximaIn(map, channel, wholeBox(map), 1).indexes;
  return cellAt(map, first).position;
}

/** The smallest box around the values above `EFFECTIVE_SHARE` of the largest one. */
function extentOf(values: Float32Array, sizes: readonly number[]): readonly Span[] | null {
  const largest = values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? value : 0), 0);
  if (largest === 0) return null;
  const [low, high] = [sizes.map((size) => size), sizes.map(() => 0)];
  for (const [i, value] of values.entries()) {
    if (!(value > EFFECTIVE_SHARE * largest)) continue;
    let rest = i;
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      const size = sizes[axis] ?? 1;
      const at = rest % size;
      rest = Math.floor(rest / size);
      low[axis] = Math.min(low[axis] ?? at, at);
      high[axis] = Math.max(high[axis] ?? 0, at + 1);
    }
  }
  return sizes.map((_, axis): Span => [low[axis] ?? 0, high[axis] ?? 0]);
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
