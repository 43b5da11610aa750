import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Target, TargetChoice, TargetPositions } from '../../shared/explanation';
import { topIndices } from './ranking';
import {
  classAt,
  classCount,
  predictedClass,
  predictionAt,
  type Scores,
  sigmoid,
  type UnitLayout,
  unitIndex,
} from './score';

/** How many of the next classes look like the target (Finer-CAM, Zhang et al. 2025). */
const LOOK_ALIKES = 3;

/** The number that is explained, as a function of the units of one example of an output. */
export interface ScoreFunction {
  /** Whether the units are read before or after the activation. */
  readonly stage: 'pre' | 'post';
  /** @param units in the order of `Scores.logits` */
  value(units: Float32Array): number;
  /** dValue/dUnits, of the length of `units`. */
  gradient(units: Float32Array): Float32Array;
}

export interface ChosenTarget {
  readonly target: Target;
  readonly score: ScoreFunction;
  readonly mask: PositionMask | null;
}

/** The positions over which a score is averaged. */
export interface PositionMask {
  /** Of the output without its classes, e.g. [height, width]. */
  readonly shape: readonly number[];
  /** 1 at the positions that are averaged, else 0. */
  readonly values: Uint8Array;
}

/**
 * The score to be explained: the predicted class unless one is chosen, and its value before the activation unless the
 * probability is requested. For a single sigmoid, both "negative" and index 0 mean class 0.
 * @param picture height and width of the input, in whose pixels a region is given; null to give it in positions of the output.
 * @throws Failure `no-such-target`, `not-applicable`.
 */
export function chooseTarget(
  scores: Scores,
  choice: TargetChoice,
  labels: readonly string[],
  picture: readonly number[] | null = null,
): ChosenTarget {
  if (scores.logits.length === 0) {
    return fail('no-such-target', l10n.t('The output has no units: there is no score to explain.'), {
      subject: scores.source.output.node,
      remedy: l10n.t('Choose another output, or an input for which it is not empty.'),
    });
  }
  const asked = checkedClass(scores, choice.index === 'auto' ? predictedClass(scores) : choice.index);
  const index = scores.binary && choice.negative === true ? 0 : asked;
  const negative = scores.binary ? index === 0 : choice.negative === true;
  const kind = choice.score ?? 'logit';
  const versus = versusOf(scores, choice, index);
  const { list, positions } = positionsOf(scores, choice, index, picture);
  const score = scoreFunction(scores, { kind, index, negative, versus, list });
  const units = score.stage === 'pre' ? scores.logits : scores.values;
  const { label, probability } = predictionAt(scores, index, labels);
  const target: Target = {
    index,
    label,
    negative,
    score: kind,
    value: score.value(units),
    probability,
    unit: choice.unit ?? null,
    versus: versus.map((other) => ({ index: other, label: labels[other] ?? null })),
    isVersusLookAlikes: choice.versus === 'look-alikes',
    positions,
  };
  return { target, score, mask: positions === null ? null : maskOf(scores.layout, list) };
}

function maskOf({ grid, positions }: UnitLayout, list: Int32Array): PositionMask {
  const values = new Uint8Array(positions);
  for (const position of list) values[position] = 1;
  return { shape: grid, values };
}

function checkedClass(scores: Scores, index: number): number {
  const count = classCount(scores);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  if (scores.binary)
    return fail(
      'no-such-target',
      l10n.t('A single sigmoid has the classes 0 and 1; there is no class {0}.', index),
      { remedy: l10n.t('Choose a number from 0 to {0}.', 1) },
    );
  return fail('no-such-target', l10n.t('The output has {0} units; there is no unit {1}.', count, index), {
    remedy: l10n.t('Choose a number from 0 to {0}.', count - 1),
  });
}

/** The classes that the target is compared with. */
function versusOf(scores: Scores, { versus }: TargetChoice, index: number): readonly number[] {
  if (versus === undefined) return [];
  if (classCount(scores) < 2)
    return fail(
      'not-applicable',
      l10n.t('The output has one unit: there is no other class to compare with.'),
    );
  if (versus !== 'look-alikes') {
    if (checkedClass(scores, versus) !== index) return [versus];
    return fail('no-such-target', l10n.t('Class {0} cannot be compared with itself.', index), {
      remedy: l10n.t('Choose another class.'),
    });
  }
  const logits = Array.from({ length: classCount(scores) }, (_, i) => predictionAt(scores, i, []).logit);
  return topIndices(logits, LOOK_ALIKES + 1)
    .filter((other) => other !== index)
    .slice(0, LOOK_ALIKES);
}

