/** Passes of a box, which together are close to a Gaussian. */
const PASSES = 3;
/** Of the shorter side: shapes as large as this vanish. */
const RADIUS_SHARE = 1 / 12;

interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * The picture without its details: the mean over a square around each pixel, three times. Pixels beyond the edge are those at
 * the edge.
 * @param values [height, width, channels]
 */
export function blurred(values: Float32Array, { height, width, channels }: Size): Float32Array {
  const radius = Math.max(1, Math.round(Math.min(height, width) * RADIUS_SHARE));
  let picture = values;
  for (let pass = 0; pass < PASSES; pass++) {
    picture = averaged(picture, height * channels, width, radius, (line, at) => {
      const row = Math.floor(line / channels);
      return (row * width + at) * channels + (line % channels);
    });
    picture = averaged(picture, width * channels, height, radius, (line, at) => at * width * channels + line);
  }
  return picture;
}

/** The running mean along lines of `length` values; `placeOf` says where the value `at` of a line is. */
function averaged(
  values: Float32Array,
  lines: number,
  length: number,
  radius: number,
  placeOf: (line: number, at: number) => number,
): Float32Array {
  const out = new Float32Array(values.length);
  const size = 2 * radius + 1;
  for (let line = 0; line < lines; line++) {
    const valueAt = (at: number): number => values[placeOf(line, Math.min(length - 1, Math.max(0, at)))] ?? 0;
    let sum = 0;
    for (let at = -radius; at <= radius; at++) sum += valueAt(at);
    for (let at = 0; at < length; at++) {
      out[placeOf(line, at)] = sum / size;
      sum += valueAt(at + radius + 1) - valueAt(at - radius);
    }
  }
  return out;
}
