import type { Rect } from '../../shared/graphView/layout';

/** Which part of the graph the canvas shows: a point of the graph is at `(point - origin) * scale` on the canvas. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** A column of 10,000 boxes still fits. */
const MIN_SCALE = 0.0005;
const MAX_SCALE = 3;
const MARGIN = 24;
/** Text is legible from here on. */
const READABLE = 0.85;

const bounded = (scale: number): number => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));

/** Shows all of a rectangle, in its middle, at most in its own size. */
export function fitted(rect: Rect, width: number, height: number): Camera {
  const scale = bounded(
    Math.min(
      1,
      (width - 2 * MARGIN) / Math.max(1, rect.width),
      (height - 2 * MARGIN) / Math.max(1, rect.height),
    ),
  );
  return {
    scale,
    x: rect.x + rect.width / 2 - width / 2 / scale,
    y: rect.y + rect.height / 2 - height / 2 / scale,
  };
}

/** Where a graph is entered: all of it if that is legible, else its top in a legible size. */
export function entered(rect: Rect, width: number, height: number): Camera {
  const whole = fitted(rect, width, height);
  if (whole.scale >= READABLE) return { ...whole, y: rect.y - MARGIN / whole.scale };
  return {
    scale: READABLE,
    x: rect.x + rect.width / 2 - width / 2 / READABLE,
    y: rect.y - MARGIN / READABLE,
  };
}

/** Zooms so that the point at (x, y) of the canvas stays where it is. */
export function zoomed(camera: Camera, factor: number, x: number, y: number): Camera {
  const scale = bounded(camera.scale * factor);
  return {
    scale,
    x: camera.x + x / camera.scale - x / scale,
    y: camera.y + y / camera.scale - y / scale,
  };
}

/** @param dx @param dy pixels of the canvas */
export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx / camera.scale,
  y: camera.y + dy / camera.scale,
});

/** Moves only as far as is needed to show a box, with some space around it; zooms in where its text is illegible. */
export function showing(camera: Camera, rect: Rect, width: number, height: number): Camera {
  const scale = camera.scale < READABLE / 2 ? READABLE : camera.scale;
  const [w, h] = [width / scale, height / scale];
  const space = Math.min(60, w / 5, h / 5);
  const isCentred = scale !== camera.scale;
  const place = (from: number, room: number, start: number, length: number): number => {
    if (isCentred || length + 2 * space > room) return start + length / 2 - room / 2;
    return Math.min(start - space, Math.max(start + length + space - room, from));
  };
  return { scale, x: place(camera.x, w, rect.x, rect.width), y: place(camera.y, h, rect.y, rect.height) };
}

/** The part of the graph that is visible. */
export const visiblePart = ({ x, y, scale }: Camera, width: number, height: number): Rect => ({
  x,
  y,
  width: width / scale,
  height: height / scale,
});
