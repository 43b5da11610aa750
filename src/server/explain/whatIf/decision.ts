import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { TargetChoice } from '../../../shared/explanation';
import { classAt, classCount, predictedClass, type Scores, unitIndex } from '../score';
import type { ScoreFunction } from '../target';

/** A prediction that can change. */
export interface Decision {
  readonly index: number;
  /** `lose`: the class is predicted, and another one is to be; `win`: it is not, and is to be. */
  readonly goal: 'lose' | 'win';
  /** Positive while the prediction is as it was, negative when it has changed. */
  readonly margin: ScoreFunction;
  /** Whether these scores of another input are a changed prediction. */
  isChanged(scores: Scores): boolean;
}

/**
 * The decision for a class: against the runner-up, against the threshold for labels that do not exclude each other, and for `versus` whether that class
 * is predicted in its place.
 * @throws Failure `not-applicable` where nothing is decided, `no-such-target`.
 */
export function decisionOf(scores: Scores, choice: TargetChoice): Decision {
  const { layout, binary, hasLogit, probabilities, isSoftmax } = scores;
  if (choice.unit !== undefined)
    return fail(
      'not-applicable',
      l10n.t('A unit of layer "{0}" is not a prediction that could change.', choice.unit),
      {
        remedy: l10n.t('Leave the unit out.'),
      },
    );
  if (classCount(scores) < 2 && probabilities === null)
    return fail(
      'not-applicable',
      l10n.t('The output is a single value, which has no class that could change.'),
      {
        remedy: l10n.t('Choose feature ablation to see what raises and lowers the value.'),
      },
    );
  const position = positionOf(scores, choice.step);
  const isMultiLabel = probabilities !== null && !isSoftmax && !binary;
  const at = (units: ArrayLike<number>, channel: number): number =>
    units[unitIndex(layout, position, channel)] ?? Number.NaN;
  const predicted = layout.positions === 1 ? predictedClass(scores) : classAt(scores, position);
  const asked = choice.index === 'auto' ? predicted : checked(scores, choice.index);
  const own = binary && choice.negative === true ? 0 : asked;
  const index = typeof choice.versus === 'number' ? checked(scores, choice.versus) : own;
  // Between present and absent a label has its threshold, the probability 0.5.
  const threshold = hasLogit ? 0 : 0.5;
  const over = (units: ArrayLike<number>): number => {
    if (binary) return (index === 0 ? -1 : 1) * (at(units, 0) - threshold);
    if (isMultiLabel) return at(units, index) - threshold;
    let best = Number.NEGATIVE_INFINITY;
    for (let other = 0; other < layout.classes; other++)
      if (other !== index && at(units, other) > best) best = at(units, other);
    return at(units, index) - best;
  };
  const isHeld = (own: Scores): boolean => {
    const units = hasLogit ? own.logits : own.values;
    if (isMultiLabel) return over(units) >= 0;
    return classAt(own, position) === index;
  };
  const goal = isHeld(scores) ? 'lose' : 'win';
  const sign = goal === 'lose' ? 1 : -1;
  return {
    index,
    goal,
    margin: {
      stage: hasLogit ? 'pre' : 'post',
      value: (units) => sign * over(units),
      gradient: () => fail('internal', l10n.t('A decision has no gradient.')),
    },
    isChanged: (own) => isHeld(own) !== (goal === 'lose'),
  };
}

function positionOf({ layout }: Scores, step: number | undefined): number {
  if (layout.positions === 1) return 0;
  if (step === undefined || layout.grid.length !== 1)
    return fail(
      'not-applicable',
      l10n.t('The output has {0} predictions, and this question is about one.', layout.positions),
      {
        remedy:
          layout.grid.length === 1
            ? l10n.t('Choose a time step.')
            : l10n.t('Choose occlusion or feature ablation to see what its regions depend on.'),
      },
    );
  if (step < layout.positions) return step;
  return fail(
    'no-such-target',
    l10n.t('The output has {0} steps; there is no step {1}.', layout.positions, step),
    {
      remedy: l10n.t('Choose a number from 0 to {0}.', layout.positions - 1),
    },
  );
}

function checked(scores: Scores, index: number): number {
  const count = classCount(scores);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  return fail('no-such-target', l10n.t('The output has {0} classes; there is no class {1}.', count, index), {
    remedy: l10n.t('Choose a number from 0 to {0}.', count - 1),
  });
}
