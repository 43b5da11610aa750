import * as l10n from '@vscode/l10n';

/** Names of the parts of an image, row by row, and of a sequence. */
const PLACES_OF_IMAGE = [
  l10n.t('upper left corner'),
  l10n.t('upper edge'),
  l10n.t('upper right corner'),
  l10n.t('left edge'),
  l10n.t('middle'),
  l10n.t('right edge'),
  l10n.t('lower left corner'),
  l10n.t('lower edge'),
  l10n.t('lower right corner'),
];
const PLACES_OF_SEQUENCE = [l10n.t('beginning'), l10n.t('middle'), l10n.t('end')];

/** Parts along one axis. */
const PARTS = 3;

/** The part that holds most of the evidence; null without any. */
export function strongestPart(evidence: readonly number[] | null): number | null {
  if (evidence === null) return null;
  let best = 0;
  for (const [i, share] of evidence.entries()) if (share > (evidence[best] ?? 0)) best = i;
  return (evidence[best] ?? 0) > 0 ? best : null;
}

/** @param parts how many there are: 9 of an image, 3 of a sequence */
export const placeName = (part: number, parts: number): string =>
  (parts === PARTS ? PLACES_OF_SEQUENCE : PLACES_OF_IMAGE)[part] ?? '';

/**
 * How the evidence of a map is spread over three parts of a sequence or 3 x 3 of an image, as shares of its sum to four decimals.
 *
 * @param values 0..1, of shape [length] or [height, width]; of a signed map 0.5 is zero, and what speaks for the target lies above
 * @returns null for another shape, and without any evidence
 */
export function evidenceShares(
  values: Float32Array,
  shape: readonly number[],
  isSigned: boolean,
): number[] | null {
  const [first = 0, second, ...more] = shape;
  if (more.length > 0 || values.length !== first * (second ?? 1)) return null;
  const [height, width] = second === undefined ? [1, first] : [first, second];
  const rows = height === 1 ? 1 : PARTS;
  const sums = new Float64Array(rows * PARTS);
  for (let y = 0, i = 0; y < height; y++) {
    const row = partOf(y, height, rows) * PARTS;
    for (let x = 0; x < width; x++, i++) {
      const value = values[i] ?? Number.NaN;
      const weight = isSigned ? value - 0.5 : value;
      if (!(weight > 0)) continue;
      const part = row + partOf(x, width, PARTS);
      sums[part] = (sums[part] ?? 0) + weight;
    }
  }
  const total = sums.reduce((sum, part) => sum + part, 0);
  if (total === 0) return null;
  return Array.from(sums, (part) => Math.round((part / total) * 1e4) / 1e4);
}

/** By the centre of the position. */
const partOf = (at: number, size: number, parts: number): number => Math.floor(((at + 0.5) * parts) / size);
