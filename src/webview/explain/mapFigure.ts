import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../shared/explanation';
import { type ColourMapName, coloursFor, colourTable } from '../../shared/maps/colourMaps';
import type { WireTensor } from '../../shared/model';
import type { RemovedPart } from '../../shared/results/whatIf';
import { el, fill, setAttributes } from '../dom';
import { formatExtent, formatNumber } from '../format';
import { tensorValues } from '../tensor';
import { imagePicture } from './figures/image';
import type { Picture, Spot } from './figures/picture';
import { markRemoved } from './figures/removed';
import { signalPicture } from './figures/signal';
import { tablePicture } from './figures/table';
import { lettersPicture, wordsPicture } from './figures/text';
import { vectorPicture } from './figures/vector';
import { legend } from './legend';
import { largestAt, mapAt, type Scene, sceneOf, sizeOf, withInput } from './scene';

export interface Display {
  readonly colourMap: ColourMapName;
  /** 0..1 */
  readonly opacity: number;
}

export interface MapFigure {
  readonly element: HTMLElement;
  /** What the picture of the input fills. */
  readonly stage: HTMLElement;
  /** @throws Failure when the explanation's arrays contradict their shapes */
  show(explanation: Explanation, display: Display): void;
  setDisplay(display: Display): void;
  /**
   * Marks what is removed of its input, until the next explanation; an empty list removes the mark.
   * @param where the slices of a volume of which something is removed
   */
  setRemoved(parts: readonly RemovedPart[], where?: string | null): void;
}

/** Gets the values of an input that was sent as an image alone; null where there are none to get. */
export type LoadInput = (explanation: Explanation) => Promise<WireTensor | null>;

/**
 * The input with the heat map over it, its legend, and the values under the pointer. Arrow keys move a mark by one input
 * position, with Shift by one cell of the raw map; Home and End move to the ends of the row, Escape removes it.
 */
