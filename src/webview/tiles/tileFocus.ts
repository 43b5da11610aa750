interface Tiles {
  /** What scrolls. */
  readonly element: HTMLElement;
  /** Holds the tiles; each control has its place as `data-index`. */
  readonly list: HTMLElement;
  count(): number;
  layout(): { readonly across: number; readonly height: number };
  /** Brings the tiles of the visible part into the document. */
  update(): void;
  /** What takes the focus of a tile; nothing for one that is not in the document. */
  controlOf(index: number): HTMLElement | undefined;
}

export interface TileFocus {
  /** The tile in the tab order, by its place. */
  home: number;
  /** Moves the focus to a tile, which it scrolls into view. */
  moveTo(index: number): void;
}

/** One of many tiles is in the tab order: arrow keys, Page Up, Page Down, Home and End move. */
export function tileFocus({ element, list, count, layout, update, controlOf }: Tiles): TileFocus {
  const focus: TileFocus = {
    home: 0,
    moveTo(index) {
      const target = Math.max(0, Math.min(count() - 1, index));
      const { across, height } = layout();
      controlOf(focus.home)?.setAttribute('tabindex', '-1');
      focus.home = target;
      const top = Math.floor(target / across) * height;
      const { scrollTop, clientHeight } = element;
      if (top < scrollTop) element.scrollTop = top;
      else if (top + height > scrollTop + clientHeight) element.scrollTop = top + height - clientHeight;
      update();
      const control = controlOf(target);
      control?.setAttribute('tabindex', '0');
      control?.focus({ preventScroll: true });
    },
  };
  list.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { home } = focus;
    const { across, height } = layout();
    const page = Math.max(1, Math.floor(element.clientHeight / height)) * across;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: home - 1,
      ArrowRight: home + 1,
      ArrowUp: home - across < 0 ? home : home - across,
      ArrowDown: home + across >= count() ? home : home + across,
      PageUp: home - page,
      PageDown: home + page,
      Home: 0,
      End: count() - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    focus.moveTo(to);
    event.preventDefault();
  });
  list.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) focus.home = Number(target.dataset.index ?? focus.home);
  });
  return focus;
}
