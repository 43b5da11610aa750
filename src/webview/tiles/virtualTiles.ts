/** Tiles in rows of as many as fit, in pixels. */
export interface TileLayout {
  readonly across: number;
  readonly width: number;
  /** From one row to the next. */
  readonly height: number;
}

export interface VirtualTilesHost<Tile, Layout extends TileLayout> {
  /** What scrolls. */
  readonly frame: HTMLElement;
  /** The list in it, which is as high as all tiles. */
  readonly list: HTMLElement;
  /** Pixels between two tiles of a row. */
  readonly gap: number;
  count(): number;
  layout(): Layout;
  create(index: number): Tile;
  /** Fills a tile that was just put into the document. */
  draw(index: number, tile: Tile): void;
  /** The sizes within a tile. */
  fit(tile: Tile, layout: Layout): void;
  onUpdated(): void;
}

/** The tiles in view, and a screen above and below: only they are in the document. */
export interface VirtualTiles<Tile> {
  /** In the document, by index. */
  readonly shown: ReadonlyMap<number, Tile>;
  /** The first index in view, and the one after the last. @param more screens above and below */
  inView(more: number): readonly [number, number];
  /** Adds, removes and places tiles as the scroll position and the layout want it. */
  update(): void;
  /** Removes all tiles and makes those in view anew. */
  rebuild(): void;
}

/** Updates by itself when its frame is scrolled or resized, once for each picture on the screen. A tile with the focus stays. */
export function virtualTiles<Tile extends { readonly row: HTMLElement }, Layout extends TileLayout>(
  host: VirtualTilesHost<Tile, Layout>,
): VirtualTiles<Tile> {
  const { frame, list, gap } = host;
  const shown = new Map<number, Tile>();
  let isQueued = false;

  const inView = (more: number): readonly [number, number] => {
    const { across, height } = host.layout();
    const { scrollTop, clientHeight } = frame;
    const from = Math.max(0, Math.floor((scrollTop - more * clientHeight) / height));
    const to = Math.ceil((scrollTop + (1 + more) * clientHeight) / height);
    return [Math.min(host.count(), from * across), Math.min(host.count(), to * across)];
  };
  const add = (index: number): Tile => {
    const tile = host.create(index);
    shown.set(index, tile);
    // In the order of reading.
    const next = [...shown.keys()]
      .filter((other) => other > index)
      .reduce((a, b) => Math.min(a, b), Infinity);
    list.insertBefore(tile.row, shown.get(next)?.row ?? null);
    host.draw(index, tile);
    return tile;
  };
  const update = () => {
    const layout = host.layout();
    const { across, width, height } = layout;
    list.style.setProperty('height', `${Math.ceil(host.count() / across) * height}px`);
    const [from, to] = inView(1);
    for (const [index, { row }] of shown) {
      if (index >= from && index < to) continue;
      if (row.contains(document.activeElement)) continue;
      row.remove();
      shown.delete(index);
    }
    for (let index = from; index < to; index += 1) {
      const tile = shown.get(index) ?? add(index);
      const { style } = tile.row;
      style.setProperty('left', `${(index % across) * (width + gap)}px`);
      style.setProperty('top', `${Math.floor(index / across) * height}px`);
      style.setProperty('width', `${width}px`);
      host.fit(tile, layout);
    }
    host.onUpdated();
  };
  const queue = () => {
    if (isQueued) return;
    isQueued = true;
    requestAnimationFrame(() => {
      isQueued = false;
      if (list.isConnected && list.clientWidth > 0) update();
    });
  };
  frame.addEventListener('scroll', queue, { passive: true });
  new ResizeObserver(queue).observe(frame);
  return {
    shown,
    inView,
    update,
    rebuild() {
      shown.clear();
      list.replaceChildren();
      if (list.clientWidth > 0) update();
    },
  };
}
