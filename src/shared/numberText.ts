/** `NaN`, `+∞` or `-∞`; `null` for a number. */
export function nonFiniteText(value: number): string | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+∞' : '-∞';
}

/**
 * A value with a few significant digits, in exponent form where plain digits would hide it. What lies between -1 and 1 is
 * not rounded to one of them, since a probability or a tanh near its end is read from what is missing: `1 - 8.3e-8`.
 */
export function numberText(value: number, digits = 4): string {
  const word = nonFiniteText(value);
  if (word !== null) return word;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return value.toString();
  if (size < 1e-3 || size >= 1e6) return exponentText(value, digits - 1);
  const rounded = Number(value.toPrecision(digits));
  if (size < 1 && Math.abs(rounded) === 1) {
    const missing = exponentText(1 - size, 2);
    return value > 0 ? `1 - ${missing}` : `-1 + ${missing}`;
  }
  return String(rounded);
}

/** `8.3e-8`: without the zeros and signs that say nothing. */
export function exponentText(value: number, digits: number): string {
  return value
    .toExponential(digits - 1)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}
