import { BOX_PADDING, DETAIL_SIZE, LABEL_SIZE, NAME_SIZE, TOGGLE } from '../../shared/graphView/boxes';
import { LABEL_HEIGHT } from '../../shared/graphView/geometry';
import type { GraphLayout, PlacedBox, PlacedEdge, PlacedFrame, Rect } from '../../shared/graphView/layout';
import { routePath } from '../../shared/graphView/route';
import type { ViewGraph } from '../../shared/graphView/viewGraph';
import { type Camera, visiblePart } from './camera';
import type { BoxColouring } from './colouring';
import { css, mixed, type Palette } from './palette';

/** Below these scales texts, and then borders and arrows, are too small to be seen. */
const TEXT_SCALE = 0.35;
const BORDER_SCALE = 0.12;
const EDGE_SCALE = 0.03;
const ARROW = 7;

export interface Scene {
  readonly graph: ViewGraph;
  readonly layout: GraphLayout;
  readonly colouring: BoxColouring;
  readonly palette: Palette;
  /** Boxes that the search found. */
  readonly matches: ReadonlySet<number>;
  readonly marked: number | null;
  readonly hovered: number | null;
  readonly hasFocus: boolean;
}

/** Bounds and path of an edge, which are the same in every frame. */
interface Prepared {
  readonly bounds: Rect;
  readonly path: Path2D;
}
const prepared = new WeakMap<PlacedEdge, Prepared>();

