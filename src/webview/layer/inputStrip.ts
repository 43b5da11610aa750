import * as l10n from '@vscode/l10n';
import { colourTable } from '../../shared/maps/colourMaps';
import type { WireTensor } from '../../shared/model';
import type { DrawnField, LayerTrace, UnitTrace } from '../../shared/results/tracing';
import { narrowed, overlay, paint, type RgbImage } from '../canvas';
import { el, fill, setAttributes, svg } from '../dom';
import { tensorValues } from '../tensor';
import { windowText } from './traceFiles';

/** Of the effective receptive field over an image. */
const OPACITY = 0.75;
/** Longer sequences share columns. */
const MAX_COLUMNS = 4000;
/** Windows that are named for screen readers. */
const MAX_NAMED = 6;

/**
 * The input with the windows of one unit: of a sequence a strip with the positions below it, of an image the image or a plain
 * frame of its size. Of inputs with more axes, the last two are shown.
 */
export function inputStrip(): {
  readonly element: HTMLElement;
  setInput(trace: LayerTrace, image: WireTensor | null): void;
  show(unit: UnitTrace): void;
  /** Draws how strongly the unit depends on each position over the input, or with `null` the input alone. */
  showField(field: DrawnField | null): void;
} {
  const image = el('canvas', { 'aria-hidden': 'true' });
  const marks = svg('svg', { preserveAspectRatio: 'none', role: 'img' });
  const box = el('div', { class: 'input-box' }, image, marks);
  const axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
  let name = '';
  let sizes: readonly number[] = [];
  let below: RgbImage | null = null;

  function drawInput(): void {
    image.hidden = below === null;
    if (below !== null) paint(image, overlay(below, [], colourTable('inferno'), 0));
  }

  return {
    element: el('figure', { class: 'input-strip' }, box, axis),
    setInput({ input, inputSize }, wire) {
      name = input;
      sizes = inputSize;
      const [height, width] = inPlane(sizes, 1);
      const isStrip = sizes.length < 2;
      box.classList.toggle('strip', isStrip);
      box.style.setProperty('aspect-ratio', isStrip ? 'auto' : `${width} / ${height}`);
      setAttributes(marks, { viewBox: `0 0 ${width} ${height}` });
      axis.hidden = !isStrip;
      fill(
        axis,
        ...[0, Math.floor(width / 2), width - 1].map((position) => el('span', {}, String(position))),
      );
      below = wire && { width, height, rgb: Uint8Array.from(tensorValues(wire)) };
      drawInput();
    },
    showField(field) {
      const isDrawn = field !== null && String(field.shape) === String(sizes);
      box.classList.toggle('with-field', isDrawn);
      if (!isDrawn) return drawInput();
      const [height, width] = inPlane(sizes, 1);
      const heat = planeOf(field, height * width);
      const plain = { width, height, rgb: new Uint8Array(width * height * 3) };
      const drawn =
        width > MAX_COLUMNS ? narrowed(below ?? plain, heat, MAX_COLUMNS) : { image: below ?? plain, heat };
      image.hidden = false;
      paint(image, overlay(drawn.image, drawn.heat, colourTable('inferno'), below === null ? 1 : OPACITY));
    },
    show({ unit, windows, tied, letters }) {
      const named = windows.slice(0, MAX_NAMED).map(windowText);
      const more = windows.length - named.length;
      const list = more > 0 ? l10n.t('{0} and {1} more', named.join('; '), more) : named.join('; ');
      setAttributes(marks, {
        'aria-label': l10n.t('Windows of unit {0} on the input {1}: {2}', unit, name, list),
      });
      fill(
        marks,
        ...(tied ?? []).flatMap((list) => list.map((window) => mark(window, 'window tied'))),
        ...windows.map((window, place) => mark(window, 'window', letters?.[place])),
      );
    },
  };
}

function mark(window: UnitTrace['windows'][number], kind: string, letters?: string): SVGElement {
  const [[top, bottom], [left, right]] = inPlane<readonly [number, number]>(window, [0, 1]);
  const text = windowText(window);
  return svg(
    'rect',
    { class: kind, x: left, y: top, width: right - left, height: bottom - top },
    svg('title', {}, letters ? `${text} (${letters})` : text),
  );
}

/** The last two axes, height and width; a sequence has a height of one. */
function inPlane<T>(axes: readonly T[], none: T): readonly [T, T] {
  return [axes.at(-2) ?? none, axes.at(-1) ?? none];
}

/** 0..1 at each position of the last two axes: the largest value along the axes before them. */
function planeOf(field: DrawnField, size: number): Float32Array {
  const plane = new Float32Array(size);
  let largest = 0;
  for (const [i, value] of tensorValues(field.values).entries()) {
    plane[i % size] = Math.max(plane[i % size] ?? 0, value);
    largest = Math.max(largest, value);
  }
  return largest > 0 ? plane.map((value) => value / largest) : plane;
}
