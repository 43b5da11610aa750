import { type ColourMapName, coloursFor, colourTable } from '../../shared/colourMaps';
import type { Explanation } from '../../shared/explanation';
import { colourOf, narrowed, overlay, paint } from '../canvas';
import { el, fill, setAttributes, svg } from '../dom';
import { formatExtent, formatNumber } from '../format';
import { cellAt } from './cells';
import { legend } from './legend';
import { type BarScene, type Scene, sceneOf } from './scene';

export interface Display {
  readonly colourMap: ColourMapName;
  /** 0..1 */
  readonly opacity: number;
}

export interface MapFigure {
  readonly element: HTMLElement;
  /** @throws Failure when the explanation's arrays contradict their shapes */
  show(explanation: Explanation, display: Display): void;
  setDisplay(display: Display): void;
}

/** Narrow strips are drawn with at most this many columns: columns narrower than a pixel could vanish. */
const MAX_COLUMNS = 480;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/**
 * The input with the heat map over it, its legend, and the values under the pointer. Arrow keys move a crosshair by one input
 * position, with Shift by one cell of the raw map; Home and End move to the ends of the row, Escape removes it.
 */
export function mapFigure(): MapFigure {
  const canvas = el('canvas', { class: 'map-canvas' });
  const bars = svg('svg', { class: 'map-bars', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  const column = el('div', { class: 'crosshair column', hidden: true });
  const row = el('div', { class: 'crosshair row', hidden: true });
  const stage = el(
    'div',
    {
      class: 'stage',
      tabindex: 0,
      role: 'application',
      'aria-roledescription': 'heat map',
      'aria-label': 'Heat map over the input. Arrow keys read values.',
    },
    canvas,
    bars,
    column,
    row,
  );
  const readout = el('output', { class: 'readout', 'aria-live': 'polite' });
  const scale = legend();
  const frame = el('div', { class: 'stage-frame' }, stage);
  const element = el('figure', { class: 'map-figure' }, frame, scale.element, readout);

  let scene: Scene | null = null;
  let display: Display = { colourMap: 'viridis', opacity: 0.5 };
  let map: Explanation['map'] = { shape: [], min: 0, max: 0, top: 0 };
  let isSigned = false;
  let spot: Spot | null = null;

  const draw = () => {
    if (scene === null) return;
    const colours = coloursFor(isSigned ? 'signed' : 'positive', display.colourMap);
    scale.show({
      map,
      isSigned,
      colourMap: colours,
      hasNan: Array.prototype.some.call(scene.raw, Number.isNaN),
    });
    if (scene.kind === 'bars') drawBars(bars, scene, map.top, { table: colourTable(colours), isSigned });
    else {
      const isLong = scene.kind === 'strip' && scene.below.width > MAX_COLUMNS;
      const drawn = isLong
        ? narrowed(scene.below, scene.heat, MAX_COLUMNS, isSigned ? 0.5 : 0)
        : { image: scene.below, heat: scene.heat };
      paint(canvas, overlay(drawn.image, drawn.heat, colourTable(colours), display.opacity));
    }
  };

  const point = (next: Spot | null) => {
    spot = next;
    column.hidden = next === null;
    row.hidden = next === null || scene === null || scene.kind !== 'image';
    if (scene === null || next === null) {
      fill(
        readout,
        el(
          'span',
          { class: 'quiet' },
          'Point at the map, or focus it and use the arrow keys, to read values.',
        ),
      );
      return;
    }
    const size = sizeOf(scene);
    stage.style.setProperty('--spot-x', String((next.x + 0.5) / size.width));
    stage.style.setProperty('--spot-y', String((next.y + 0.5) / size.height));
    fill(readout, ...readings(scene, next, map.top));
  };

  stage.addEventListener('pointermove', (event) => {
    if (scene === null) return;
    const box = stage.getBoundingClientRect();
    const size = sizeOf(scene);
    point({
      x: clampIndex(((event.clientX - box.left) / box.width) * size.width, size.width),
      y: clampIndex(((event.clientY - box.top) / box.height) * size.height, size.height),
    });
  });
  stage.addEventListener('pointerleave', () => point(null));
  stage.addEventListener('blur', () => point(null));
  stage.addEventListener('keydown', (event) => {
    if (scene === null) return;
    const size = sizeOf(scene);
    const far = event.shiftKey;
    const { placement, rawWidth, rawHeight } = scene;
    const stepX = far ? Math.max(1, Math.round(placement.x?.stride ?? size.width / rawWidth)) : 1;
    const stepY = far ? Math.max(1, Math.round(placement.y?.stride ?? size.height / rawHeight)) : 1;
    const at = spot ?? { x: Math.floor(size.width / 2), y: Math.floor(size.height / 2) };
    const move: Partial<Record<string, Spot>> = {
      ArrowLeft: { x: at.x - stepX, y: at.y },
      ArrowRight: { x: at.x + stepX, y: at.y },
      ArrowUp: { x: at.x, y: at.y - stepY },
      ArrowDown: { x: at.x, y: at.y + stepY },
      Home: { x: 0, y: at.y },
      End: { x: size.width - 1, y: at.y },
    };
    const next = move[event.key];
    if (next) {
      point({ x: clampIndex(next.x, size.width), y: clampIndex(next.y, size.height) });
      // A strip may be longer than its visible part.
      column.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    } else if (event.key === 'Escape') point(null);
    else return;
    event.preventDefault();
  });
  point(null);

  return {
    element,
    show(explanation, nextDisplay) {
      scene = sceneOf(explanation);
      display = nextDisplay;
      ({ map } = explanation);
      isSigned = explanation.display === 'signed';
      const { width, height } = sizeOf(scene);
      const kinds = { image: false, strip: false, bars: false, [scene.kind]: true };
      for (const [kind, on] of Object.entries(kinds)) stage.classList.toggle(kind, on);
      canvas.hidden = scene.kind === 'bars';
      stage.style.setProperty('--ratio', String(width / height));
      stage.style.setProperty('--columns', String(width));
      stage.style.setProperty('--rows', String(height));
      stage.classList.toggle('large', width > 512);
      setAttributes(stage, {
        'aria-label': `Heat map of ${formatExtent([height, width])} over the input. Arrow keys read values.`,
      });
      draw();
      point(spot && { x: Math.min(spot.x, width - 1), y: Math.min(spot.y, height - 1) });
    },
    setDisplay(nextDisplay) {
      display = nextDisplay;
      draw();
    },
  };
}

function sizeOf(scene: Scene): { width: number; height: number } {
  return scene.kind === 'bars' ? { width: scene.length, height: 1 } : scene.below;
}

function clampIndex(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(value)));
}

