import * as l10n from '@vscode/l10n';
import { type ColourMapName, colourTable, NAN_COLOUR } from '../../shared/maps/colourMaps';
import type { GridMask } from '../../shared/maps/maskOutline';
import { numberText } from '../../shared/numberText';
import { outlineElements } from './maskOutline';
import { encodePng } from './png';
import { checkImage, type RgbImage } from './rgbImage';

export interface HeatMapDrawing {
  /** The main image, usually the overlay. One row is drawn as a strip. */
  readonly image: RgbImage;
  /** Any text; usually the sentence of the explanation. */
  readonly title: string;
  readonly colourMap: ColourMapName;
  /** The raw values at the ends of the colour bar: 0, or -top of a signed map, and top. */
  readonly from?: number;
  readonly top: number;
  /** Whether the map contains NaN; the legend then includes its colour. */
  readonly hasNan: boolean;
  /** Drawn instead of the image: words, letters or a table. */
  readonly body?: SvgBody;
  /** Outlined on the image. */
  readonly mask?: GridMask;
}

export interface SvgBody {
  readonly width: number;
  readonly height: number;
  /** The elements, from `MARGIN` to the right and from `top` down. */
  draw(top: number): string[];
}

export const MARGIN = 16;
const MIN_WIDTH = 320;
const STRIP_HEIGHT = 48;
const TITLE_SIZE = 14;
/** Sans-serif letters are about half as wide as high. */
const LETTER_WIDTH = 0.55;
const BAR_HEIGHT = 12;
/** Width of the NaN colour and its label, right of the bar. */
const NAN_WIDTH = 56;

/**
 * An SVG document: the title, the image as an embedded PNG (whole multiples of its pixels, so that they stay sharp), and a
 * colour bar with numbers. A body replaces the image. An image of one row becomes a strip with its first and last position below.
 *
 * @throws RangeError when the image's bytes do not fit its size.
 */
export function svgDrawing({
  image,
  title,
  colourMap,
  from = 0,
  top,
  hasNan,
  body,
  mask,
}: HeatMapDrawing): string {
  checkImage(image);
  const isStrip = image.height === 1 && body === undefined;
  const scale = Math.max(1, Math.ceil(MIN_WIDTH / image.width));
  const width = body?.width ?? image.width * scale;
  const height = body?.height ?? (isStrip ? STRIP_HEIGHT : image.height * scale);
  const lines = wrap(title, Math.floor(width / (TITLE_SIZE * LETTER_WIDTH)));
  const imageTop = MARGIN + lines.length * (TITLE_SIZE + 4) + 4;
  const axisTop = imageTop + height;
  const barTop = axisTop + (isStrip ? 36 : MARGIN);
  const total = { width: width + 2 * MARGIN, height: barTop + BAR_HEIGHT + 20 + MARGIN };
  const picture = () => {
    const png = Buffer.from(encodePng(image.rgb, image.width, image.height)).toString('base64');
    return (
      `<image x="${MARGIN}" y="${imageTop}" width="${width}" height="${height}" preserveAspectRatio="none" ` +
      `style="image-rendering:pixelated" href="data:image/png;base64,${png}"/>`
    );
  };
  const content = [
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${total.width}" height="${total.height}" fill="#ffffff"/>`,
    ...lines.map((line, i) =>
      svgText(MARGIN, MARGIN + TITLE_SIZE + i * (TITLE_SIZE + 4), line, 'start', TITLE_SIZE),
    ),
    ...(body ? body.draw(imageTop) : [picture()]),
    ...(mask && !body ? outlineElements(mask, { x: MARGIN, y: imageTop, width, height }) : []),
    ...(isStrip ? positions(image.width, width, axisTop + 16) : []),
    ...colourBar(colourMap, [from, top], hasNan ? width - NAN_WIDTH : width, barTop),
    ...(hasNan ? nanSwatch(MARGIN + width - NAN_WIDTH / 2, barTop) : []),
  ];
  const size = `width="${total.width}" height="${total.height}" viewBox="0 0 ${total.width} ${total.height}"`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" fill="#000000">`;
  return `${open}\n${content.join('\n')}\n</svg>\n`;
}

/** `&`, `<`, `>` and quotes as entities; control characters, which XML forbids, as the replacement character. */
export function escapeXml(value: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  const legal = [...value].map((letter) => (isLegalInXml(letter.codePointAt(0) ?? 0) ? letter : '\ufffd'));
  return legal.join('').replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}

function isLegalInXml(code: number): boolean {
  const isControl = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd;
  const isLoneSurrogate = code >= 0xd800 && code <= 0xdfff;
  return !isControl && !isLoneSurrogate && code !== 0xfffe && code !== 0xffff;
}

export function svgText(
  x: number,
  y: number,
  content: string,
  anchor: 'start' | 'middle' | 'end',
  size = 12,
  fill = '',
): string {
  const colour = fill === '' ? '' : ` fill="${fill}"`;
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}"${colour}>${escapeXml(content)}</text>`;
}

function positions(count: number, width: number, y: number): string[] {
  const first = svgText(MARGIN, y, l10n.t('position {0}', 0), 'start');
  return count === 1
    ? [first]
    : [first, svgText(MARGIN + width, y, l10n.t('position {0}', count - 1), 'end')];
}

/** A gradient of 17 of the table's colours, with the numbers at its ends and in its middle. */
function colourBar(
  colourMap: ColourMapName,
  [from, to]: readonly [number, number],
  width: number,
  top: number,
): string[] {
  const table = colourTable(colourMap);
  const stops = Array.from({ length: 17 }, (_, i) => {
    const row = Math.round((i / 16) * 255) * 3;
    const [r, g, b] = table.subarray(row, row + 3);
    return `<stop offset="${i / 16}" stop-color="rgb(${r},${g},${b})"/>`;
  });
  const y = top + BAR_HEIGHT + 14;
  return [
    `<defs><linearGradient id="colours">${stops.join('')}</linearGradient></defs>`,
    `<rect x="${MARGIN}" y="${top}" width="${width}" height="${BAR_HEIGHT}" fill="url(#colours)"/>`,
    svgText(MARGIN, y, numberText(from), 'start'),
    ...(to > from
      ? [
          svgText(MARGIN + width / 2, y, numberText((from + to) / 2), 'middle'),
          svgText(MARGIN + width, y, numberText(to), 'end'),
        ]
      : []),
  ];
}

const nanSwatch = (centre: number, top: number): string[] => [
  `<rect x="${centre - 12}" y="${top}" width="24" height="${BAR_HEIGHT}" fill="rgb(${NAN_COLOUR.join(',')})"/>`,
  svgText(centre, top + BAR_HEIGHT + 14, 'NaN', 'middle'),
];

/** Wraps text to lines of at most `length` characters; a longer word has its own line. */
function wrap(paragraph: string, length: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > length) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
