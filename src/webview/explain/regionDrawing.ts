import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../shared/explanation';
import type { ExplainChoice } from '../../shared/view';
import { el } from '../dom';
import { button } from '../ui';

type Region = NonNullable<ExplainChoice['target']['region']>;

/** A shorter drag, in pixels of the screen, is a click. */
const MIN_DRAG = 4;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Draws the rectangle of a segmentation's output that is explained on the image: a drag sets it, Escape during the drag leaves
 * it as it was. The corners can be typed instead (`targetPart`).
 * @param stage the element that the image fills
 */
export function regionDrawing(
  stage: HTMLElement,
  onRegion: (region: Region | null) => void,
): {
  /** What can be done, and a button that takes the rectangle back. */
  readonly hint: HTMLElement;
  /** After the figure has drawn the explanation, which replaces the content of the stage. */
  show(explanation: Explanation, choice: ExplainChoice): void;
} {
  const box = el('div', { class: 'region-box', hidden: true });
  const text = el('span', { class: 'quiet', role: 'status' });
  const clear = button({ label: l10n.t('All Predicted'), onPress: () => onRegion(null) });
  const hint = el('div', { class: 'region-hint', hidden: true }, text, clear.element);
  /** Height and width of the input in pixels; null where no region can be chosen. */
  let size: { readonly width: number; readonly height: number } | null = null;
  let from: Point | null = null;
  let current: Region | null = null;

  const idle = () => {
    text.textContent =
      current === null
        ? l10n.t('Drag on the image to explain a region.')
        : l10n.t('Region {0}. Drag on the image for another one.', regionText(current));
    clear.element.hidden = current === null;
  };
  const end = () => {
    from = null;
    box.hidden = true;
    idle();
  };
  const regionTo = ({ x, y }: Point): Region | null => {
    if (from === null || size === null) return null;
    const area = stage.getBoundingClientRect();
    const inPixels = (at: number, start: number, length: number, pixels: number) =>
      Math.min(1, Math.max(0, (at - start) / length)) * pixels;
    const across = [from.x, x].map((at) => inPixels(at, area.left, area.width, size?.width ?? 1));
    const down = [from.y, y].map((at) => inPixels(at, area.top, area.height, size?.height ?? 1));
    const region = [
      ...[Math.floor(Math.min(...across)), Math.floor(Math.min(...down))],
      ...[Math.ceil(Math.max(...across)), Math.ceil(Math.max(...down))],
    ];
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = region;
    return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
  };
  const isDrag = ({ x, y }: Point) => from !== null && Math.hypot(x - from.x, y - from.y) >= MIN_DRAG;

  stage.addEventListener('pointerdown', (event) => {
    if (size === null || event.button !== 0) return;
    from = pointOf(event);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', (event) => {
    const region = isDrag(pointOf(event)) ? regionTo(pointOf(event)) : null;
    if (region === null || size === null) return;
    const [x0, y0, x1, y1] = region;
    const { width, height } = size;
    box.hidden = false;
    box.style.setProperty('--left', String(x0 / width));
    box.style.setProperty('--top', String(y0 / height));
    box.style.setProperty('--wide', String((x1 - x0) / width));
    box.style.setProperty('--high', String((y1 - y0) / height));
    text.textContent = l10n.t('Region {0}', regionText(region));
  });
  stage.addEventListener('pointerup', (event) => {
    if (from === null) return;
    const region = isDrag(pointOf(event)) ? regionTo(pointOf(event)) : null;
    end();
    if (region !== null) onRegion(region);
  });
  stage.addEventListener('pointercancel', end);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && from !== null) end();
  });

  return {
    hint,
    show({ target, displayMap: { shape } }, { target: choice }) {
      const [height = 0, width = 0] = shape;
      size = target.positions?.grid.length === 2 && shape.length === 2 ? { width, height } : null;
      current = choice.region ?? null;
      stage.classList.toggle('takes-region', size !== null);
      hint.hidden = size === null;
      stage.append(box);
      end();
    },
  };
}

const pointOf = ({ clientX, clientY }: PointerEvent): Point => ({ x: clientX, y: clientY });

const regionText = ([x0, y0, x1, y1]: Region): string => l10n.t('x {0} to {1}, y {2} to {3}', x0, x1, y0, y1);
