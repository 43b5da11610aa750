import { kerasShape } from '../shared/kerasShape';
import type { MaybeShape } from '../shared/model';

/** A value with four significant digits, exponent form where plain digits would hide it. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return value.toString();
  if (size < 1e-3 || size >= 1e6) return shortExponent(value, 3);
  return String(Number(value.toPrecision(4)));
}

/**
 * A probability that does not round away: near 1 as `1 - 8.3e-8`, near 0 with its exponent.
 * @param complement 1 - p, where it is known better than float32 p can tell
 */
export function formatProbability(p: number, complement = 1 - p): string {
  if (complement > 0 && complement < 1e-4) return `1 - ${shortExponent(complement, 2)}`;
  if (p > 0 && p < 1e-4) return shortExponent(p, 2);
  return String(Number(p.toFixed(4)));
}

/** 0..1 as per cent, without pretending that a few are none or that nearly all are all. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  return `${Number(percent.toFixed(1))} %`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `14 x 14 x 512`; a single value is `scalar`. */
export function formatExtent(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' x ');
}

/** As Keras prints it: `(None, 14, 14, 512)`; `unknown` where not even the rank is known. */
export function formatShape(shape: MaybeShape): string {
  return kerasShape(shape, 'unknown');
}

/** `840 ms`, `2.4 s`. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}

function shortExponent(value: number, digits: number): string {
  return value
    .toExponential(digits - 1)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}