/** The readout under the map. */
function readings(scene: Scene, spot: Spot, top: number): HTMLElement[] {
  const size = sizeOf(scene);
  const isFlat = scene.kind !== 'image';
  const x = cellAt(spot.x, scene.rawWidth, size.width, scene.placement.x);
  const y = cellAt(isFlat ? 0 : spot.y, scene.rawHeight, isFlat ? 1 : size.height, scene.placement.y);
  const raw = scene.raw[y.index * scene.rawWidth + x.index] ?? 0;
  const isShare = top > 0 && Number.isFinite(raw);
  const share = isShare ? ` (${Math.round((raw / top) * 100)} % of the largest)` : '';
  const place = isFlat ? `${spot.x}` : `x ${spot.x}, y ${spot.y}`;
  const about = x.isAbout || y.isAbout ? 'about ' : '';
  const cellPlace = isFlat
    ? `${about}${x.index} of ${scene.rawWidth}`
    : `${about}${x.index}, ${y.index} of ${scene.rawWidth} x ${scene.rawHeight}`;
  const field = [
    ...(x.field ? [`${isFlat ? '' : 'x '}${x.field[0]} to ${x.field[1]}`] : []),
    ...(y.field && !isFlat ? [`y ${y.field[0]} to ${y.field[1]}`] : []),
  ].join(', ');
  const input = scene.inputAt(spot.x, spot.y);
  return [
    reading('Position', place),
    reading('Map', `${formatNumber(raw)}${share}`),
    reading('Cell', cellPlace),
    ...(field === '' ? [] : [reading('Receptive field', field)]),
    ...(input === '' ? [] : [reading('Input', input)]),
  ];
}

function reading(term: string, value: string): HTMLElement {
  return el('span', { class: 'reading' }, el('span', { class: 'quiet' }, term), ' ', value);
}

const BAR_HEIGHT = 100;

/**
 * One bar per input value, up for positive raw map values and down for negative ones. An infinity fills its direction; NaN fills
 * both, in its legend colour.
 */
function drawBars(
  target: SVGSVGElement,
  scene: BarScene,
  max: number,
  { table, isSigned }: { table: Uint8Array; isSigned: boolean },
): void {
  const values = Array.from({ length: scene.length }, (_, i) => scene.raw[i] ?? 0);
  const finite = values.filter((value) => Number.isFinite(value));
  const top = Math.max(0, ...finite, values.includes(Number.POSITIVE_INFINITY) ? 1 : 0);
  const bottom = Math.min(0, ...finite, values.includes(Number.NEGATIVE_INFINITY) ? -1 : 0);
  const scale = top > bottom ? BAR_HEIGHT / (top - bottom) : 0;
  setAttributes(target, { viewBox: `0 0 ${scene.length} ${BAR_HEIGHT}` });
  fill(
    target,
    ...values.map((value, i) => {
      const isNan = Number.isNaN(value);
      const [from, to] = isNan
        ? [bottom, top]
        : [Math.max(bottom, Math.min(0, value)), Math.min(top, Math.max(0, value))];
      const share = max > 0 ? value / max : Math.sign(value);
      const colour = colourOf(table, isNan ? value : isSigned ? 0.5 + share / 2 : share);
      return svg('rect', {
        x: i + 0.1,
        width: 0.8,
        y: (top - to) * scale,
        height: isNan && scale === 0 ? BAR_HEIGHT : (to - from) * scale,
        fill: `rgb(${Array.from(colour).join(' ')})`,
      });
    }),
    svg('line', { class: 'zero-line', x1: 0, x2: scene.length, y1: top * scale, y2: top * scale }),
  );
}
