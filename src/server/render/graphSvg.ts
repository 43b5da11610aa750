import * as l10n from '@vscode/l10n';
import { BOX_PADDING, DETAIL_SIZE, LABEL_SIZE, NAME_SIZE, TOGGLE } from '../../shared/graphView/boxes';
import { FAMILY_LABELS, type Family, familyOf } from '../../shared/graphView/families';
import { LABEL_HEIGHT } from '../../shared/graphView/geometry';
import type { GraphLayout, PlacedBox, PlacedEdge, PlacedFrame } from '../../shared/graphView/layout';
import { routePath } from '../../shared/graphView/route';
import { textWidth } from '../../shared/graphView/textWidth';
import { compactShape, type ViewGraph, type ViewNode } from '../../shared/graphView/viewGraph';
import { escapeHidden } from '../../shared/text';
import { escapeXml } from './svg';

/** Fill, border and accent of a family: light boxes with dark text, which can be read on white and on dark backgrounds. */
const COLOURS: Readonly<Record<Family, readonly [fill: string, accent: string]>> = {
  input: ['#e9edf3', '#64748b'],
  convolution: ['#e3edff', '#3b74e0'],
  dense: ['#e2f5ee', '#17936b'],
  recurrent: ['#f2e6fd', '#9048d8'],
  attention: ['#fde6f1', '#cf3f86'],
  normalization: ['#fff3d6', '#c98a06'],
  activation: ['#fdeae2', '#d9622b'],
  pooling: ['#def4fa', '#1289ab'],
  merging: ['#eceafd', '#6a5be0'],
  reshaping: ['#f0eee9', '#8a7c63'],
  regularization: ['#eff3dd', '#7b8c1f'],
  preprocessing: ['#e3f3f1', '#2b8a82'],
  group: ['#f4f6fa', '#7d8aa0'],
  unknown: ['#fdecec', '#cf3b3b'],
  other: ['#eef0f3', '#8792a2'],
};
const TEXT = '#1c2430';
const QUIET = '#4c586a';
const LINE = '#8b97a8';
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const MARGIN = 24;
const LEGEND_HEIGHT = 20;

