import type { DisplayRule } from '../../../shared/methods';
import type { RawMap } from '../method';
import type { PlaceLayout } from '../places';

/**
 * Reduces a raw map to the map that is drawn: one value per position of space or time, by the rule (shared/methods.ts). Of
 * `positive` and `absolute` no value is negative; NaN stays NaN.
 * @param isPerPosition all channels of a position have its value, which is then not summed.
 * @returns a map of the shape `spatial`.
 */
export function reduceMap(
  raw: RawMap,
  { spatial, channel }: PlaceLayout,
  rule: DisplayRule,
  isPerPosition = false,
): RawMap {
  const positions = spatial.reduce((product, length) => product * length, 1);
  const values =
    channel === null
      ? raw.values
      : isPerPosition
        ? firstChannel(raw, channel, positions)
        : overChannels(raw, channel, positions, rule);
  const shown =
    rule === 'signed' ? values : values.map(rule === 'absolute' ? Math.abs : (value) => Math.max(value, 0));
  return { shape: spatial, values: shown };
}

function firstChannel({ values }: RawMap, channel: number, positions: number): Float32Array {
  const step = channel === 0 ? 1 : values.length / Math.max(1, positions);
  return Float32Array.from({ length: positions }, (_, position) => values[position * step] ?? 0);
}

/** The sum of the channels at each position, or their largest absolute value. */
function overChannels(
  { values }: RawMap,
  channel: number,
  positions: number,
  rule: DisplayRule,
): Float32Array {
  const channels = values.length / Math.max(1, positions);
  const reduced = new Float32Array(positions);
  for (let position = 0; position < positions; position++) {
    let result = 0;
    for (let c = 0; c < channels; c++) {
      const value = values[channel === 0 ? c * positions + position : position * channels + c] ?? 0;
      if (rule !== 'absolute') result += value;
      else if (Number.isNaN(value) || Math.abs(value) > result) result = Math.abs(value);
      if (Number.isNaN(result)) break;
    }
    reduced[position] = result;
  }
  return reduced;
}
