import type { BlockItem } from './block';
import { type BoxText, boxText, frameTitle, LABEL_SIZE, NAME_SIZE, TOGGLE } from './boxes';
import { type Folded, fold, type Unfolded, type ViewIndex } from './fold';
import type { Point, Size } from './geometry';
import { type LevelLayout, type LevelLink, layoutLevel } from './level';
import { labelPlace } from './route';
import { entryKey, type Level, levelsOf, ROOT, type Segment } from './segments';
import { fitText, textWidth } from './textWidth';
import { compactShape } from './viewGraph';

export interface Rect extends Size {
  /** Top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Rect {
  /** Index in `ViewGraph.nodes`. */
  readonly node: number;
  readonly text: BoxText;
}

/** An unfolded group. */
export interface PlacedFrame extends Rect {
  readonly node: number;
  readonly title: { readonly name: string; readonly detail: string };
}

/** A connection, or the part of one that is in one group. */
export interface PlacedEdge {
  /** The box whose values it carries. */
  readonly source: number;
  readonly targets: readonly number[];
  /** Both ends included. */
  readonly points: readonly Point[];
  /** It ends at a box, not at the border of a group. */
  readonly hasArrow: boolean;
  /** The shape of the value, and the middle of where it is written. */
  readonly label: (Point & { readonly text: string; readonly width: number }) | null;
}

export interface GraphLayout extends Size {
  readonly folded: Folded;
  readonly boxes: readonly PlacedBox[];
  /** Outer ones first. */
  readonly frames: readonly PlacedFrame[];
  readonly edges: readonly PlacedEdge[];
}

const FRAME_PADDING = 18;
const FRAME_HEADER = 34;
/** Above and below a level whose ports leave room enough. */
const MIN_BORDER = 4;
/** Of the labels beyond this many at one box only the first is written: all say the same. */
const MAX_EQUAL_LABELS = 3;
const MAX_LABEL_WIDTH = 120;

/** A level with its layout. */
interface Placed {
  readonly level: Level;
  readonly layout: LevelLayout;
  readonly keys: ReadonlyMap<string, number>;
  readonly sizes: readonly Size[];
}

/** Lays out a graph again and again as its groups are folded and unfolded; levels that stay as they are are not laid out again. */
export class GraphLayouter {
  private readonly known = new Map<number, { readonly signature: string; readonly layout: LevelLayout }>();
  private readonly texts = new Map<number, BoxText>();

  constructor(readonly index: ViewIndex) {}

  layout(unfolded: Unfolded): GraphLayout {
    const { graph } = this.index;
    const folded = fold(this.index, unfolded);
    const levels = levelsOf(graph, folded);
    const placed = new Map<number, Placed>();
    const sizes = new Map<number, Size>();
    for (const box of folded.boxes) sizes.set(box, this.text(box));
    // Inner groups first: their size is that of an item of the group around them.
    for (const group of [...folded.frames.toReversed(), ROOT]) {
      const level = levels.get(group);
      if (level === undefined) continue;
      const one = this.place(group, level, sizes, placed);
      placed.set(group, one);
      if (group !== ROOT) sizes.set(group, this.frameSize(group, one));
    }
    return this.collect(folded, placed, sizes);
  }

  private text(node: number): BoxText {
    const known = this.texts.get(node);
    if (known !== undefined) return known;
    const { graph, inside } = this.index;
    const shown = graph.nodes[node];
    if (shown === undefined) throw new RangeError(`The graph has no node ${node}.`);
    const text = boxText(shown, inside[node] ?? 0);
    this.texts.set(node, text);
    return text;
  }

  private title(node: number): PlacedFrame['title'] {
    const shown = this.index.graph.nodes[node];
    return shown === undefined ? { name: '', detail: '' } : frameTitle(shown);
  }

  private frameSize(group: number, placed: Placed): Size {
    const { width, height } = placed.layout;
    const { name, detail } = this.title(group);
    const title = textWidth(name, NAME_SIZE, true) + textWidth(detail, NAME_SIZE) + TOGGLE + 40;
    return {
      width: Math.ceil(Math.max(width + 2 * FRAME_PADDING, title) / 2) * 2,
      height: Math.ceil(height + headerOf(placed) + footerOf(placed)),
    };
  }

  private place(
    group: number,
    level: Level,
    sizes: ReadonlyMap<number, Size>,
    placed: ReadonlyMap<number, Placed>,
  ): Placed {
    const entries = [...level.entries.values()];
    const keys = new Map(entries.map((entry, i) => [entryKey(entry), i]));
    const items = entries.map(({ kind, node }): BlockItem => {
      if (kind !== 'node') return { width: 1, height: 1, pin: kind === 'in' ? 'top' : 'bottom' };
      const { width, height } = sizes.get(node) ?? { width: 0, height: 0 };
      return { width, height };
    });
    const segments = [...level.segments.values()];
    const offset = (frame: number, kind: 'in' | 'out', source: number): number => {
      const inner = placed.get(frame);
      const port = inner?.keys.get(entryKey({ kind, node: source }));
      if (inner === undefined || port === undefined) return 0;
      return (inner.layout.items[port]?.x ?? 0) + 0.5 - inner.layout.width / 2;
    };
    const labels = this.labels(segments);
    const links = segments.map(
      ({ from, to, source }, i): LevelLink => ({
        from: keys.get(entryKey(from)) ?? 0,
        to: keys.get(entryKey(to)) ?? 0,
        fromOffset: from.kind === 'node' ? offset(from.node, 'out', source) : 0,
        toOffset: to.kind === 'node' ? offset(to.node, 'in', source) : 0,
        labelWidth: labels[i] ? labelWidth(labels[i]) : 0,
      }),
    );
    const signature = JSON.stringify([items.map(Object.values), links.map(Object.values)]);
    const known = this.known.get(group);
    const layout = known?.signature === signature ? known.layout : layoutLevel(items, links);
    this.known.set(group, { signature, layout });
    return { level, layout, keys, sizes: items };
  }

