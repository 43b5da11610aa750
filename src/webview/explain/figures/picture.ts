import { colourOf } from '../../canvas';
import { el } from '../../dom';

/** A position of the input; `y` is 0 for everything but an image. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Colours {
  /** 256 x 3 bytes */
  readonly table: Uint8Array;
  readonly isSigned: boolean;
  /** 0..1: how much of the colour covers the input, or the white paper below letters, words and lines. */
  readonly opacity: number;
}

/** One way to draw an input with its heat inside the stage of the figure. */
export interface Picture {
  readonly elements: readonly Element[];
  /** Draws the colours; called again when they change. */
  draw(colours: Colours): void;
  /** The position under the pointer; null between two of them. */
  spotAt(event: PointerEvent): Spot | null;
  /** Marks a position, or none. */
  mark(spot: Spot | null): void;
  /** Scrolls to a position that was reached by key. */
  reveal(spot: Spot): void;
  /** Where a position is, in pixels from the left upper corner of the stage. */
  offsetOf(spot: Spot): { readonly left: number; readonly top: number };
}

/** The colour of a heat value on white paper, and black or white, whichever is easier to read on it. */
export function paperColour(
  { table, opacity }: Colours,
  heat: number,
): { readonly background: string; readonly text: string } {
  const mixed = Array.from(colourOf(table, heat), (above) =>
    Math.round(255 * (1 - opacity) + above * opacity),
  );
  const [r = 0, g = 0, b = 0] = mixed.map((byte) => linear(byte / 255));
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  // Contrast (WCAG 2): with white 1.05 / (L + 0.05), with black (L + 0.05) / 0.05.
  const isLight = (luminance + 0.05) ** 2 > 1.05 * 0.05;
  return { background: `rgb(${mixed.join(' ')})`, text: isLight ? '#000' : '#fff' };
}

const linear = (share: number): number =>
  share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;

/** A picture over the whole width (and height) of the stage, with lines through the marked position. */
export function spread(
  elements: readonly Element[],
  size: { readonly width: number; readonly height: number },
  draw: Picture['draw'],
): Picture {
  const column = el('div', { class: 'crosshair column', hidden: true });
  const row = el('div', { class: 'crosshair row', hidden: true });
  const stageBox = () => (column.parentElement ?? column).getBoundingClientRect();
  return {
    elements: [...elements, column, row],
    draw,
    spotAt({ clientX, clientY }) {
      const box = stageBox();
      return {
        x: ((clientX - box.left) / box.width) * size.width,
        y: ((clientY - box.top) / box.height) * size.height,
      };
    },
    mark(spot) {
      column.hidden = spot === null;
      row.hidden = spot === null || size.height === 1;
      if (spot === null) return;
      column.style.setProperty('--spot', String((spot.x + 0.5) / size.width));
      row.style.setProperty('--spot', String((spot.y + 0.5) / size.height));
    },
    // A strip may be longer than its visible part.
    reveal: () => column.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    offsetOf: ({ x }) => ({ left: ((x + 0.5) / size.width) * stageBox().width, top: 0 }),
  };
}

/** A picture of one element per position. */
export function pieces(
  container: HTMLElement,
  items: readonly HTMLElement[],
  colour: (item: HTMLElement, index: number, colours: Colours) => void,
  around: readonly Element[] = [],
): Picture {
  container.append(...items);
  const indices = new Map(items.map((item, i) => [item, i]));
  let marked: HTMLElement | undefined;
  return {
    elements: [container, ...around],
    draw(colours) {
      for (const [i, item] of items.entries()) colour(item, i, colours);
    },
    spotAt({ target }) {
      const item = target instanceof Element ? target.closest<HTMLElement>('[data-piece]') : null;
      const index = item === null ? undefined : indices.get(item);
      return index === undefined ? null : { x: index, y: 0 };
    },
    mark(spot) {
      marked?.classList.remove('marked');
      marked = spot === null ? undefined : items[spot.x];
      marked?.classList.add('marked');
    },
    reveal: ({ x }) => items[x]?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    offsetOf({ x }) {
      const item = items[x];
      return { left: (item?.offsetLeft ?? 0) + (item?.offsetWidth ?? 0) / 2, top: item?.offsetTop ?? 0 };
    },
  };
}
