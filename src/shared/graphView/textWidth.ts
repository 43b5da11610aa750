/**
 * Widths of letters in ems, between those of Arial, Segoe UI and Roboto. The layout is computed without a browser, so that the
 * command line and the page agree; a box has some space to spare for wider fonts.
 */
const CLASSES: readonly (readonly [RegExp, number])[] = [
  [/[iIjlftr.,:;|!'`()[\]/\\ ]/, 0.35],
  [/[mwMW@%]/, 0.9],
  [/[A-Z&_×]/, 0.68],
  [/[\u0020-\u024f×·…]/, 0.6],
];
const WIDE = 1;
const BOLD = 1.06;

const widths = new Map<string, number>();

function letterWidth(letter: string): number {
  const known = widths.get(letter);
  if (known !== undefined) return known;
  const width = CLASSES.find(([pattern]) => pattern.test(letter))?.[1] ?? WIDE;
  // Names come from files: the table keeps the letters of one alphabet, not all that occur.
  if (widths.size < 1000) widths.set(letter, width);
  return width;
}

/** The width of a text in pixels, estimated. */
export function textWidth(text: string, size: number, isBold = false): number {
  let ems = 0;
  for (const letter of text) ems += letterWidth(letter);
  return ems * size * (isBold ? BOLD : 1);
}

/** The text, or its beginning and end with an ellipsis between, so that it fits `room` pixels. */
export function fitText(text: string, room: number, size: number, isBold = false): string {
  // No box shows more; a hostile name may have millions of letters.
  const letters = [...text.slice(0, 400)];
  if (text.length <= 400 && textWidth(text, size, isBold) <= room) return text;
  const cut = (kept: number) => {
    const tail = Math.floor(kept / 3);
    return `${letters.slice(0, kept - tail).join('')}…${tail > 0 ? letters.slice(-tail).join('') : ''}`;
  };
  let low = 1;
  let high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(cut(middle), size, isBold) <= room) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}
