/** `NaN`, `+∞` or `-∞`; `null` for a number. */
export function nonFiniteText(value: number): string | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+∞' : '-∞';
}

/**
 * A value with a few significant digits, in exponent form where plain digits would hide it. Values between -1 and 1 are
 * never rounded to -1 or 1: a saturated sigmoid or tanh is written with its difference, `1 - 8.3e-8`.
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

/** Beyond this, a double cannot represent both sigmoid(logit) and 1 - sigmoid(logit) with two digits. */
const FAR_LOGIT = 25;

/**
 * sigmoid(logit) with two digits where it is too near 0 or 1 for a double, computed from the logit: `6.8e-317`,
 * `1 - 6.8e-317`. `null` where a double is enough.
 */
export function farSigmoidText(logit: number): string | null {
  const distance = Math.abs(logit);
  if (!(distance > FAR_LOGIT) || distance === Number.POSITIVE_INFINITY) return null;
  // 1 / (1 + e^distance) is e^-distance but for its 13th digit.
  const tail = powerText(-distance);
  return logit < 0 ? tail : `1 - ${tail}`;
}

/** e^`log` with two digits, also where it is smaller than any double. */
function powerText(log: number): string {
  const magnitude = log / Math.LN10;
  const exponent = Math.floor(magnitude);
  return exponentText(10 ** (magnitude - exponent), 2).replace(
    /e(.*)$/,
    (_, more) => `e${exponent + Number(more)}`,
  );
}

/** A probability nearer to 0 or 1 than this is written in exponent form, or with its difference from 1. */
const LOG_OF_NEAR = Math.log(1e-4);

/** A probability from the logarithms of itself and of its complement, however near it is to 0 or 1. */
export function exactProbabilityText(log: number, logOfComplement: number): string {
  if (log === Number.NEGATIVE_INFINITY) return '0';
  if (logOfComplement === Number.NEGATIVE_INFINITY) return '1';
  if (log < LOG_OF_NEAR) return powerText(log);
  if (logOfComplement < LOG_OF_NEAR) return `1 - ${powerText(logOfComplement)}`;
  return numberText(Math.exp(log), 6);
}

/** `8.3e-8`: exponent form without trailing zeros and without a plus sign. */
export function exponentText(value: number, digits: number): string {
  return value
    .toExponential(digits - 1)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}

/** A float32 with as few digits as give the same float32 again. */
export function floatDigits(value: number): string {
  for (const digits of [6, 7, 8]) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

/** A value with the seven digits that a float32 has for certain. */
export const floatText = (value: number): string =>
  nonFiniteText(value) ?? String(Number(value.toPrecision(7)));

/** 0..1 as a percentage that rounds neither to 0 nor to 100 %. */
export function shareText(share: number): string {
  if (Number.isNaN(share)) return 'NaN';
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent > 99.9) return '> 99.9 %';
  return `${Number(percent.toFixed(1))} %`;
}