export function mapFigure(loadInput: LoadInput): MapFigure {
  const stage = el('div', {
    class: 'stage',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'heat map',
    'aria-label': l10n.t('Heat map over the input. Arrow keys read values.'),
  });
  const readout = el('output', { class: 'readout', 'aria-live': 'polite' });
  const scale = legend();
  const frame = el('div', { class: 'stage-frame' }, stage);
  const removed = el('p', { class: 'removed-legend quiet', hidden: true }, l10n.t('Marked: what is removed'));
  const element = el('figure', { class: 'map-figure' }, frame, removed, scale.element, readout);

  let scene: Scene | null = null;
  let picture: Picture | null = null;
  let display: Display = { colourMap: 'viridis', opacity: 0.5 };
  let map: Explanation['map'] = { shape: [], min: 0, max: 0, top: 0 };
  let isSigned = false;
  let outline: string | null = null;
  let inputIndex = 0;
  let spot: Spot | null = null;
  let shown: Explanation | null = null;
  /** What is shown, as long as its input's values have not been asked for. */
  let unread: Explanation | null = null;

  const draw = () => {
    if (scene === null || picture === null) return;
    const colourMap = coloursFor(isSigned ? 'signed' : 'positive', display.colourMap);
    const hasNan = Array.prototype.some.call(scene.raw, Number.isNaN);
    scale.show({ map, isSigned, colourMap, hasNan, outline });
    picture.draw({ table: colourTable(colourMap), isSigned, opacity: display.opacity });
  };

  const point = (next: Spot | null) => {
    spot = next;
    picture?.mark(next);
    if (scene === null || next === null) {
      fill(
        readout,
        el(
          'span',
          { class: 'quiet' },
          l10n.t('Point at the map, or focus it and use the arrow keys, to read values.'),
        ),
      );
      return;
    }
    fill(readout, ...readings(scene, next));
    void readInput();
  };
  /** Asks for the values of an image when somebody first points at it: they are several times as large as the map. */
  const readInput = async () => {
    const explanation = unread;
    if (explanation === null) return;
    unread = null;
    const values = await loadInput(explanation);
    if (values === null || shown !== explanation || scene === null) return;
    scene = withInput(scene, values);
    if (spot !== null) fill(readout, ...readings(scene, spot));
  };
  const pointInside = (next: Spot) => {
    if (scene === null) return;
    const { width, height } = sizeOf(scene);
    point({ x: clampIndex(next.x, width), y: clampIndex(next.y, scene.kind === 'image' ? height : 1) });
  };

  stage.addEventListener('pointermove', (event) => {
    const next = picture?.spotAt(event) ?? null;
    if (next !== null) pointInside(next);
  });
  stage.addEventListener('pointerleave', () => point(null));
  stage.addEventListener('blur', () => point(null));
  stage.addEventListener('keydown', (event) => {
    if (scene === null) return;
    const next = moved(scene, spot, event);
    if (next) {
      pointInside(next);
      if (spot !== null) picture?.reveal(spot);
    } else if (event.key === 'Escape') point(null);
    else return;
    event.preventDefault();
  });
  point(null);

  return {
    element,
    stage,
    show(explanation, nextDisplay) {
      scene = sceneOf(explanation);
      shown = explanation;
      unread = explanation.inputValues === null && explanation.inputImage !== null ? explanation : null;
      picture = pictureOf(scene);
      display = nextDisplay;
      ({ map, inputIndex } = explanation);
      isSigned = explanation.display === 'signed';
      outline = scene.kind === 'image' && scene.mask !== null ? outlineText(explanation) : null;
      const { width, height } = sizeOf(scene);
      stage.className = `stage ${scene.kind}`;
      fill(stage, ...picture.elements);
      removed.hidden = true;
      stage.style.setProperty('--ratio', String(width / height));
      stage.style.setProperty('--columns', String(width));
      stage.style.setProperty('--rows', String(scene.kind === 'signal' ? scene.channels.length : height));
      stage.classList.toggle('large', width > 512);
      setAttributes(stage, { 'aria-label': stageLabel(scene, explanation.onInput) });
      draw();
      point(spot && { x: Math.min(spot.x, width - 1), y: Math.min(spot.y, height - 1) });
      if (spot === null) showLargest(frame, picture, largestAt(scene, isSigned) % width);
    },
    setDisplay(nextDisplay) {
      display = nextDisplay;
      draw();
    },
    setRemoved(parts, where = null) {
      if (scene === null) return;
      const part = parts.find((one) => one.inputIndex === inputIndex);
      const mask = part && { shape: part.mask.shape, values: tensorValues(part.mask) };
      const isMarked = markRemoved(stage, scene, mask ?? null) && mask !== undefined;
      removed.hidden = !isMarked;
      const isHere = mask !== undefined && Array.prototype.includes.call(mask.values, 1);
      const what = isHere ? l10n.t('Marked: what is removed') : l10n.t('Nothing is removed of this slice');
      removed.textContent = where === null ? what : l10n.t('{0} (of {1})', what, where);
    },
  };
}

function pictureOf(scene: Scene): Picture {
  switch (scene.kind) {
    case 'image':
    case 'strip':
      return imagePicture(scene);
    case 'letters':
      return lettersPicture(scene);
    case 'words':
      return wordsPicture(scene);
    case 'signal':
      return signalPicture(scene);
    case 'table':
      return tablePicture(scene);
    case 'bars':
      return vectorPicture(scene);
  }
}

/** Scrolls to the largest value where it is not visible, once the figure has a size: it may still be hidden. */
function showLargest(frame: HTMLElement, picture: Picture, x: number): void {
  requestAnimationFrame(() => {
    if (!picture.elements[0]?.isConnected) return;
    const { left, top } = picture.offsetOf({ x, y: 0 });
    const { clientWidth, clientHeight } = frame;
    frame.scrollTo({
      left: left > clientWidth ? left - clientWidth / 2 : 0,
      top: top > clientHeight - 20 ? top - clientHeight / 2 : 0,
    });
  });
}

function stageLabel(scene: Scene, onInput: boolean): string {
  const { width, height } = sizeOf(scene);
  const size = scene.kind === 'image' ? formatExtent([height, width]) : partsText(scene, width);
  return onInput
    ? l10n.t('Heat map of {0} over the input. Arrow keys read values.', size)
    : l10n.t('Heat map of {0}. Arrow keys read values.', size);
}

