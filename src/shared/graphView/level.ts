import { type BlockItem, type BlockLayout, type BlockLink, layoutBlock } from './block';
import { GAP_X, GAP_Y, type Point } from './geometry';
import { chains, components, cycleLinks, lateOrder } from './order';

/** A connection between two items of a level, which may end beside the middle of an item. */
export interface LevelLink extends BlockLink {
  /** How far from the middle of `from` it begins, in pixels. */
  readonly fromOffset: number;
  readonly toOffset: number;
}

export interface LevelLayout {
  readonly width: number;
  readonly height: number;
  /** Top left corners. */
  readonly items: readonly Point[];
  /** For each link its points, both ends included. */
  readonly routes: readonly (readonly Point[])[];
}

/** Components that are wider than this together, and than the widest, are put into several rows. */
const ROW_WIDTH = 1200;

/**
 * Places the boxes of one group, or of the top level. The library for layered layouts, dagre, gets only what needs one: a chain
 * of boxes counts as one box, and a graph is cut at every box that all paths pass. So a network of 1,000 layers becomes a few
 * hundred small blocks, one below the other.
 */
export function layoutLevel(items: readonly BlockItem[], links: readonly LevelLink[]): LevelLayout {
  const parts = components(items.length, links);
  const places: Point[] = items.map(() => ({ x: 0, y: 0 }));
  const routes: (readonly Point[])[] = links.map(() => []);
  const members: number[][] = Array.from({ length: parts.count }, () => []);
  for (let item = 0; item < items.length; item += 1) members[parts.of[item] ?? 0]?.push(item);
  const linksOf: number[][] = Array.from({ length: parts.count }, () => []);
  for (const [i, { from }] of links.entries()) linksOf[parts.of[from] ?? 0]?.push(i);

  let x = 0;
  let y = 0;
  let rowHeight = 0;
  let width = 0;
  for (const [part, inside] of members.entries()) {
    const local = new Map(inside.map((item, i) => [item, i]));
    const own = linksOf[part] ?? [];
    const column = layoutComponent(
      inside.map((item) => items[item] ?? { width: 0, height: 0 }),
      own.flatMap((i) => {
        const link = links[i];
        return link ? [{ ...link, from: local.get(link.from) ?? 0, to: local.get(link.to) ?? 0 }] : [];
      }),
    );
    if (x > 0 && x + column.width > Math.max(ROW_WIDTH, width)) {
      x = 0;
      y += rowHeight + GAP_Y;
      rowHeight = 0;
    }
    const move = (point: Point): Point => ({ x: point.x + x, y: point.y + y });
    for (const [i, item] of inside.entries()) places[item] = move(column.items[i] ?? { x: 0, y: 0 });
    for (const [i, link] of own.entries()) routes[link] = (column.routes[i] ?? []).map(move);
    x += column.width + GAP_X;
    width = Math.max(width, x - GAP_X);
    rowHeight = Math.max(rowHeight, column.height);
  }
  return { width, height: y + rowHeight, items: places, routes };
}

/** A chain as one box, with the place of each of its items in it. */
interface Tower extends BlockItem {
  readonly items: readonly { readonly item: number; readonly place: Point }[];
}

