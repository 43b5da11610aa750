import { el } from '../../dom';

/** Rows that are drawn above and below those in view. */
const MARGIN = 2;

/** A frame of its own scroll bar, of whose rows only those in view are in the document. All rows have the same height. */
export function virtualRows(options: {
  readonly label: string;
  /** ARIA role of the rows' container. */
  readonly role: string;
  /** In pixels. */
  readonly rowHeight: number;
  render(row: number): HTMLElement;
  /** Called with the width of the frame, when it changes. */
  onWidth?(width: number): void;
}): {
  readonly element: HTMLElement;
  /** Draws all rows anew, from the top where their number changed. */
  reset(count: number): void;
  /** Draws the rows in view anew. */
  redraw(): void;
  /** Scrolls a row into view. */
  reveal(row: number): void;
} {
  const { rowHeight } = options;
  const inner = el('div', { class: 'virtual-rows', role: options.role, 'aria-label': options.label });
  const frame = el(
    'div',
    { class: 'virtual-frame', tabindex: 0, role: 'group', 'aria-label': options.label },
    inner,
  );
  const shown = new Map<number, HTMLElement>();
  let count = 0;
  let width = 0;

  const clear = () => {
    for (const element of shown.values()) element.remove();
    shown.clear();
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(frame.scrollTop / rowHeight) - MARGIN);
    const last = Math.min(count - 1, Math.floor((frame.scrollTop + frame.clientHeight) / rowHeight) + MARGIN);
    for (const [row, element] of shown) {
      if (row >= first && row <= last) continue;
      element.remove();
      shown.delete(row);
    }
    for (let row = first; row <= last; row += 1) {
      if (shown.has(row)) continue;
      const element = options.render(row);
      element.classList.add('virtual-row');
      element.style.setProperty('top', `${row * rowHeight}px`);
      element.style.setProperty('height', `${rowHeight}px`);
      shown.set(row, element);
      inner.append(element);
    }
  };
  frame.addEventListener('scroll', () => requestAnimationFrame(draw));
  new ResizeObserver(() => {
    if (frame.clientWidth !== width) {
      width = frame.clientWidth;
      options.onWidth?.(width);
    }
    draw();
  }).observe(frame);

  return {
    element: frame,
    reset(next) {
      if (next !== count) frame.scrollTop = 0;
      count = next;
      inner.style.setProperty('height', `${count * rowHeight}px`);
      clear();
      draw();
    },
    redraw() {
      clear();
      draw();
    },
    reveal(row) {
      frame.scrollTop = Math.max(0, row * rowHeight - frame.clientHeight / 2);
    },
  };
}