/** The positions over which the score is averaged, and what to call them. */
function positionsOf(
  scores: Scores,
  { step, region, unit }: TargetChoice,
  index: number,
  picture: readonly number[] | null,
): { readonly list: Int32Array; readonly positions: TargetPositions | null } {
  const { layout } = scores;
  const { positions: total, grid } = layout;
  if (step !== undefined && region !== undefined)
    return fail('bad-input', l10n.t('Give a step or a region, not both.'), {
      remedy: l10n.t('Leave one of them out.'),
    });
  if (step !== undefined) {
    if (layout.grid.length !== 1)
      return fail('not-applicable', l10n.t('The output has no axis of time, so it has no steps.'), {
        remedy: l10n.t('Leave the step out.'),
      });
    if (step >= total)
      return fail('no-such-target', l10n.t('The output has {0} steps; there is no step {1}.', total, step), {
        remedy: l10n.t('Choose a number from 0 to {0}.', total - 1),
      });
    return { list: Int32Array.of(step), positions: { count: 1, total, grid, what: `step ${step}` } };
  }
  if (region !== undefined) return regionOf(scores, region, picture);
  if (total === 1) return { list: Int32Array.of(0), positions: null };
  // An output may have millions of positions.
  const all = new Int32Array(total).map((_, position) => position);
  const predicted =
    unit === undefined ? all.filter((position) => classAt(scores, position) === index) : new Int32Array(0);
  return predicted.length > 0 && classCount(scores) > 1
    ? { list: predicted, positions: { count: predicted.length, total, grid, what: 'predicted' } }
    : { list: all, positions: { count: total, total, grid, what: 'all' } };
}

/** The positions whose centres are in a rectangle. */
function regionOf(
  { layout }: Scores,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  picture: readonly number[] | null,
) {
  const [height = 1, width = 1] = layout.grid;
  if (layout.grid.length !== 2)
    return fail('not-applicable', l10n.t('The output has no height and width, so it has no regions.'), {
      remedy: l10n.t('Leave the region out.'),
    });
  const [tall = height, wide = width] = picture?.length === 2 ? picture : [];
  const inside = (from: number, to: number, cells: number, pixels: number) => (cell: number) => {
    const centre = ((cell + 0.5) * pixels) / cells;
    return centre >= from && centre < to;
  };
  const rows = Array.from({ length: height }, (_, y) => y).filter(inside(y0, y1, height, tall));
  const columns = Array.from({ length: width }, (_, x) => x).filter(inside(x0, x1, width, wide));
  const list = rows.flatMap((y) => columns.map((x) => y * width + x));
  if (list.length === 0)
    return fail(
      'no-such-target',
      l10n.t('The region {0}, {1} to {2}, {3} contains no pixel of the output.', x0, y0, x1, y1),
      {
        remedy: l10n.t('Choose one inside {0} x {1}.', wide, tall),
      },
    );
  const positions = {
    count: list.length,
    total: layout.positions,
    grid: layout.grid,
    what: `${x0}, ${y0} to ${x1}, ${y1}`,
  };
  return { list: Int32Array.from(list), positions };
}

interface ScoreChoice {
  readonly kind: Target['score'];
  readonly index: number;
  readonly negative: boolean;
  readonly versus: readonly number[];
  /** The positions that are averaged. */
  readonly list: Int32Array;
}