function layoutComponent(items: readonly BlockItem[], links: readonly LevelLink[]): LevelLayout {
  const closing = cycleLinks(items.length, links);
  const forward = links.map((link) => (closing.has(link) ? { ...link, from: link.to, to: link.from } : link));
  const between = new Map(
    forward.map((link) => [`${link.from} ${link.to}`, link.fromOffset - link.toOffset]),
  );
  const step = (from: number, to: number): number => between.get(`${from} ${to}`) ?? 0;
  const towers = chains(items.length, forward).map((chain) => towerOf(chain, items, step));
  const towerOfItem = new Int32Array(items.length);
  for (const [i, tower] of towers.entries()) for (const { item } of tower.items) towerOfItem[item] = i;
  const outer = forward.flatMap((link, index) => {
    const [from, to] = [towerOfItem[link.from] ?? 0, towerOfItem[link.to] ?? 0];
    return from === to ? [] : [{ from, to, labelWidth: link.labelWidth, index }];
  });
  const stacked = stackBlocks(towers, outer);

  const places: Point[] = items.map(() => ({ x: 0, y: 0 }));
  for (const [i, tower] of towers.entries()) {
    const corner = stacked.items[i] ?? { x: 0, y: 0 };
    for (const { item, place } of tower.items)
      places[item] = { x: corner.x + place.x, y: corner.y + place.y };
  }
  const bends = new Map(outer.map(({ index }, i) => [index, stacked.bends[i] ?? []]));
  const routes = links.map((link, i) => {
    const inner = bends.get(i) ?? [];
    const isUp = closing.has(link);
    const [begin, end] = isUp ? (['top', 'bottom'] as const) : (['bottom', 'top'] as const);
    return [
      endPoint(items[link.from], places[link.from], begin, link.fromOffset),
      ...(isUp ? inner.toReversed() : inner),
      endPoint(items[link.to], places[link.to], end, link.toOffset),
    ];
  });
  return fromOrigin(items, places, routes, links);
}

/**
 * Stacks a chain so that its links are vertical.
 * @param step how far the middle of the second item must be from that of the first for that
 */
function towerOf(
  chain: readonly number[],
  items: readonly BlockItem[],
  step: (from: number, to: number) => number,
): Tower {
  let [middle, y, left, right] = [0, 0, 0, 0];
  const placed = chain.map((item, i) => {
    const { width, height } = items[item] ?? { width: 0, height: 0 };
    middle += i === 0 ? 0 : step(chain[i - 1] ?? item, item);
    const place = { x: middle - width / 2, y };
    y += height + GAP_Y;
    left = Math.min(left, place.x);
    right = Math.max(right, place.x + width);
    return { item, place };
  });
  const [first, last] = [items[chain[0] ?? 0], items[chain.at(-1) ?? 0]];
  return {
    items: placed.map(({ item, place }) => ({ item, place: { x: place.x - left, y: place.y } })),
    width: right - left,
    height: y - GAP_Y,
    pin: first?.pin === 'top' ? 'top' : last?.pin,
  };
}

function endPoint(
  item: BlockItem | undefined,
  corner: Point | undefined,
  side: 'top' | 'bottom',
  offset: number,
): Point {
  const { width, height } = item ?? { width: 0, height: 0 };
  const { x, y } = corner ?? { x: 0, y: 0 };
  return { x: x + width / 2 + offset, y: side === 'top' ? y : y + height };
}

