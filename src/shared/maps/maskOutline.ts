/** A set of cells of a grid. */
export interface GridMask {
  readonly height: number;
  readonly width: number;
  /** [height, width]: above 0 inside. */
  readonly values: ArrayLike<number>;
}

/** A horizontal or vertical line between cells; `from` is left of or above `to`. */
export interface OutlineLine {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

/** The lines between cells of which one is inside the mask and the other is not; the border of the grid counts as outside. */
export function maskOutline({ height, width, values }: GridMask): OutlineLine[] {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && (values[y * width + x] ?? 0) > 0;
  const lines: OutlineLine[] = [];
  for (let y = 0; y <= height; y += 1) {
    eachRun(
      width,
      (x) => inside(x, y - 1) !== inside(x, y),
      (from, to) => lines.push({ from: [from, y], to: [to, y] }),
    );
  }
  for (let x = 0; x <= width; x += 1) {
    eachRun(
      height,
      (y) => inside(x - 1, y) !== inside(x, y),
      (from, to) => lines.push({ from: [x, from], to: [x, to] }),
    );
  }
  return lines;
}

/** The lines as the `d` of an SVG path, in cells. */
export const outlinePath = (mask: GridMask): string =>
  maskOutline(mask)
    .map(({ from: [x0, y0], to: [x1, y1] }) => (y0 === y1 ? `M${x0} ${y0}H${x1}` : `M${x0} ${y0}V${y1}`))
    .join('');

function eachRun(length: number, isEdge: (at: number) => boolean, add: (from: number, to: number) => void) {
  let from = -1;
  for (let at = 0; at <= length; at += 1) {
    const on = at < length && isEdge(at);
    if (on && from < 0) from = at;
    if (!on && from >= 0) {
      add(from, at);
      from = -1;
    }
  }
}