function scoreFunction(scores: Scores, choice: ScoreChoice): ScoreFunction {
  const { kind, index, versus } = choice;
  const { binary, hasLogit, isSoftmax, probabilities } = scores;
  if (kind === 'log-odds' && probabilities === null)
    return fail('not-applicable', l10n.t('The output has no probabilities, so it has no log-odds.'), {
      remedy: l10n.t('Explain the score itself.'),
    });
  if (kind === 'log-odds' && isSoftmax) {
    if (!hasLogit) return fail('not-applicable', l10n.t('The values before the softmax are not known.'));
    if (versus.length > 0)
      return fail('not-applicable', l10n.t('Log-odds already compare a class with all others.'), {
        remedy: l10n.t('Compare two classes by their logits.'),
      });
    return averaged(scores, choice, 'pre', logOdds(index));
  }
  if (binary && kind === 'probability') {
    const sign = index === 0 ? -1 : 1;
    const difference = versus.length > 0 ? 2 : 1;
    // p - (1 - p) = 2 p - 1
    const contrasted = (p: number): number => difference * p - (difference - 1);
    const own = { ...choice, negative: false };
    // Of a single unit p is computed from the logit: in float32, 1 - p is 0 too soon.
    if (hasLogit && scores.layout.positions === 1)
      return averaged(scores, own, 'pre', {
        value: ([z = Number.NaN]) => contrasted(sigmoid(sign * z)),
        gradient: ([z = Number.NaN]) => [difference * sign * sigmoid(z) * sigmoid(-z)],
      });
    return averaged(scores, own, 'post', {
      value: ([p = Number.NaN]) => contrasted(sign > 0 ? p : 1 - p),
      gradient: () => [difference * sign],
    });
  }
  const weights = binary
    ? [(index === 0 ? -1 : 1) * (versus.length > 0 ? 2 : 1)]
    : contrast(scores.layout.classes, index, versus);
  const stage = hasLogit && kind !== 'probability' ? 'pre' : 'post';
  return averaged(scores, binary ? { ...choice, negative: false } : choice, stage, linear(weights));
}

/** A function of the units at one position. */
interface AtPosition {
  value(units: ArrayLike<number> & Iterable<number>): number;
  gradient(units: ArrayLike<number> & Iterable<number>): readonly number[];
}

/** Target minus the mean of the others: the difference is formed before anything else, so that a CAM's ReLU sees it. */
function contrast(classes: number, index: number, versus: readonly number[]): readonly number[] {
  const weights = new Array<number>(classes).fill(0);
  weights[index] = 1;
  for (const other of versus) weights[other] = -1 / versus.length;
  return weights;
}

const linear = (weights: readonly number[]): AtPosition => {
  const used = weights.flatMap((weight, i) => (weight === 0 ? [] : [{ weight, i }]));
  return {
    value: (units) => used.reduce((sum, { weight, i }) => sum + weight * (units[i] ?? Number.NaN), 0),
    gradient: () => weights,
  };
};

/** log(p / (1 - p)) of a softmax: the logit minus the log-sum-exp of the others. */
const logOdds = (index: number): AtPosition => {
  const others = (units: ArrayLike<number>) => {
    const list = Array.from(units).filter((_, i) => i !== index);
    const largest = list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = list.reduce((total, z) => total + Math.exp(z - largest), 0);
    return largest + Math.log(sum);
  };
  return {
    value: (units) => (units[index] ?? Number.NaN) - others(units),
    gradient: (units) => {
      const rest = others(units);
      return Array.from(units, (z, i) => (i === index ? 1 : -Math.exp(z - rest)));
    },
  };
};

/** The mean over the chosen positions; its negative for evidence against the target. */
function averaged(
  { layout }: Scores,
  { list, negative }: ScoreChoice,
  stage: 'pre' | 'post',
  at: AtPosition,
): ScoreFunction {
  const factor = (negative ? -1 : 1) / list.length;
  // The same array for every position: there may be millions.
  const own = new Float32Array(layout.classes);
  const unitsAt = (units: Float32Array, position: number): Float32Array => {
    if (layout.positions === 1) return units;
    for (let channel = 0; channel < layout.classes; channel++)
      own[channel] = units[unitIndex(layout, position, channel)] ?? Number.NaN;
    return own;
  };
  return {
    stage,
    value: (units) => list.reduce((sum, position) => sum + factor * at.value(unitsAt(units, position)), 0),
    gradient(units) {
      const all = new Float32Array(units.length);
      for (const position of list) {
        const slopes = at.gradient(unitsAt(units, position));
        for (let channel = 0; channel < slopes.length; channel++) {
          const slope = slopes[channel] ?? 0;
          if (slope !== 0) all[unitIndex(layout, position, channel)] = factor * slope;
        }
      }
      return all;
    },
  };
}
