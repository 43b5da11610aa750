import type { Target } from '../../shared/explanation';
import { farSigmoidText, nonFiniteText } from '../../shared/numberText';

const MAX_DECIMALS = 6;

/**
 * "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14".
 * @param method its label
 * @param sigmoidLogit of the target, where the output is a single sigmoid
 * @param units of the output: a single one that is not a sigmoid, as in a regression, is not a class
 */
export function explanationSentence(
  method: string,
  target: Target,
  sigmoidLogit: number | null,
  layer: string,
  shape: readonly number[],
  units: number,
): string {
  const label = target.label === null ? '' : ` (${target.label})`;
  const against = target.negative && sigmoidLogit === null ? 'evidence against ' : '';
  const number =
    target.probability === null ? `score ${digits(target.value)}` : probability(target, sigmoidLogit);
  const size = shape.length === 1 ? `${shape[0]} positions` : shape.join(' x ');
  const what = units === 1 ? 'the output' : `class ${target.index}`;
  return `${method} of ${against}${what}${label}, ${number}, at ${layer}, ${size}`;
}

function probability(target: Target, sigmoidLogit: number | null): string {
  const name = sigmoidLogit !== null && target.negative ? '1 - p' : 'p';
  return `${name} = ${nearOne(target.probability ?? Number.NaN, sigmoidLogit)}`;
}

/**
 * As many decimals as needed to differ from 1 (0.996), or the difference if that is too many (1 - 9.4e-8).
 * @param sigmoidLogit of which p is the sigmoid, where it is one: it tells what p itself rounds away
 */
export function nearOne(p: number, sigmoidLogit: number | null = null): string {
  const word = nonFiniteText(p) ?? (sigmoidLogit === null ? null : farSigmoidText(sigmoidLogit));
  if (word !== null) return word;
  const decimals = Math.ceil(-Math.log10(1 - p));
  if (p <= 0.99 || p >= 1) return digits(p);
  return decimals > MAX_DECIMALS ? `1 - ${(1 - p).toExponential(1)}` : p.toFixed(decimals);
}

function digits(value: number): string {
  const word = nonFiniteText(value);
  if (word !== null) return word;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(size < 1 ? 2 : 4)));
}
