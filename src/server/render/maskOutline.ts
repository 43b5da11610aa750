import { type GridMask, maskOutline, outlinePath } from '../../shared/maps/maskOutline';
import { checkImage, type RgbImage } from './rgbImage';

/** Smaller images are enlarged, so that the outline lies between their pixels and hides none. */
const MIN_SIDE = 384;
const MAX_SCALE = 16;
/** White on both sides of a black line shows on every colour, as on the page. */
const INNER = 1;
const OUTER = 3;

/** The whole factor by which an image is enlarged before an outline is drawn on it. */
export const outlineScale = ({ width, height }: Pick<RgbImage, 'width' | 'height'>): number =>
  Math.min(MAX_SCALE, Math.max(1, Math.ceil(MIN_SIDE / Math.max(1, Math.min(width, height)))));

/** Every pixel as a square of `scale` x `scale`. */
export function enlarged(image: RgbImage, scale: number): RgbImage {
  checkImage(image);
  if (scale === 1) return image;
  const [width, height] = [image.width * scale, image.height * scale];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / scale) * image.width;
    for (let x = 0; x < width; x++) {
      const at = (row + Math.floor(x / scale)) * 3;
      rgb.set(image.rgb.subarray(at, at + 3), (y * width + x) * 3);
    }
  }
  return { width, height, rgb };
}

/** A copy of the image with the outline of a mask that is stretched over it. */
export function withOutline(image: RgbImage, mask: GridMask): RgbImage {
  checkImage(image);
  const { width, height } = image;
  const rgb = Uint8Array.from(image.rgb);
  const lines = maskOutline(mask);
  for (const [thickness, byte] of [
    [OUTER, 255],
    [INNER, 0],
  ] as const) {
    const before = Math.floor(thickness / 2);
    for (const { from, to } of lines) {
      const [left, top] = [along(from[0], mask.width, width), along(from[1], mask.height, height)];
      const [right, bottom] = [along(to[0], mask.width, width), along(to[1], mask.height, height)];
      for (let y = Math.max(0, top - before); y <= Math.min(height - 1, bottom + before); y++)
        for (let x = Math.max(0, left - before); x <= Math.min(width - 1, right + before); x++)
          rgb.fill(byte, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { width, height, rgb };
}

const along = (cell: number, cells: number, pixels: number): number => Math.round((cell * pixels) / cells);

/** The outline as SVG elements over a rectangle. */
export function outlineElements(
  mask: GridMask,
  {
    x,
    y,
    width,
    height,
  }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): string[] {
  const d = outlinePath(mask);
  const place = `transform="translate(${x} ${y}) scale(${width / mask.width} ${height / mask.height})"`;
  const path = (stroke: string, thickness: number) =>
    `<path ${place} d="${d}" fill="none" stroke="${stroke}" stroke-width="${thickness}" stroke-linejoin="round" vector-effect="non-scaling-stroke"/>`;
  return [path('#ffffff', 4), path('#000000', 1.5)];
}
