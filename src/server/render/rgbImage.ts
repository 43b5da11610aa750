/** An image in memory. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] red, green, blue bytes, row-major. */
  readonly rgb: Uint8Array;
}

/** A map over positions, ready to be coloured. */
export interface HeatMap {
  /** 1 for sequences. */
  readonly height: number;
  readonly width: number;
  /** [height, width], 0..1, row-major; values outside are clipped, NaN has a colour of its own. */
  readonly values: Float32Array;
}

/** Throws RangeError when the bytes are not `height * width * 3`. */
export function checkImage({ width, height, rgb }: RgbImage): void {
  if (width < 1 || height < 1 || rgb.length !== width * height * 3) {
    throw new RangeError(`${rgb.length} bytes are not a ${width} x ${height} RGB image`);
  }
}
