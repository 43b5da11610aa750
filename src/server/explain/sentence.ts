import type { Target, TargetPositions } from '../../shared/explanation';
import { farSigmoidText, nonFiniteText } from '../../shared/numberText';

const MAX_DECIMALS = 6;

interface Explained {
  /** Label of the method. */
  readonly method: string;
  readonly target: Target;
  /** Of the target, where the output is a single sigmoid. */
  readonly sigmoidLogit: number | null;
  readonly layer: string;
  /** Of the map. */
  readonly shape: readonly number[];
  /** Of the output: a single one that is not a sigmoid, as in a regression, is not a class. */
  readonly units: number;
  /** A single sigmoid: its negative is class 0, not evidence against class 1. */
  readonly binary: boolean;
}

/** "Grad-CAM of class 0 (cat), 1 - p = 0.99, at block5_conv3, 14 x 14". */
export function explanationSentence({
  method,
  target,
  sigmoidLogit,
  layer,
  shape,
  units,
  binary,
}: Explained): string {
  const against = target.negative && !binary ? 'evidence against ' : '';
  const number =
    target.probability === null ? `score ${digits(target.value)}` : probability(target, sigmoidLogit);
  const size = shape.length === 1 ? `${shape[0]} positions` : shape.join(' x ');
  return `${method} of ${against}${whatOf(target, units)}, ${number}, at ${layer}, ${size}`;
}

function whatOf(target: Target, units: number): string {
  const { unit, positions, isVersusLookAlikes } = target;
  const own =
    unit !== null ? `unit ${target.index} of ${unit}` : units === 1 ? 'the output' : classText(target);
  const others = target.versus.map(classText).join(', ');
  const versus =
    others === '' ? '' : ` rather than ${isVersusLookAlikes ? `its look-alikes ${others}` : others}`;
  return `${own}${versus}${positions === null ? '' : `, ${positionsText(positions)}`}`;
}

const classText = ({ index, label }: Pick<Target, 'index' | 'label'>): string =>
  label === null ? `class ${index}` : `class ${index} (${label})`;

function positionsText({ count, total, what }: TargetPositions): string {
  if (what === 'all') return `mean of ${total} positions`;
  if (what.startsWith('step')) return `${what} of ${total}`;
  return what === 'predicted'
    ? `where it is predicted (${count} of ${total} positions)`
    : `in ${what} (${count} of ${total} positions)`;
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
