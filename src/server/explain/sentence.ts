import * as l10n from '@vscode/l10n';
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
  const number =
    target.probability === null
      ? l10n.t('score {0}', digits(target.value))
      : probability(target, sigmoidLogit);
  const [length = 0] = shape;
  const along = length === 1 ? l10n.t('1 position') : l10n.t('{0} positions', length);
  const size = shape.length === 1 ? along : shape.join(' x ');
  const parts = [method, whatOf(target, units), number, layer, size];
  return target.negative && !binary
    ? l10n.t('{0} of evidence against {1}, {2}, at {3}, {4}', ...parts)
    : l10n.t('{0} of {1}, {2}, at {3}, {4}', ...parts);
}

/**
 * "class 3 (cat)", "evidence against class 3 (cat) of output 1".
 * @param output its number, where the model has several
 */
export function targetText(
  target: Target,
  { units, binary }: Pick<Explained, 'units' | 'binary'>,
  output: number | null,
): string {
  const what = whatOf(target, units);
  const own = target.negative && !binary ? l10n.t('evidence against {0}', what) : what;
  return output === null || target.unit !== null ? own : l10n.t('{0} of output {1}', own, output);
}

function whatOf(target: Target, units: number): string {
  const { unit, positions, isVersusLookAlikes } = target;
  const own =
    unit !== null
      ? l10n.t('unit {0} of {1}', target.index, unit)
      : units === 1
        ? l10n.t('the output')
        : classText(target);
  const others = target.versus.map(classText).join(', ');
  const compared =
    others === ''
      ? own
      : isVersusLookAlikes
        ? l10n.t('{0} rather than its look-alikes {1}', own, others)
        : l10n.t('{0} rather than {1}', own, others);
  return positions === null ? compared : `${compared}, ${positionsText(positions)}`;
}

const classText = ({ index, label }: Pick<Target, 'index' | 'label'>): string =>
  label === null ? l10n.t('class {0}', index) : l10n.t('class {0} ({1})', index, label);

const STEP = 'step ';

function positionsText({ count, total, what }: TargetPositions): string {
  if (what === 'all') return l10n.t('mean of {0} positions', total);
  if (what.startsWith(STEP)) return l10n.t('step {0} of {1}', what.slice(STEP.length), total);
  if (what === 'predicted') return l10n.t('where it is predicted ({0} of {1} positions)', count, total);
  const [from = '', to = ''] = what.split(' to ');
  return l10n.t('in {0} to {1} ({2} of {3} positions)', from, to, count, total);
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