/** An SVG document of a laid out graph. Every text from the model is escaped. */
export function graphSvg(graph: ViewGraph, { width, height, boxes, frames, edges }: GraphLayout): string {
  const families = [...new Set(boxes.map(({ node }) => familyAt(graph, node)))];
  const legend = legendRows(families, Math.max(width, 300));
  const top = MARGIN + legend.height;
  const size = {
    width: Math.ceil(Math.max(width, legend.width) + 2 * MARGIN),
    height: Math.ceil(height + top + MARGIN),
  };
  const labels = edges.flatMap(({ label }) => (label === null ? [] : [edgeLabel(label)]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="${FONT}">`,
    `<title>${escapeXml(graph.name)}</title>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.6L8 4L0 7.4z" fill="${LINE}"/></marker></defs>`,
    ...legend.elements,
    `<g transform="translate(${Math.round((size.width - width) / 2)} ${top})">`,
    ...frames.map((frame) => frameBorder(frame)),
    `<g fill="none" stroke="${LINE}" stroke-width="1.4" stroke-linecap="round">`,
    ...edges.map(edgePath),
    '</g>',
    ...frames.map((frame) => frameHeading(frame)),
    ...boxes.map((box) => boxElement(graph, box)),
    ...labels,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function familyAt({ nodes }: ViewGraph, node: number): Family {
  const shown = nodes[node];
  return shown === undefined ? 'other' : familyOf(shown);
}

function legendRows(
  families: readonly Family[],
  room: number,
): { readonly elements: readonly string[]; readonly width: number; readonly height: number } {
  const shown = (Object.keys(FAMILY_LABELS) as Family[]).filter((family) => families.includes(family));
  let [x, y, width] = [MARGIN, MARGIN, 0];
  const elements = shown.map((family) => {
    const label = FAMILY_LABELS[family];
    const step = 36 + textWidth(label, LABEL_SIZE);
    if (x > MARGIN && x + step - MARGIN > room) [x, y] = [MARGIN, y + LEGEND_HEIGHT];
    const [fill, accent] = COLOURS[family];
    const pill =
      `<g><rect x="${num(x)}" y="${y - 8}" width="${num(step - 8)}" height="16" rx="8" fill="${fill}" stroke="${accent}" stroke-opacity="0.55"/>` +
      `<circle cx="${num(x + 10)}" cy="${y}" r="3.5" fill="${accent}"/>${text(x + 18, y + 3.6, label, LABEL_SIZE, QUIET)}</g>`;
    x += step;
    width = Math.max(width, x - MARGIN);
    return pill;
  });
  return { elements, width, height: y - MARGIN + LEGEND_HEIGHT + 10 };
}

function frameBorder({ x, y, width, height }: PlacedFrame): string {
  return `<rect x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}" rx="12" fill="#8091ad" fill-opacity="0.09" stroke="#8091ad" stroke-opacity="0.6"/>`;
}

/** On a background of its own: lines cross the upper border of a frame. */
function frameHeading({ x, y, title: { name, detail } }: PlacedFrame): string {
  const width = 20 + textWidth(name, 12, true) + (detail === '' ? 0 : 8 + textWidth(detail, LABEL_SIZE));
  return (
    `<g transform="translate(${num(x + 8)} ${num(y + 7)})"><rect width="${num(width)}" height="20" rx="10" fill="#f4f6fa" stroke="#8091ad" stroke-opacity="0.5"/>` +
    `<text x="10" y="14.2" font-size="12" fill="${TEXT}"><tspan font-weight="600">${escapeXml(name)}</tspan>` +
    `${detail === '' ? '' : `<tspan dx="8" font-size="${LABEL_SIZE}" fill="${QUIET}">${escapeXml(detail)}</tspan>`}</text></g>`
  );
}

function edgePath({ points, hasArrow }: PlacedEdge): string {
  return `<path d="${routePath(points)}"${hasArrow ? ' marker-end="url(#arrow)"' : ''}/>`;
}

function edgeLabel({ x, y, width, text: shape }: NonNullable<PlacedEdge['label']>): string {
  return (
    `<g transform="translate(${num(x)} ${num(y)})"><rect x="${num(-width / 2)}" y="${-LABEL_HEIGHT / 2}" width="${num(width)}" height="${LABEL_HEIGHT}" rx="${LABEL_HEIGHT / 2}" fill="#ffffff" stroke="#c3cbd8"/>` +
    `${text(0, 3.6, shape, LABEL_SIZE, QUIET, 'middle')}</g>`
  );
}

function boxElement(graph: ViewGraph, { node, x, y, width, height, text: lines }: PlacedBox): string {
  const shown = graph.nodes[node];
  if (shown === undefined) return '';
  const [fill, accent] = COLOURS[familyOf(shown)];
  const isPill = shown.kind === 'input' || shown.kind === 'output';
  const radius = isPill ? height / 2 : 8;
  const border = `rx="${radius}" stroke="${accent}" stroke-opacity="0.75" stroke-width="1.2"`;
  const isGroup = shown.kind === 'group';
  return [
    `<g transform="translate(${num(x)} ${num(y)})"><title>${escapeXml(tooltip(shown))}</title>`,
    // A second sheet shows that there is more behind a folded group.
    isGroup ? `<rect x="5" y="5" width="${width}" height="${height}" fill="${fill}" ${border}/>` : '',
    `<rect width="${width}" height="${height}" fill="${fill}" ${border}/>`,
    isPill
      ? ''
      : `<path d="M4.6 ${radius + 2}V${height - radius - 2}" stroke="${accent}" stroke-width="3.2" stroke-linecap="round"/>`,
    isGroup ? plus(width - BOX_PADDING - TOGGLE / 2 + 3, 18, accent) : '',
    isPill
      ? text(width / 2, 18, lines.name, NAME_SIZE, TEXT, 'middle', 600) +
        text(width / 2, 33, lines.detail, DETAIL_SIZE, QUIET, 'middle')
      : text(BOX_PADDING, 20, lines.name, NAME_SIZE, TEXT, 'start', 600) +
        text(BOX_PADDING, 36, lines.detail, DETAIL_SIZE, QUIET) +
        text(BOX_PADDING, 52, lines.shape, DETAIL_SIZE, QUIET) +
        text(width - BOX_PADDING, 52, lines.params, DETAIL_SIZE, QUIET, 'end'),
    '</g>',
  ].join('');
}

const plus = (x: number, y: number, colour: string): string =>
  `<path d="M${x - 4} ${y - 3}h8M${x} ${y - 7}v8" stroke="${colour}" stroke-width="1.6" stroke-linecap="round"/>`;

/** What the browser shows when the pointer rests on a box: nothing is cut. */
function tooltip({ path, className, outputShapes, params }: ViewNode): string {
  const shapes = outputShapes.slice(0, 4).map(compactShape).join(', ');
  return [path, className, shapes, params === 0 ? '' : parameterText(params)]
    .filter((part) => part !== '')
    .map((part) => escapeHidden(part.slice(0, 1000)))
    .join('\n');
}

const parameterText = (count: number): string =>
  count === 1 ? l10n.t('1 parameter') : l10n.t('{0} parameters', count.toLocaleString('en-US'));

function text(
  x: number,
  y: number,
  content: string,
  size: number,
  fill: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
  weight = 400,
): string {
  if (content === '') return '';
  const bold = weight === 400 ? '' : ` font-weight="${weight}"`;
  const place = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${num(x)}" y="${num(y)}" font-size="${size}" fill="${fill}"${bold}${place}>${escapeXml(content)}</text>`;
}

const num = (value: number): number => Math.round(value * 10) / 10;
