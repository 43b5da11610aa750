import * as l10n from '@vscode/l10n';
import type { InputEdit, PaintEdit } from '../../../shared/edits/inputEdit';
import { BYTE_LEVELS, painter } from '../../../shared/edits/paint';
import { runsOf } from '../../../shared/edits/runs';
import type { WireTensor } from '../../../shared/model';
import { el } from '../../dom';
import { tensorValues } from '../../tensor';
import { line, type Pixel, rectangle } from './brush';
import type { EditBody } from './editBody';
import { paintTools } from './paintTools';

/**
 * A picture that is painted on: by pointer, or by keyboard with a cursor that the arrow keys move (with Shift by the size of the
 * brush), + and - for its size, and Enter or Space to paint. The first Enter of a rectangle sets a corner, the second one paints;
 * Escape takes the corner back.
 * @param pixels uint8 [height, width, 1 or 3]
 */
export function paintFigure(pixels: WireTensor, onEdit: (edit: InputEdit) => void): EditBody {
  const [height = 1, width = 1, channels = 3] = pixels.shape;
  const original = { values: Float32Array.from(tensorValues(pixels)), height, width, channels };
  const { paint } = painter(original, BYTE_LEVELS);
  const canvas = el('canvas', { class: 'paint-canvas', width, height });
  const cursor = el('div', { class: 'paint-cursor', hidden: true });
  const stage = el(
    'div',
    {
      class: 'paint-stage',
      tabindex: 0,
      role: 'application',
      'aria-label': l10n.t(
        'Picture of {0} x {1} pixels. Arrow keys move the brush, Enter paints, plus and minus change its size.',
        width,
        height,
      ),
    },
    canvas,
    cursor,
  );
  stage.style.setProperty('--ratio', String(width / height));
  stage.classList.toggle('large', width > 512);
  const said = el('output', { class: 'paint-said quiet', 'aria-live': 'polite' });
  const tools = paintTools(() => showCursor());

  let current = original.values;
  let spot: Pixel = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  /** What is being painted: where it began, the last pixel, and all that is covered. */
  let stroke: { readonly from: Pixel; last: Pixel; mask: Uint8Array } | null = null;

  const editOf = (mask: Uint8Array): PaintEdit => ({
    ...{ kind: 'paint', size: [height, width], runs: runsOf(mask), fill: tools.fill },
  });
  const draw = () => {
    let values = current;
    if (stroke !== null) {
      values = current.slice();
      paint(values, editOf(stroke.mask));
    }
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      for (let c = 0; c < 3; c += 1)
        image.data[pixel * 4 + c] = values[pixel * channels + (channels === 1 ? 0 : c)] ?? 0;
      image.data[pixel * 4 + 3] = 255;
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  };
  const showCursor = () => {
    const isBox = tools.tool === 'rectangle';
    const size = isBox ? 1 : tools.size;
    const start = isBox ? 0 : Math.floor(size / 2);
    const left = isBox && stroke ? Math.min(stroke.from.x, spot.x) : spot.x - start;
    const top = isBox && stroke ? Math.min(stroke.from.y, spot.y) : spot.y - start;
    const wide = isBox && stroke ? Math.abs(stroke.from.x - spot.x) + 1 : size;
    const high = isBox && stroke ? Math.abs(stroke.from.y - spot.y) + 1 : size;
    for (const [name, share] of [
      ['--left', left / width],
      ['--top', top / height],
      ['--wide', wide / width],
      ['--high', high / height],
    ] as const)
      cursor.style.setProperty(name, String(share));
    cursor.classList.toggle('round', !isBox);
  };
  const begin = () => {
    stroke = { from: spot, last: spot, mask: new Uint8Array(width * height) };
    cover(spot);
  };
  const cover = (to: Pixel) => {
    if (stroke === null) return;
    if (tools.tool === 'rectangle') {
      stroke.mask = new Uint8Array(width * height);
      rectangle({ width, height, mask: stroke.mask }, stroke.from, to);
    } else line({ width, height, mask: stroke.mask }, stroke.last, to, tools.size);
    stroke.last = to;
    draw();
  };
  const finish = (isKept: boolean) => {
    if (stroke === null) return;
    const edit = editOf(stroke.mask);
    const count = stroke.mask.reduce((sum, one) => sum + one, 0);
    stroke = null;
    showCursor();
    if (!isKept) return draw();
    said.textContent = count === 1 ? l10n.t('Painted 1 pixel.') : l10n.t('Painted {0} pixels.', count);
    onEdit(edit);
  };
  const moveTo = ({ x, y }: Pixel) => {
    const inside = (at: number, size: number) => Math.min(size - 1, Math.max(0, at));
    spot = { x: inside(x, width), y: inside(y, height) };
    cursor.hidden = false;
    showCursor();
  };
  const pixelAt = ({ clientX, clientY }: PointerEvent): Pixel => {
    const box = canvas.getBoundingClientRect();
    return {
      x: Math.floor(((clientX - box.left) / box.width) * width),
      y: Math.floor(((clientY - box.top) / box.height) * height),
    };
  };

  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    finish(false);
    moveTo(pixelAt(event));
    begin();
  });
  stage.addEventListener('pointermove', (event) => {
    moveTo(pixelAt(event));
    if (event.buttons === 1) cover(spot);
  });
  stage.addEventListener('pointerup', (event) => {
    if (event.button === 0) finish(true);
  });
  stage.addEventListener('pointercancel', () => finish(false));
  stage.addEventListener('pointerleave', () => {
    cursor.hidden = document.activeElement !== stage;
  });
  stage.addEventListener('focus', () => moveTo(spot));
  stage.addEventListener('blur', () => {
    finish(false);
    cursor.hidden = true;
  });
  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? Math.max(2, tools.size) : 1;
    const moves: Partial<Record<string, Pixel>> = {
      ArrowLeft: { x: spot.x - step, y: spot.y },
      ArrowRight: { x: spot.x + step, y: spot.y },
      ArrowUp: { x: spot.x, y: spot.y - step },
      ArrowDown: { x: spot.x, y: spot.y + step },
    };
    const to = moves[event.key];
    if (to !== undefined) {
      moveTo(to);
      if (stroke !== null) cover(spot);
      said.textContent = l10n.t('x {0}, y {1}', spot.x, spot.y);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (tools.tool !== 'rectangle') begin();
      if (stroke !== null) finish(true);
      else begin();
    } else if (event.key === 'Escape' && stroke !== null) finish(false);
    else if (event.key === '+' || event.key === '-') tools.setSize(tools.size + (event.key === '+' ? 1 : -1));
    else return;
    event.preventDefault();
  });

  tools.setSide(Math.min(width, height));
  return {
    elements: [tools.element, el('div', { class: 'paint-frame' }, stage), said],
    show(edits) {
      current = original.values.slice();
      for (const edit of edits) if (edit.kind === 'paint') paint(current, edit);
      draw();
      showCursor();
    },
  };
}