/** Lays out the blocks between the boxes that every path passes, each below the one before. */
function stackBlocks(
  towers: readonly BlockItem[],
  links: readonly BlockLink[],
): { readonly items: readonly Point[]; readonly bends: readonly (readonly Point[])[] } {
  const order = orderWithPins(towers, links);
  const position = new Int32Array(towers.length);
  for (const [at, tower] of order.entries()) position[tower] = at;
  const cuts = cutPositions(order.length, links, position);
  const blockLinks: number[][] = Array.from({ length: cuts.length + 1 }, () => []);
  const blockOf = new Int32Array(order.length);
  for (let at = 0, block = 0; at < order.length; at += 1) {
    blockOf[at] = block;
    if (cuts[block] === at) block += 1;
  }
  // A link belongs to the block in which it ends, and begins there or at the box above.
  for (const [i, { to }] of links.entries()) blockLinks[blockOf[position[to] ?? 0] ?? 0]?.push(i);

  const items: Point[] = towers.map(() => ({ x: 0, y: 0 }));
  const bends: (readonly Point[])[] = links.map(() => []);
  /** Networks repeat their blocks. */
  const known = new Map<string, BlockLayout>();
  let sideBottom = Number.NEGATIVE_INFINITY;
  for (let block = 0; block <= cuts.length; block += 1) {
    const head = block === 0 ? undefined : order[cuts[block - 1] ?? 0];
    const first = block === 0 ? 0 : (cuts[block - 1] ?? 0) + 1;
    const inside = order.slice(first, (cuts[block] ?? order.length - 1) + 1);
    if (inside.length === 0) continue;
    const foot = block < cuts.length ? inside.at(-1) : undefined;
    const all = head === undefined ? inside : [head, ...inside];
    const local = new Map(all.map((tower, i) => [tower, i]));
    const own = blockLinks[block] ?? [];
    const blockItems = all.map((tower): BlockItem => {
      const { width, height, pin } = towers[tower] ?? { width: 0, height: 0 };
      return { width, height, pin: tower === head ? 'top' : tower === foot ? 'bottom' : pin };
    });
    const inner = own.map((i): BlockLink => {
      const { from, to, labelWidth } = links[i] ?? { from: 0, to: 0, labelWidth: 0 };
      return { from: local.get(from) ?? 0, to: local.get(to) ?? 0, labelWidth };
    });
    const key = JSON.stringify([blockItems, inner]);
    const placed = known.get(key) ?? layoutBlock(blockItems, inner);
    known.set(key, placed);
    // The box above is there already; the rest comes below what stands beside it.
    const anchor = head === undefined ? undefined : items[head];
    const dx = anchor === undefined ? 0 : anchor.x - (placed.items[0]?.x ?? 0);
    let dy = anchor === undefined ? 0 : anchor.y - (placed.items[0]?.y ?? 0);
    const rest = placed.items.slice(all.length - inside.length);
    const top = rest.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY) + dy;
    dy += Math.max(0, sideBottom + GAP_Y - top);
    const move = ({ x, y }: Point): Point => ({ x: x + dx, y: y + dy });
    sideBottom = Number.NEGATIVE_INFINITY;
    for (const [i, tower] of inside.entries()) {
      const corner = move(rest[i] ?? { x: 0, y: 0 });
      items[tower] = corner;
      if (tower !== foot) sideBottom = Math.max(sideBottom, corner.y + (towers[tower]?.height ?? 0));
    }
    for (const [i, link] of own.entries()) bends[link] = (placed.bends[i] ?? []).map(move);
  }
  return { items, bends };
}

/** Boxes that belong to the upper edge first, those of the lower edge last. */
function orderWithPins(towers: readonly BlockItem[], links: readonly BlockLink[]): number[] {
  const order = lateOrder(towers.length, links);
  const of = (pin: BlockItem['pin']) => order.filter((tower) => towers[tower]?.pin === pin);
  return [...of('top'), ...of(undefined), ...of('bottom')];
}

/** The positions in the order that no link passes over. */
function cutPositions(count: number, links: readonly BlockLink[], position: Int32Array): number[] {
  const change = new Int32Array(count + 1);
  for (const { from, to } of links) {
    const [begin, end] = [(position[from] ?? 0) + 1, position[to] ?? 0];
    change[begin] = (change[begin] ?? 0) + 1;
    change[end] = (change[end] ?? 0) - 1;
  }
  const cuts: number[] = [];
  let over = 0;
  for (let at = 0; at < count; at += 1) {
    over += change[at] ?? 0;
    if (over === 0) cuts.push(at);
  }
  return cuts;
}

/** Moves everything so that it begins at (0, 0), labels included. */
function fromOrigin(
  items: readonly BlockItem[],
  places: readonly Point[],
  routes: readonly (readonly Point[])[],
  links: readonly LevelLink[],
): LevelLayout {
  let [left, right, top, bottom] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  const include = (x: number, y: number, width: number, height: number) => {
    left = Math.min(left, x);
    right = Math.max(right, x + width);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + height);
  };
  for (const [i, { x, y }] of places.entries()) include(x, y, items[i]?.width ?? 0, items[i]?.height ?? 0);
  for (const [i, route] of routes.entries()) {
    const half = (links[i]?.labelWidth ?? 0) / 2;
    for (const { x, y } of route) include(x - half, y, 2 * half, 0);
  }
  if (places.length === 0) return { width: 0, height: 0, items: [], routes: [] };
  const move = ({ x, y }: Point): Point => ({ x: x - left, y: y - top });
  return {
    width: right - left,
    height: bottom - top,
    items: places.map(move),
    routes: routes.map((route) => route.map(move)),
  };
}
