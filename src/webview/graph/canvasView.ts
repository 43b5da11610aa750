import type { GraphLayout, Rect } from '../../shared/graphView/layout';
import { el } from '../dom';
import { type Camera, entered, fitted, panned, showing, visiblePart, zoomed } from './camera';
import { hit } from './navigation';
import { drawScene, type Scene } from './scene';

/** How far a press may move and still be a click, in pixels. */
const CLICK = 4;
const WHEEL_STEP = 0.0015;

export interface CanvasView {
  readonly element: HTMLElement;
  /** @param isNew another graph, which is entered at its beginning */
  show(scene: Scene, isNew: boolean): void;
  /** Shows a box. */
  reveal(rect: Rect): void;
  /** Moves the graph so that what was at one place is at another: a group is unfolded under the pointer. */
  shift(dx: number, dy: number): void;
  zoom(factor: number): void;
  fit(): void;
  pan(dx: number, dy: number): void;
  centre(x: number, y: number): void;
  hasFocus(): boolean;
}

/** The canvas of the graph: drag to pan, wheel to zoom. Only what is visible is drawn. */
export function canvasView(actions: {
  onPress(node: number | null, isHeading: boolean): void;
  onHover(node: number | null): void;
  onView(view: Rect): void;
}): CanvasView {
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  const element = el('div', { class: 'stage', tabindex: 0, role: 'application' }, canvas);
  let scene: Scene | null = null;
  let camera: Camera = { x: 0, y: 0, scale: 1 };
  let isEntered = false;
  let requested = 0;
  let pressed: { x: number; y: number; moved: boolean } | null = null;

  const size = () => ({ width: element.clientWidth, height: element.clientHeight });
  const layoutRect = ({ width, height }: GraphLayout): Rect => ({ x: 0, y: 0, width, height });

  const draw = () => {
    requested = 0;
    const { width, height } = size();
    const context = canvas.getContext('2d');
    if (scene === null || context === null || width === 0) return;
    if (!isEntered) {
      camera = entered(layoutRect(scene.layout), width, height);
      isEntered = true;
    }
    const ratio = window.devicePixelRatio;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    drawScene(context, scene, camera, width, height, ratio);
    canvas.dataset.scale = camera.scale.toFixed(3);
    actions.onView(visiblePart(camera, width, height));
  };
  const redraw = () => {
    if (requested === 0) requested = requestAnimationFrame(draw);
  };
  const set = (next: Camera) => {
    camera = next;
    redraw();
  };
  const at = (event: MouseEvent) => {
    const place = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - place.left, event.clientY - place.top];
    return { x, y, graphX: camera.x + x / camera.scale, graphY: camera.y + y / camera.scale };
  };

  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = at(event);
      if (event.shiftKey) set(panned(camera, event.deltaY + event.deltaX, 0));
      else set(zoomed(camera, Math.exp(-event.deltaY * WHEEL_STEP * (event.ctrlKey ? 4 : 1)), x, y));
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pressed = { x: event.clientX, y: event.clientY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (pressed === null) {
      const { graphX, graphY } = at(event);
      const target = scene === null ? null : hit(scene.layout, graphX, graphY);
      canvas.classList.toggle('over', target !== null);
      actions.onHover(target?.node ?? null);
      return;
    }
    const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
    if (!pressed.moved && Math.hypot(dx, dy) < CLICK) return;
    pressed = { x: event.clientX, y: event.clientY, moved: true };
    set(panned(camera, -dx, -dy));
  });
  canvas.addEventListener('pointerup', (event) => {
    const was = pressed;
    pressed = null;
    if (was === null || was.moved || scene === null) return;
    const { graphX, graphY } = at(event);
    const target = hit(scene.layout, graphX, graphY);
    actions.onPress(target?.node ?? null, target?.isHeading ?? false);
  });
  canvas.addEventListener('pointercancel', () => {
    pressed = null;
  });
  new ResizeObserver(redraw).observe(element);

  const middle = () => ({ x: size().width / 2, y: size().height / 2 });
  return {
    element,
    show(next, isNew) {
      scene = next;
      if (isNew) isEntered = false;
      redraw();
    },
    reveal(rect) {
      isEntered = true;
      set(showing(camera, rect, size().width, size().height));
    },
    shift: (dx, dy) => set({ ...camera, x: camera.x + dx, y: camera.y + dy }),
    zoom: (factor) => set(zoomed(camera, factor, middle().x, middle().y)),
    fit: () => {
      if (scene !== null) set(fitted(layoutRect(scene.layout), size().width, size().height));
    },
    pan: (dx, dy) => set(panned(camera, dx, dy)),
    centre: (x, y) => set({ ...camera, x: x - middle().x / camera.scale, y: y - middle().y / camera.scale }),
    hasFocus: () => document.activeElement === element,
  };
}