function prepare(edge: PlacedEdge): Prepared {
  const known = prepared.get(edge);
  if (known !== undefined) return known;
  const [xs, ys] = [edge.points.map(({ x }) => x), edge.points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const bounds = { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
  const made = { bounds, path: new Path2D(routePath(edge.points)) };
  prepared.set(edge, made);
  return made;
}

const meets = (a: Rect, b: Rect): boolean =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;

/** Draws what is visible of the graph. @param ratio device pixels per pixel */
export function drawScene(
  context: CanvasRenderingContext2D,
  scene: Scene,
  camera: Camera,
  width: number,
  height: number,
  ratio: number,
): void {
  const { layout, palette } = scene;
  const view = visiblePart(camera, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = css(palette.background);
  context.fillRect(0, 0, width, height);
  const { scale } = camera;
  context.setTransform(
    ratio * scale,
    0,
    0,
    ratio * scale,
    -camera.x * scale * ratio,
    -camera.y * scale * ratio,
  );
  for (const frame of layout.frames) if (meets(frame, view)) drawFrame(context, scene, frame, scale);
  if (scale >= EDGE_SCALE) drawEdges(context, scene, view, scale);
  for (const frame of layout.frames) if (meets(frame, view)) drawHeading(context, scene, frame, scale);
  for (const box of layout.boxes) if (meets(box, view)) drawBox(context, scene, box, scale);
  if (scale >= TEXT_SCALE) {
    for (const { label } of layout.edges) {
      if (label !== null && meets({ x: label.x, y: label.y, width: 0, height: 0 }, grown(view, 80))) {
        drawLabel(context, scene, label);
      }
    }
  }
}

const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

function drawFrame(
  context: CanvasRenderingContext2D,
  { palette, marked }: Scene,
  frame: PlacedFrame,
  scale: number,
): void {
  context.beginPath();
  context.roundRect(frame.x, frame.y, frame.width, frame.height, 12);
  context.fillStyle = css(palette.families.group, 0.08);
  context.fill();
  const isMarked = frame.node === marked;
  context.strokeStyle = isMarked
    ? css(palette.focus)
    : palette.contrast
      ? css(palette.contrast)
      : css(palette.families.group, 0.55);
  context.lineWidth = (isMarked ? 2 : 1) / Math.min(1, scale);
  context.stroke();
}

function drawHeading(
  context: CanvasRenderingContext2D,
  { palette }: Scene,
  { x, y, title }: PlacedFrame,
  scale: number,
): void {
  if (scale < TEXT_SCALE) return;
  context.textAlign = 'left';
  context.font = `600 ${NAME_SIZE}px ${palette.font}`;
  const nameWidth = context.measureText(title.name).width;
  context.font = `${DETAIL_SIZE}px ${palette.font}`;
  const width = nameWidth + context.measureText(title.detail).width + 44;
  context.beginPath();
  context.roundRect(x + 8, y + 6, width, 22, 11);
  context.fillStyle = css(palette.background);
  context.fill();
  context.strokeStyle = palette.contrast ? css(palette.contrast) : css(palette.families.group, 0.5);
  context.lineWidth = 1;
  context.stroke();
  drawSign(context, x + 20, y + 17, false, css(palette.families.group));
  context.fillStyle = css(palette.quiet);
  context.fillText(title.detail, x + 38 + nameWidth, y + 21);
  context.fillStyle = css(palette.text);
  context.font = `600 ${NAME_SIZE}px ${palette.font}`;
  context.fillText(title.name, x + 30, y + 21.5);
}

function drawEdges(context: CanvasRenderingContext2D, scene: Scene, view: Rect, scale: number): void {
  const { layout, palette, marked } = scene;
  const isOf = ({ source, targets }: PlacedEdge): boolean =>
    marked !== null && (source === marked || targets.includes(marked));
  const visible = layout.edges.filter((edge) => meets(prepare(edge).bounds, view));
  for (const isStrong of [false, true]) {
    const colour = css(isStrong ? palette.focus : palette.line);
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = (isStrong ? 2 : 1.3) / Math.min(1, Math.max(scale, 0.2));
    for (const edge of visible) {
      if (isOf(edge) !== isStrong) continue;
      context.stroke(prepare(edge).path);
      if (edge.hasArrow && scale >= BORDER_SCALE) drawArrow(context, edge);
    }
  }
}

function drawArrow(context: CanvasRenderingContext2D, { points }: PlacedEdge): void {
  const [before, end] = [points.at(-2), points.at(-1)];
  if (before === undefined || end === undefined) return;
  const angle = Math.atan2(end.y - before.y, end.x - before.x);
  const side = (turn: number): [number, number] => [
    end.x - ARROW * Math.cos(angle + turn),
    end.y - ARROW * Math.sin(angle + turn),
  ];
  context.beginPath();
  context.moveTo(end.x, end.y);
  context.lineTo(...side(0.42));
  context.lineTo(...side(-0.42));
  context.fill();
}

function drawLabel(
  context: CanvasRenderingContext2D,
  { palette }: Scene,
  { x, y, width, text }: NonNullable<PlacedEdge['label']>,
): void {
  context.beginPath();
  context.roundRect(x - width / 2, y - LABEL_HEIGHT / 2, width, LABEL_HEIGHT, LABEL_HEIGHT / 2);
  context.fillStyle = css(palette.background);
  context.fill();
  context.strokeStyle = palette.contrast ? css(palette.contrast) : css(palette.line, 0.6);
  context.lineWidth = 1;
  context.stroke();
  context.textAlign = 'center';
  context.font = `${LABEL_SIZE}px ${palette.font}`;
  context.fillStyle = css(palette.quiet);
  context.fillText(text, x, y + 3.5, width - 6);
}

function drawBox(context: CanvasRenderingContext2D, scene: Scene, box: PlacedBox, scale: number): void {
  const { graph, palette, colouring, matches, marked, hovered, hasFocus } = scene;
  const { node, x, y, width, height, text } = box;
  const shown = graph.nodes[node];
  const { fill, accent } = colouring.of(node);
  const isMatch = matches.has(node);
  const isMarked = node === marked;
  if (scale < BORDER_SCALE) {
    context.fillStyle = css(isMarked ? palette.focus : isMatch ? palette.match : mixed(accent, fill, 0.5));
    // At least a pixel, however small the scale.
    context.fillRect(x, y, Math.max(width, 1 / scale), Math.max(height, 1 / scale));
    return;
  }
  const isPill = shown?.kind === 'input' || shown?.kind === 'output';
  const isGroup = shown?.kind === 'group';
  const radius = isPill ? height / 2 : 8;
  const outline = (dx: number): void => {
    context.beginPath();
    context.roundRect(x + dx, y + dx, width, height, radius);
  };
  context.lineWidth = 1.2;
  context.strokeStyle = palette.contrast ? css(palette.contrast) : css(accent, 0.75);
  context.fillStyle = css(fill);
  // A second sheet shows that there is more behind a folded group.
  for (const dx of isGroup ? [5, 0] : [0]) {
    outline(dx);
    context.fill();
    context.stroke();
  }
  if (isMatch || isMarked || node === hovered) {
    outline(0);
    context.strokeStyle = css(isMarked ? palette.focus : isMatch ? palette.match : palette.text);
    context.lineWidth = isMarked ? (hasFocus ? 4 : 3) : isMatch ? 3 : 1.6;
    context.stroke();
  }
  if (!isPill) {
    context.beginPath();
    context.roundRect(x + 3, y + radius + 1, 3.2, height - 2 * radius - 2, 1.6);
    context.fillStyle = css(accent);
    context.fill();
  }
  if (scale < TEXT_SCALE) return;
  const room = width - 2 * BOX_PADDING;
  const write = (
    content: string,
    size: number,
    left: number,
    top: number,
    align: CanvasTextAlign,
    weight = '',
  ) => {
    context.textAlign = align;
    context.font = `${weight} ${size}px ${palette.font}`;
    context.fillText(content, x + left, y + top, room);
  };
  context.fillStyle = css(palette.text);
  if (isPill) {
    write(text.name, NAME_SIZE, width / 2, 18, 'center', '600');
    context.fillStyle = css(palette.quiet);
    write(text.detail, DETAIL_SIZE, width / 2, 33, 'center');
    return;
  }
  write(text.name, NAME_SIZE, BOX_PADDING, 20, 'left', '600');
  if (isGroup) drawSign(context, x + width - BOX_PADDING - TOGGLE / 2 + 2, y + 16, true, css(accent));
  write(text.detail, DETAIL_SIZE, BOX_PADDING, 36, 'left');
  write(text.shape, DETAIL_SIZE, BOX_PADDING, 52, 'left');
  write(text.params, DETAIL_SIZE, width - BOX_PADDING, 52, 'right');
}

/** A plus on what can be unfolded, a minus on what can be folded. */
function drawSign(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  isPlus: boolean,
  colour: string,
): void {
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  if (isPlus) {
    context.moveTo(x, y - 4);
    context.lineTo(x, y + 4);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.stroke();
}
