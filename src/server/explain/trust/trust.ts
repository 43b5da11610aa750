import * as l10n from '@vscode/l10n';
import type { Trust } from '../../../shared/results/trust';
import type { Control } from '../../run/control';
import { hasNonFinite } from '../../run/nonFinite';
import { checkTime, FASTER_TOGETHER, pictureOf, scoresOf } from '../explain';
import { Passes } from '../passes';
import { chooseTarget } from '../target';
import { CURVE_PASSES, CURVES, curveFigures } from './curves';
import { MAX_REPEATS, otherClass, randomisation, sensitivity } from './repeats';
import { certaintyOf, steadiness } from './steadiness';
import { type Figure, inParts, portion, type Subject } from './subject';
import { judge, meanAreas } from './verdict';

/** Of a score that is only rounded differently, relative to its size. */
const SAME_SCORE = 1e-5;

/**
 * Examines a map: whether the score depends on what it marks more than on what random maps mark, whether it depends on the weights, on
 * the class and on small noise, and whether it adds up; and the prediction that it explains: whether it is decided, and whether it moves with the input. Makes some 400 passes and repeats the explanation about ten times.
 * @throws Failure `too-costly` unless the question insists, `cancelled`, and those of a run.
 */
export async function examine(subject: Subject): Promise<Trust> {
  const { trace, question, found, control } = subject;
  const { header, maps } = found;
  const { completeness } = header;
  const nothing = {
    insertionAuc: null,
    deletionAuc: null,
    randomInsertionAuc: null,
    randomDeletionAuc: null,
    randomisation: null,
    randomisationStages: [],
    otherClass: null,
    sensitivity: null,
    certainty: null,
    steadiness: null,
    completeness,
  };
  const noEvidence = (reason: string): Trust => ({
    ...nothing,
    verdict: 'no-evidence',
    reasons: [reason],
    notes: [],
  });
  if (maps.some(({ map }) => hasNonFinite(map.values)))
    return noEvidence(l10n.t('The map has values that are not finite.'));
  if (maps.every(({ map }) => map.values.every((value) => value === map.values[0])))
    return noEvidence(l10n.t('The map is the same everywhere: it marks nothing.'));

  const measured = inParts(
    portion(control, 0, 0.4, l10n.t('Inserting and deleting what the map marks')),
    CURVES,
  );
  const { passes, isProbability } = await measuringPasses(subject, measured);
  const repeated = MAX_REPEATS * (1 + header.cost.forward);
  const check = checkTime(l10n.t('Examining this map'), {
    forward: CURVE_PASSES + repeated,
    backward: MAX_REPEATS * (1 + header.cost.backward),
  });
  if (question.insist !== true) {
    check(trace.forwardTime / FASTER_TOGETHER);
    passes.whenMeasured = check;
  }
  const curves = await curveFigures(subject, passes, isProbability);
  if (question.insist !== true && passes.forward > 0) check(passes.time / passes.forward);
  if (curves.value !== null && curves.value.spread <= SAME_SCORE * Math.abs(header.target.value))
    return noEvidence(l10n.t('The score stays the same whatever is taken from the input.'));
  const scores = await scoresOf(trace, question.target);
  const certainty = isProbability ? certaintyOf(scores, header.predictions, header.target.index) : null;
  const moved = await steadiness(subject, passes, certainty);
  const within = (from: number, to: number, doing?: string): Subject => ({
    ...subject,
    control: portion(control, from, to, doing),
  });
  const weights = await randomisation(within(0.4, 0.75));
  const other = await otherClass(within(0.75, 0.8, l10n.t('Explaining another class')));
  const noise = await sensitivity(within(0.8, 1));

  const stages = weights.value?.stages ?? [];
  const randomised = stages.at(-1)?.correlation ?? null;
  const mean = curves.value && meanAreas(curves.value.random);
  return {
    ...judge({
      curves: curves.value,
      isProbability,
      randomisation: randomised,
      otherClass: other.value,
      sensitivity: noise.value,
      certainty,
      steadiness: moved.value,
      completeness,
    }),
    notes: notesOf([curves, moved, weights, other, noise], curves.value?.baseline ?? null, completeness),
    insertionAuc: curves.value?.own.insertion ?? null,
    deletionAuc: curves.value?.own.deletion ?? null,
    randomInsertionAuc: mean?.insertion ?? null,
    randomDeletionAuc: mean?.deletion ?? null,
    randomisation: randomised,
    randomisationStages: stages,
    otherClass: other.value,
    sensitivity: noise.value,
    certainty,
    steadiness: moved.value?.kept ?? null,
    completeness,
  };
}

/** Passes that give the probability of the target where it has one: a logit has no scale. */
export async function measuringPasses(
  { trace, question, found }: Subject,
  control: Control,
): Promise<{ readonly passes: Passes; readonly isProbability: boolean }> {
  const scores = await scoresOf(trace, question.target);
  const { index, unit, versus } = found.header.target;
  const isProbability = scores.probabilities !== null && unit === null && versus.length === 0;
  const target = { ...question.target, index, ...(isProbability && { score: 'probability' as const }) };
  const { score } = chooseTarget(scores, target, [], pictureOf(trace));
  return { passes: new Passes({ trace, scores, score, control }), isProbability };
}

function notesOf(
  figures: readonly Figure<unknown>[],
  baseline: 'zero' | 'blur' | null,
  completeness: number | null,
): string[] {
  return [
    ...(baseline === null
      ? []
      : [
          baseline === 'blur'
            ? l10n.t(
                'What is taken from the input is blurred; random maps have the values of this one in shuffled blocks.',
              )
            : l10n.t(
                'What is taken from the input is set to zero; random maps have the values of this one in shuffled blocks.',
              ),
        ]),
    ...figures.flatMap(({ note }) => note ?? []),
    ...(completeness === null
      ? [l10n.t('The values of this method are not meant to add up to the score.')]
      : []),
  ];
}
