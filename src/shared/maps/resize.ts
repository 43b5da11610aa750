/**
 * Resizing of row-major [height, width, channels] arrays with the coordinates of `tf.image.resize` (TensorFlow 2):
 * half-pixel centres, no antialiasing. Output sample i looks at input coordinate (i + 0.5) * in / out - 0.5.
 */

interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Weight of `high`; `low` has the rest. */
  readonly fraction: Float64Array;
}

/** Bytes are accepted as decoders return them, so that a large image is not first copied to four times its size. */
export type Samples = Float32Array | Uint8Array;

function bilinearTaps(inSize: number, outSize: number): Taps {
  const low = new Int32Array(outSize);
  const high = new Int32Array(outSize);
  const fraction = new Float64Array(outSize);
  const scale = inSize / outSize;
  for (let i = 0; i < outSize; i++) {
    const position = (i + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    low[i] = Math.max(floor, 0);
    high[i] = Math.min(floor + 1, inSize - 1);
    fraction[i] = position - floor;
  }
  return { low, high, fraction };
}

function checkSizes(values: Samples, height: number, width: number, channels: number): void {
  if (height < 1 || width < 1 || values.length !== height * width * channels) {
    throw new RangeError(`${values.length} values are not a ${height} x ${width} x ${channels} array`);
  }
}

/**
 * Bilinear resize, as `tf.image.resize(x, [outHeight, outWidth])`.
 *
 * @param values [height, width, channels], row-major, at least 1 x 1.
 * @returns [outHeight, outWidth, channels] in a new array. `[[0,1],[2,3]]` to 4 x 4 starts with `0, .25, .75, 1`.
 * @throws RangeError when `values` does not have the stated size.
 */
export function resizeBilinear(
  values: Samples,
  [height, width, channels]: readonly [number, number, number],
  outHeight: number,
  outWidth: number,
): Float32Array {
  checkSizes(values, height, width, channels);
  if (height === outHeight && width === outWidth) return new Float32Array(values);
  const rows = bilinearTaps(height, outHeight);
  const rowAt = resizedRows(values, width, channels, bilinearTaps(width, outWidth));
  const size = outWidth * channels;
  const out = new Float32Array(outHeight * size);
  for (let y = 0; y < outHeight; y++) {
    const upper = rowAt(rows.low[y] ?? 0);
    const lower = rowAt(rows.high[y] ?? 0);
    const fraction = rows.fraction[y] ?? 0;
    for (let i = 0, o = y * size; i < size; i++, o++) {
      const value = upper[i] ?? 0;
      out[o] = value + ((lower[i] ?? 0) - value) * fraction;
    }
  }
  return out;
}

/** Resizes single rows on demand, in double precision. Neighbouring output rows share theirs, so the last two are kept. */
function resizedRows(
  values: Samples,
  width: number,
  channels: number,
  { low, high, fraction }: Taps,
): (row: number) => Float64Array {
  const kept = [0, 1].map(() => ({ row: -1, values: new Float64Array(low.length * channels) }));
  return (row) => {
    const known = kept.find((one) => one.row === row);
    if (known) return known.values;
    const [oldest] = kept;
    if (oldest === undefined) throw new RangeError('No row is kept.');
    kept.reverse();
    oldest.row = row;
    const start = row * width * channels;
    for (let x = 0, o = 0; x < low.length; x++) {
      const left = start + (low[x] ?? 0) * channels;
      const right = start + (high[x] ?? 0) * channels;
      const weight = fraction[x] ?? 0;
      for (let c = 0; c < channels; c++, o++) {
        const value = values[left + c] ?? 0;
        oldest.values[o] = value + ((values[right + c] ?? 0) - value) * weight;
      }
    }
    return oldest.values;
  };
}

function nearestTaps(inSize: number, outSize: number): Int32Array {
  // TensorFlow multiplies in float32; the same rounding picks the same neighbour where the product is whole.
  const scale = Math.fround(inSize / outSize);
  return Int32Array.from({ length: outSize }, (_, i) =>
    Math.min(Math.floor(Math.fround((i + 0.5) * scale)), inSize - 1),
  );
}

/**
 * Nearest-neighbour resize, as `tf.image.resize(x, [outHeight, outWidth], method='nearest')`.
 *
 * @param values [height, width, channels], row-major, at least 1 x 1.
 * @returns [outHeight, outWidth, channels] in a new array.
 * @throws RangeError when `values` does not have the stated size.
 */
export function resizeNearest(
  values: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  outHeight: number,
  outWidth: number,
): Float32Array {
  checkSizes(values, height, width, channels);
  const rows = nearestTaps(height, outHeight);
  const columns = nearestTaps(width, outWidth);
  const out = new Float32Array(outHeight * outWidth * channels);
  return takePixels(values, out, { rows, columns, width, channels });
}

/**
 * Fills `out`, [rows, columns, channels], with pixels of an image.
 * @param values [height, width, channels]
 * @param rows indexes of the rows that are taken; `columns` likewise
 */
export function takePixels<Out extends Samples>(
  values: Samples,
  out: Out,
  {
    rows,
    columns,
    width,
    channels,
  }: {
    readonly rows: Int32Array;
    readonly columns: Int32Array;
    readonly width: number;
    readonly channels: number;
  },
): Out {
  let o = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * width + column) * channels;
      for (let c = 0; c < channels; c++) out[o++] = values[from + c] ?? 0;
    }
  }
  return out;
}
