/** Pictures as RGB bytes, row-major, and the arithmetic between a map and the picture below it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `height * width * 3` bytes. */
  readonly rgb: Uint8Array;
}

/**
 * The colour of the map over the picture below, pixel by pixel: `picture * (1 - opacity) + colour * opacity`, the same
 * sum as the exported overlay.
 * @param heat 0..1, one value a pixel; values outside are clipped
 * @param table 256 x 3 bytes
 * @param opacity 0 shows the picture exactly, 1 the map alone
 */
export function overlay(
  picture: Picture,
  heat: ArrayLike<number>,
  table: Uint8Array,
  opacity: number,
): ImageData {
  const image = new ImageData(picture.width, picture.height);
  for (let pixel = 0; pixel < picture.width * picture.height; pixel += 1) {
    const colour = tableIndex(heat[pixel] ?? 0) * 3;
    for (let channel = 0; channel < 3; channel += 1) {
      const below = picture.rgb[pixel * 3 + channel] ?? 0;
      const above = table[colour + channel] ?? 0;
      image.data[pixel * 4 + channel] = Math.round(below * (1 - opacity) + above * opacity);
    }
    image.data[pixel * 4 + 3] = 255;
  }
  return image;
}

/** Row of a colour table for a value 0..1. */
export function tableIndex(value: number): number {
  return Number.isNaN(value) ? 0 : Math.round(Math.min(1, Math.max(0, value)) * 255);
}

/** Values as greys from their smallest (black) to their largest (white); all the same value gives black. */
export function greys(values: ArrayLike<number>, width: number, height: number): Picture {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = max > min ? 255 / (max - min) : 0;
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    rgb.fill(Math.round(((values[pixel] ?? 0) - min) * scale), pixel * 3, pixel * 3 + 3);
  }
  return { width, height, rgb };
}

/** Draws at one canvas pixel a picture pixel; CSS makes it larger. */
export function paint(canvas: HTMLCanvasElement, image: ImageData): void {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