/** How many parts a scene has along its width: `20 letters`. */
function partsText({ kind, names }: Scene, count: number): string {
  switch (names?.kind) {
    case 'letters':
      return l10n.t('{0} letters', count);
    case 'tokens':
      return l10n.t('{0} tokens', count);
    case 'columns':
      return l10n.t('{0} columns', count);
    case undefined:
      return kind === 'table' || kind === 'bars'
        ? l10n.t('{0} values', count)
        : l10n.t('{0} positions', count);
  }
}

function outlineText({ target: { label, index, positions } }: Explanation): string {
  const name = label ?? l10n.t('class {0}', index);
  return positions?.what === 'predicted'
    ? l10n.t('Outline: the pixels predicted as {0}, over which the score is averaged', name)
    : l10n.t('Outline: the region over which the score is averaged');
}

/** Where a key leads; undefined for keys that do not move. */
function moved(scene: Scene, spot: Spot | null, { key, shiftKey }: KeyboardEvent): Spot | undefined {
  const size = sizeOf(scene);
  const { placement, rawWidth, rawHeight } = scene;
  const stepX = shiftKey ? Math.max(1, Math.round(placement.x?.stride ?? size.width / rawWidth)) : 1;
  const stepY = shiftKey ? Math.max(1, Math.round(placement.y?.stride ?? size.height / rawHeight)) : 1;
  const at = spot ?? { x: Math.floor(size.width / 2), y: Math.floor(size.height / 2) };
  // Rows of a table lie one below the other.
  const upDown = scene.kind === 'table' ? { x: stepX, y: 0 } : { x: 0, y: stepY };
  const moves: Partial<Record<string, Spot>> = {
    ArrowLeft: { x: at.x - stepX, y: at.y },
    ArrowRight: { x: at.x + stepX, y: at.y },
    ArrowUp: { x: at.x - upDown.x, y: at.y - upDown.y },
    ArrowDown: { x: at.x + upDown.x, y: at.y + upDown.y },
    Home: { x: 0, y: at.y },
    End: { x: size.width - 1, y: at.y },
  };
  return moves[key];
}

function clampIndex(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(value)));
}

const TERMS = { letters: l10n.t('Letter'), tokens: l10n.t('Word'), columns: l10n.t('Column') } as const;

/** The readout under the map. */
function readings(scene: Scene, spot: Spot): HTMLElement[] {
  const isFlat = scene.kind !== 'image';
  const { x, y, value } = mapAt(scene, spot);
  const isShare = scene.top > 0 && Number.isFinite(value);
  const share = isShare ? l10n.t('{0} % of the largest', Math.round((value / scene.top) * 100)) : null;
  const place = isFlat ? `${spot.x}` : `x ${spot.x}, y ${spot.y}`;
  const cell = isFlat ? `${x.index}` : `${x.index}, ${y.index}`;
  const cells = isFlat ? `${scene.rawWidth}` : `${scene.rawWidth} x ${scene.rawHeight}`;
  const cellPlace =
    x.isAbout || y.isAbout ? l10n.t('about {0} of {1}', cell, cells) : l10n.t('{0} of {1}', cell, cells);
  const span = ([from, to]: readonly [number, number]): string => l10n.t('{0} to {1}', from, to);
  const field = [
    ...(x.field ? [`${isFlat ? '' : 'x '}${span(x.field)}`] : []),
    ...(y.field && !isFlat ? [`y ${span(y.field)}`] : []),
  ].join(', ');
  const { names } = scene;
  const name = names?.values[spot.x] ?? '';
  // A letter is the input at its position.
  const input = names?.kind === 'letters' ? '' : scene.inputAt(spot.x, spot.y);
  return [
    ...(names === null ? [] : [reading(TERMS[names.kind], name === '' ? l10n.t('none') : name)]),
    reading(l10n.t('Position'), place),
    reading(l10n.t('Map'), `${formatNumber(value)}${share === null ? '' : ` (${share})`}`),
    ...(names?.kind === 'columns' ? [] : [reading(l10n.t('Cell'), cellPlace)]),
    ...(field === '' ? [] : [reading(l10n.t('Receptive field'), field)]),
    ...(input === '' ? [] : [reading(l10n.t('Input'), input)]),
  ];
}

function reading(term: string, value: string): HTMLElement {
  return el('span', { class: 'reading' }, el('span', { class: 'quiet' }, term), ' ', value);
}
