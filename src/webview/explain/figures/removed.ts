import { paint } from '../../canvas';
import { el } from '../../dom';
import { type Scene, sizeOf } from '../scene';

/** 1 at the positions that are marked. */
export interface PositionMask {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Least size of the drawing of an image's mark along its longer axis, so that its lines are thin. */
const MIN_PIXELS = 480;
/** Of the black and the white line around a marked part, and of the hatching in it, in pixels of that drawing. */
const LINE = 2;
const HATCH = 12;

/**
 * Marks the positions that were removed of an input: hatched on an image or a signal, struck through in a text or a table. Removes
 * the mark before it.
 * @returns whether the mask has the axes of what is drawn: those of a volume are not those of its slice
 */
export function markRemoved(stage: HTMLElement, scene: Scene, mask: PositionMask | null): boolean {
  for (const old of stage.querySelectorAll('.removed-mark')) old.remove();
  for (const piece of stage.querySelectorAll('.removed')) piece.classList.remove('removed');
  if (mask === null) return true;
  const { width, height } = sizeOf(scene);
  if (scene.kind === 'image') {
    if (mask.shape.length !== 2 || mask.shape[0] !== height || mask.shape[1] !== width) return false;
    const canvas = el('canvas', { class: 'map-canvas removed-mark', 'aria-hidden': 'true' });
    paint(canvas, hatched(mask.values, width, height));
    stage.append(canvas);
    return true;
  }
  if (mask.shape.length !== 1 || mask.values.length !== width) return false;
  const pieces = stage.querySelectorAll('[data-piece]');
  for (const [i, piece] of pieces.entries()) piece.classList.toggle('removed', mask.values[i] === 1);
  if (pieces.length === 0) (stage.querySelector('.plot') ?? stage).append(...spans(mask.values));
  return true;
}

/** The runs of marked positions of a sequence, as hatched rectangles. */
function spans(values: ArrayLike<number>): HTMLElement[] {
  const found: HTMLElement[] = [];
  const { length } = values;
  for (let from = 0; from < length; from += 1) {
    if (values[from] !== 1) continue;
    let to = from;
    while (to < length && values[to] === 1) to += 1;
    const span = el('div', { class: 'removed-span removed-mark', 'aria-hidden': 'true' });
    span.style.setProperty('--from', String(from / length));
    span.style.setProperty('--to', String(to / length));
    found.push(span);
    from = to;
  }
  return found;
}

/** White and black lines show on any colour of a map; between them the map stays visible. */
function hatched(values: ArrayLike<number>, width: number, height: number): ImageData {
  const scale = Math.max(1, Math.ceil(MIN_PIXELS / Math.max(width, height)));
  const image = new ImageData(width * scale, height * scale);
  const isInside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < image.width && y < image.height
      ? values[Math.floor(y / scale) * width + Math.floor(x / scale)] === 1
      : false;
  const isNearEdge = (x: number, y: number, by: number): boolean =>
    !(isInside(x - by, y) && isInside(x + by, y) && isInside(x, y - by) && isInside(x, y + by));
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      if (!isInside(x, y)) continue;
      const phase = (x + y) % HATCH;
      const isWhite = isNearEdge(x, y, LINE) || phase < LINE;
      const isBlack = isNearEdge(x, y, 2 * LINE) || phase < 2 * LINE;
      if (!isWhite && !isBlack) continue;
      image.data.set(isWhite ? [255, 255, 255, 255] : [0, 0, 0, 255], (y * image.width + x) * 4);
    }
  }
  return image;
}
