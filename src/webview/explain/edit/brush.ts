/** Marks what a brush covers of a picture, one value per pixel. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** 1 where it is covered. */
  readonly mask: Uint8Array;
}

/** A pixel of the picture. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** A round brush of so many pixels across, put down on a pixel. Of an even size, the pixel is right of and below the middle. */
function stamp({ width, height, mask }: Canvas, { x, y }: Pixel, size: number): void {
  const radius = size / 2;
  const middle = size % 2 === 0 ? 0.5 : 0;
  const reach = Math.ceil(radius);
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row += 1) {
    for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column += 1) {
      const isCovered = Math.hypot(column - x + middle, row - y + middle) < radius;
      if (isCovered) mask[row * width + column] = 1;
    }
  }
}

/** The brush drawn from one pixel to another. */
export function line(canvas: Canvas, from: Pixel, to: Pixel, size: number): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let step = 0; step <= steps; step += 1) {
    const share = step / steps;
    const at = (start: number, end: number) => Math.round(start + (end - start) * share);
    stamp(canvas, { x: at(from.x, to.x), y: at(from.y, to.y) }, size);
  }
}

/** All pixels between two corners, both included. */
export function rectangle({ width, mask }: Canvas, from: Pixel, to: Pixel): void {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  for (let row = Math.min(from.y, to.y); row <= Math.max(from.y, to.y); row += 1)
    mask.fill(1, row * width + left, row * width + right + 1);
}