  /** The label of each segment; empty for none. */
  private labels(segments: readonly Segment[]): string[] {
    const { nodes } = this.index.graph;
    const counts = new Map<string, number>();
    for (const { source, isMiddle } of segments) {
      if (isMiddle) counts.set(`${source}`, (counts.get(`${source}`) ?? 0) + 1);
    }
    const written = new Set<number>();
    return segments.map(({ source, values, isMiddle }) => {
      const [first, ...others] = values;
      if (!isMiddle || first === undefined) return '';
      if ((counts.get(`${source}`) ?? 0) > MAX_EQUAL_LABELS && written.has(source)) return '';
      written.add(source);
      const shape = compactShape(nodes[first.from]?.outputShapes[first.output] ?? null);
      const more = others.length === 0 ? '' : ` +${others.length}`;
      return fitText(`${shape}${more}`, MAX_LABEL_WIDTH, LABEL_SIZE);
    });
  }

  private collect(
    folded: Folded,
    placed: ReadonlyMap<number, Placed>,
    sizes: ReadonlyMap<number, Size>,
  ): GraphLayout {
    const { nodes } = this.index.graph;
    const corners = new Map<number, Point>([[ROOT, { x: 0, y: 0 }]]);
    const frames: PlacedFrame[] = [];
    const boxes: PlacedBox[] = [];
    const rectOf = (node: number): Rect => {
      const level = nodes[node]?.parent ?? ROOT;
      const around = placed.get(level);
      const corner = around?.layout.items[around.keys.get(entryKey({ kind: 'node', node })) ?? -1];
      const { x, y } = corners.get(level) ?? { x: 0, y: 0 };
      const { width, height } = sizes.get(node) ?? { width: 0, height: 0 };
      return { x: x + (corner?.x ?? 0), y: y + (corner?.y ?? 0), width, height };
    };
    for (const node of folded.frames) {
      const rect = rectOf(node);
      frames.push({ node, ...rect, title: this.title(node) });
      const inner = placed.get(node);
      if (inner === undefined) continue;
      corners.set(node, {
        x: rect.x + (rect.width - inner.layout.width) / 2,
        y: rect.y + headerOf(inner),
      });
    }
    for (const node of folded.boxes) boxes.push({ node, ...rectOf(node), text: this.text(node) });
    const isFrame = new Set(folded.frames);
    const edges = [ROOT, ...folded.frames].flatMap((group) => {
      const one = placed.get(group);
      return one === undefined ? [] : this.edgesOf(one, corners.get(group) ?? { x: 0, y: 0 }, isFrame);
    });
    const { width, height } = placed.get(ROOT)?.layout ?? { width: 0, height: 0 };
    return { width, height, folded, boxes, frames, edges };
  }

  private edgesOf(placed: Placed, corner: Point, frames: ReadonlySet<number>): PlacedEdge[] {
    const { level, layout } = placed;
    const segments = [...level.segments.values()];
    const labels = this.labels(segments);
    return segments.map(({ from, to, source, targets }, i) => {
      const points = (layout.routes[i] ?? []).map(({ x, y }) => ({ x: x + corner.x, y: y + corner.y }));
      const [first, last] = [points[0], points.at(-1)];
      // A port is inside the border: its line goes on to the border itself.
      if (from.kind === 'in' && first) points.unshift({ x: first.x, y: corner.y - headerOf(placed) });
      if (to.kind === 'out' && last) {
        points.push({ x: last.x, y: corner.y + layout.height + footerOf(placed) });
      }
      const text = labels[i] ?? '';
      const label = text === '' ? null : { ...labelPlace(points), text, width: labelWidth(text) };
      const hasArrow = to.kind === 'node' && !frames.has(to.node);
      return { source, targets, points, hasArrow, label };
    });
  }
}

/** The room above a level: for the heading, unless the way from the border to the first box is room enough. */
function headerOf({ level, layout }: Placed): number {
  const tops = nodeItems(level).map((i) => layout.items[i]?.y ?? 0);
  return Math.max(MIN_BORDER, FRAME_HEADER - Math.min(...tops));
}

/** The same below the last box. */
function footerOf({ level, layout, sizes }: Placed): number {
  const bottoms = nodeItems(level).map((i) => (layout.items[i]?.y ?? 0) + (sizes[i]?.height ?? 0));
  return Math.max(MIN_BORDER, FRAME_PADDING - layout.height + Math.max(0, ...bottoms));
}

/** Without the ports. */
const nodeItems = ({ entries }: Level): number[] =>
  [...entries.values()].flatMap(({ kind }, i) => (kind === 'node' ? [i] : []));

const labelWidth = (text: string): number => Math.ceil(textWidth(text, LABEL_SIZE)) + 14;
