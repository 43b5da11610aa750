import type { WireTensor } from '../../shared/model';
import type { LayerTrace, UnitTrace } from '../../shared/results/tracing';
import { paint } from '../canvas';
import { el, fill, setAttributes, svg } from '../dom';
import { tensorValues } from '../tensor';
import { windowText } from './traceFiles';

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
} {
  const image = el('canvas', { 'aria-hidden': 'true' });
  const marks = svg('svg', { preserveAspectRatio: 'none', role: 'img' });
  const box = el('div', { class: 'input-box' }, image, marks);
  const axis = el('div', { class: 'axis', 'aria-hidden': 'true' });
  let name = '';
  let sizes: readonly number[] = [];

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
      image.hidden = wire === null;
      if (wire !== null) drawImage(image, wire);
    },
    show({ unit, windows, tied, letters }) {
      const named = windows.slice(0, MAX_NAMED).map(windowText);
      const more = windows.length > MAX_NAMED ? ` and ${windows.length - MAX_NAMED} more` : '';
      setAttributes(marks, {
        'aria-label': `Windows of unit ${unit} on the input ${name}: ${named.join('; ')}${more}`,
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

function drawImage(canvas: HTMLCanvasElement, { shape, ...rest }: WireTensor): void {
  const [height = 1, width = 1] = shape;
  const rgb = tensorValues({ shape, ...rest });
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      image.data[pixel * 4 + channel] = rgb[pixel * 3 + channel] ?? 0;
    image.data[pixel * 4 + 3] = 255;
  }
  paint(canvas, image);
}
