import { type ColourMapName, colourTable, NAN_COLOUR } from '../../shared/maps/colourMaps';
import { numberText } from '../../shared/numberText';
import { MARGIN, type SvgBody, svgText } from './svg';

export interface NamedValues {
  readonly names: readonly string[];
  /** 0..1, one per name */
  readonly heat: ArrayLike<number>;
  readonly colourMap: ColourMapName;
  /** 0..1: how much of the colour covers the white paper. */
  readonly opacity: number;
}

const WIDTH = 720;
const LINE_HEIGHT = 24;
const FONT_SIZE = 12;
/** Sans-serif letters are about half as wide as high, some as wide as high. */
const LETTER_WIDTH = 8;
const LETTER_CELL = 14;
/** Room for the position at the beginning of a line of letters. */
const NUMBER_WIDTH = 48;
const ROW_HEIGHT = 20;

/** Words in lines, each with its heat behind it; padding is a dot. */
export function wordsBody(text: NamedValues): SvgBody {
  let [x, y] = [0, 0];
  const places = text.names.map((name) => {
    const word = name === '' ? '·' : name;
    const width = Math.min(WIDTH, [...word].length * LETTER_WIDTH + 10);
    if (x > 0 && x + width > WIDTH) [x, y] = [0, y + LINE_HEIGHT];
    const place = { word, x, y, width };
    x += width + 4;
    return place;
  });
  return {
    width: WIDTH,
    height: y + LINE_HEIGHT,
    draw: (top) =>
      places.flatMap(({ word, ...place }, i) =>
        piece(text, i, word, { ...place, x: MARGIN + place.x, y: top + place.y, height: LINE_HEIGHT - 4 }),
      ),
  };
}

/** Letters in lines of 40, each line with the position of its first letter. */
export function lettersBody(text: NamedValues): SvgBody {
  const perLine = 40;
  return {
    width: WIDTH,
    height: Math.ceil(text.names.length / perLine) * LINE_HEIGHT,
    draw: (top) =>
      text.names.flatMap((letter, i) => {
        const [column, y] = [i % perLine, top + Math.floor(i / perLine) * LINE_HEIGHT];
        const x = MARGIN + NUMBER_WIDTH + column * LETTER_CELL;
        const box = { x, y, width: LETTER_CELL, height: LINE_HEIGHT - 4 };
        const number = column === 0 ? [svgText(MARGIN, y + 14, String(i), 'start')] : [];
        return [...number, ...piece(text, i, letter === '' ? '·' : letter, box)];
      }),
  };
}

/** A row per column of a table: its name, a bar from zero, and the value of the map. */
export function tableBody(table: NamedValues, values: ArrayLike<number>): SvgBody {
  const all = Array.from(values);
  const finite = all.filter((value) => Number.isFinite(value));
  const bottom = finite.reduce((a, b) => Math.min(a, b), 0);
  const top = finite.reduce((a, b) => Math.max(a, b), 0);
  const [barLeft, barWidth] = [240, WIDTH - 240 - 80];
  const at = (value: number) =>
    barLeft +
    (top > bottom ? ((Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom)) * barWidth : 0);
  const full = { ...table, opacity: 1 };
  return {
    width: WIDTH,
    height: all.length * ROW_HEIGHT,
    draw: (y0) =>
      all.flatMap((value, i) => {
        const y = y0 + i * ROW_HEIGHT;
        const isNan = Number.isNaN(value);
        const from = isNan ? barLeft : Math.min(at(0), at(value));
        const width = isNan ? barWidth : Math.abs(at(value) - at(0));
        return [
          svgText(MARGIN, y + 14, shortened(table.names[i] ?? '', 28), 'start'),
          `<rect x="${MARGIN + from}" y="${y + 3}" width="${width}" height="${ROW_HEIGHT - 6}" fill="${colourAt(full, i).fill}" stroke="#808080" stroke-width="0.5"/>`,
          svgText(MARGIN + WIDTH, y + 14, numberText(value), 'end'),
        ];
      }),
  };
}

const shortened = (name: string, length: number): string =>
  [...name].length <= length ? name : `${[...name].slice(0, length - 1).join('')}…`;

function piece(
  text: NamedValues,
  index: number,
  word: string,
  { x, y, width, height }: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>,
): string[] {
  const { fill, ink } = colourAt(text, index);
  const shown = shortened(word, Math.floor(WIDTH / LETTER_WIDTH) - 2);
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`,
    svgText(x + width / 2, y + 14, shown, 'middle', FONT_SIZE, ink),
  ];
}

/** The colour over white, and black or white for text on it, by the lightness of sRGB. */
function colourAt({ heat, colourMap, opacity }: NamedValues, index: number) {
  const value = heat[index] ?? 0;
  const row = Math.round(Math.min(1, Math.max(0, value)) * 255) * 3;
  const above = Number.isNaN(value) ? NAN_COLOUR : colourTable(colourMap).subarray(row, row + 3);
  const mixed = Array.from(above, (byte) => Math.round(255 * (1 - opacity) + byte * opacity));
  const [r = 0, g = 0, b = 0] = mixed;
  return {
    fill: `rgb(${mixed.join(',')})`,
    ink: 0.299 * r + 0.587 * g + 0.114 * b > 120 ? '#000000' : '#ffffff',
  };
}
