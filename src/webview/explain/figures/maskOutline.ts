import { svg } from '../../dom';
import type { ImageScene } from '../scene';

/** The outline of the positions over which the score is averaged, in white and black so that it shows on any colour. */
export function maskOutline(mask: NonNullable<ImageScene['mask']>): SVGSVGElement {
  const d = outlinePath(mask);
  return svg(
    'svg',
    {
      class: 'map-outline',
      viewBox: `0 0 ${mask.width} ${mask.height}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    svg('path', { class: 'outer', d }),
    svg('path', { class: 'inner', d }),
  );
}

/** Lines between pixels of which one is inside the mask and the other is not; the border of the image counts as outside. */
export function outlinePath({ height, width, values }: NonNullable<ImageScene['mask']>): string {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && (values[y * width + x] ?? 0) > 0;
  const lines: string[] = [];
  for (let y = 0; y <= height; y += 1) {
    eachRun(
      width,
      (x) => inside(x, y - 1) !== inside(x, y),
      (from, to) => lines.push(`M${from} ${y}H${to}`),
    );
  }
  for (let x = 0; x <= width; x += 1) {
    eachRun(
      height,
      (y) => inside(x - 1, y) !== inside(x, y),
      (from, to) => lines.push(`M${x} ${from}V${to}`),
    );
  }
  return lines.join('');
}

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
