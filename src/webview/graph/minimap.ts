import type { GraphLayout, Rect } from '../../shared/graphView/layout';
import { el } from '../dom';
import type { BoxColouring } from './colouring';
import { css, mixed, type Palette } from './palette';

const WIDTH = 150;
const MAX_HEIGHT = 220;
/** A graph that is much longer than wide is stretched to this. */
const MIN_SIDE = 48;

/** The whole graph in small, with the visible part; a press or drag moves there. The keys of the graph do the same. */
export function minimap(onMove: (x: number, y: number) => void): {
  readonly element: HTMLCanvasElement;
  /** Draws the graph again. */
  show(layout: GraphLayout, colouring: BoxColouring, palette: Palette): void;
  /** Draws only the frame around the visible part again. */
  look(view: Rect): void;
} {
  const element = el('canvas', { class: 'minimap', 'aria-hidden': 'true' });
  const base = el('canvas');
  let scaleX = 1;
  let scaleY = 1;
  let colours: Palette | null = null;

  const move = (event: PointerEvent) => {
    const place = element.getBoundingClientRect();
    onMove((event.clientX - place.left) / scaleX, (event.clientY - place.top) / scaleY);
  };
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    move(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) move(event);
  });

  return {
    element,
    show({ width, height, boxes, frames }, colouring, palette) {
      colours = palette;
      const scale = Math.min(WIDTH / Math.max(1, width), MAX_HEIGHT / Math.max(1, height));
      scaleX = Math.max(scale, MIN_SIDE / Math.max(1, width));
      scaleY = Math.max(scale, MIN_SIDE / Math.max(1, height));
      const ratio = window.devicePixelRatio;
      for (const canvas of [element, base]) {
        canvas.width = Math.max(1, Math.round(width * scaleX * ratio));
        canvas.height = Math.max(1, Math.round(height * scaleY * ratio));
      }
      element.style.width = `${width * scaleX}px`;
      element.style.height = `${height * scaleY}px`;
      const context = base.getContext('2d');
      if (context === null) return;
      context.setTransform(ratio * scaleX, 0, 0, ratio * scaleY, 0, 0);
      context.fillStyle = css(palette.families.group, 0.14);
      for (const frame of frames) context.fillRect(frame.x, frame.y, frame.width, frame.height);
      for (const box of boxes) {
        const { fill, accent } = colouring.of(box.node);
        context.fillStyle = css(mixed(accent, fill, 0.6));
        context.fillRect(box.x, box.y, box.width, Math.max(box.height, 0.8 / scaleY));
      }
    },
    look({ x, y, width, height }) {
      const context = element.getContext('2d');
      if (context === null || colours === null) return;
      const ratio = window.devicePixelRatio;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      context.drawImage(base, 0, 0);
      context.strokeStyle = css(colours.focus);
      context.lineWidth = 1.5 * ratio;
      const [byX, byY] = [scaleX * ratio, scaleY * ratio];
      const [left, top] = [Math.max(1, x * byX), Math.max(1, y * byY)];
      const right = Math.min(element.width - 1, (x + width) * byX);
      const bottom = Math.min(element.height - 1, (y + height) * byY);
      context.strokeRect(left, top, Math.max(2, right - left), Math.max(2, bottom - top));
    },
  };
}
