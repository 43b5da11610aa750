import * as l10n from '@vscode/l10n';
import { kerasShape } from '../shared/kerasShape';
import type { MaybeShape } from '../shared/model';
import { exponentText, nonFiniteText, numberText, shareText } from '../shared/numberText';

/** A value with four significant digits. */
export const formatNumber = (value: number): string => numberText(value);

/**
 * A probability that is not rounded to 0 or 1: near 1 as `1 - 8.3e-8`, near 0 in exponent form.
 * @param complement 1 - p, where it is known more precisely than from a float32 p
 */
export function formatProbability(p: number, complement = 1 - p): string {
  const word = nonFiniteText(p);
  if (word !== null) return word;
  if (complement > 0 && complement < 1e-4) return `1 - ${exponentText(complement, 2)}`;
  if (p > 0 && p < 1e-4) return exponentText(p, 2);
  return String(Number(p.toFixed(4)));
}

/** 0..1 as a percentage that rounds neither to 0 nor to 100 %. */
export const formatShare = (share: number): string => shareText(share);

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `14 x 14 x 512`; a single value is `scalar`. */
export function formatExtent(shape: readonly number[]): string {
  return shape.length === 0 ? l10n.t('scalar') : shape.join(' x ');
}

/** As Keras prints it: `(None, 14, 14, 512)`; `unknown` for an unknown rank. */
export function formatShape(shape: MaybeShape): string {
  return kerasShape(shape, l10n.t('unknown'));
}

/** `840 ms`, `2.4 s`. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
