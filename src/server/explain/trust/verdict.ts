import * as l10n from '@vscode/l10n';
import type { Trust, Verdict } from '../../../shared/results/trust';
import type { Areas, CurveFigures } from './curves';
import type { Steadiness } from './steadiness';

/**
 * The thresholds of the curves, of the certainty and of the steadiness separate models of samples 1, 3 and 4 from the same networks trained on
 * shuffled labels, on the even half of held-out inputs; docs/evaluation.md has the rates on the odd half. The others were set by hand.
 */
const MIN_GAIN = 0.05;
/**
 * Of the random maps: 8 of 9. One of them may mark the evidence by chance, as on 6 of 50 inputs of sample 4; in return, a random map is better than
 * 8 of 9 others in two cases of ten.
 */
const MIN_BEATEN = 0.85;
/** Of log-odds, as the probability of a saturated prediction hardly moves: undecided models stay below 0.5, those that learnt something above 1.3. */
const MIN_EFFECT = 1;
/** With all weights redrawn the maps of the samples correlate by at most 0.3. */
const MAX_RANDOMISATION = 0.6;
/** Maps of two classes share the object's outline, and so correlate; these are one map. */
const MAX_OTHER_CLASS = 0.95;
/** The noise is 2 %: CAMs of the samples changed by about 0.2, a gradient by 1.4, that of an input without evidence by 9.5. */
const MAX_SENSITIVITY = 2;
/** Of the two best classes: 0.5 is undecided, where models without knowledge stay (0.50 to 0.53); those of the samples are above 0.85. */
const MIN_CERTAINTY = 0.6;
/** Of the probability, as the input moves: 0.8 and more is kept by the samples, next to nothing by labels learnt by heart. */
const MIN_STEADINESS = 0.5;
/** Five times what integrated gradients are refined to. */
const MAX_COMPLETENESS = 0.05;

export interface Findings
  extends Pick<Trust, 'randomisation' | 'otherClass' | 'sensitivity' | 'certainty' | 'completeness'> {
  readonly curves: CurveFigures | null;
  readonly steadiness: Steadiness | null;
  readonly isProbability: boolean;
}

/**
 * How far the areas of the map's evidence are better than those of random maps, relative to how far the evidence can be moved at
 * all; 0 for a random map.
 */
export function gainOf({ own, random, evidenceSpread }: CurveFigures): number {
  const mean = meanAreas(random.map(({ evidence }) => evidence));
  const { insertion, deletion } = own.evidence;
  return (insertion - mean.insertion + mean.deletion - deletion) / 2 / evidenceSpread;
}

export function meanAreas(areas: readonly Areas[]): { insertion: number; deletion: number } {
  const mean = (of: (one: Areas) => number): number =>
    areas.reduce((sum, one) => sum + of(one), 0) / areas.length;
  return { insertion: mean(({ insertion }) => insertion), deletion: mean(({ deletion }) => deletion) };
}

export function judge(found: Findings): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  const against = [...predictionDoubts(found), ...curveDoubts(found), ...otherDoubts(found)];
  if (against.length > 0) return { verdict: 'doubt', reasons: against };
  return { verdict: 'believe', reasons: support(found) };
}

function predictionDoubts({ certainty, steadiness }: Findings): string[] {
  const doubts: string[] = [];
  if (certainty !== null && certainty < MIN_CERTAINTY)
    doubts.push(
      l10n.t(
        'The model is undecided: of this class and the next it gives this one {0} of the probability.',
        percent(certainty),
      ),
    );
  if (steadiness !== null && steadiness.kept < MIN_STEADINESS)
    doubts.push(movedText(steadiness.shift, percent(steadiness.kept)));
  return doubts;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function movedText(shift: readonly number[], kept: string): string {
  const by = Math.abs(shift.find((size) => size !== 0) ?? 0);
  return by === 1
    ? l10n.t(
        'Moving the input by 1 position leaves {0} of the probability: what the model goes by does not move with it.',
        kept,
      )
    : l10n.t(
        'Moving the input by {0} positions leaves {1} of the probability: what the model goes by does not move with it.',
        ...[by, kept],
      );
}

function curveDoubts({ curves, isProbability }: Findings): string[] {
  if (curves === null) return [];
  const { own, random, evidenceSpread } = curves;
  const doubts: string[] = [];
  if (isProbability && evidenceSpread < MIN_EFFECT)
    doubts.push(
      l10n.t(
        'Whatever is taken from the input, the odds change by a factor of at most {0}: the prediction hardly depends on it.',
        Math.exp(evidenceSpread).toFixed(1),
      ),
    );
  const beaten = random.filter(
    ({ evidence }) => own.evidence.insertion - own.evidence.deletion > evidence.insertion - evidence.deletion,
  ).length;
  if (gainOf(curves) < MIN_GAIN || beaten < MIN_BEATEN * random.length)
    doubts.push(
      l10n.t(
        'The positions that it marks matter no more to the score than those of random maps of the same values (better than {0} of {1}).',
        beaten,
        random.length,
      ),
    );
  return doubts;
}

function otherDoubts({ randomisation, otherClass, sensitivity, completeness }: Findings): string[] {
  const doubts: string[] = [];
  if (randomisation !== null && Math.abs(randomisation) > MAX_RANDOMISATION)
    doubts.push(
      l10n.t(
        'A model with redrawn weights gives much the same map (rank correlation {0}): it shows the input more than the model.',
        randomisation.toFixed(2),
      ),
    );
  if (otherClass !== null && otherClass > MAX_OTHER_CLASS)
    doubts.push(
      l10n.t('The map of another class is nearly the same (rank correlation {0}).', otherClass.toFixed(2)),
    );
  if (sensitivity !== null && sensitivity > MAX_SENSITIVITY)
    doubts.push(
      l10n.t(
        'Noise of 2 % of the range of the input changes the map by {0} %.',
        Math.round(100 * sensitivity),
      ),
    );
  if (completeness !== null && completeness > MAX_COMPLETENESS)
    doubts.push(
      l10n.t(
        'Its values miss the change of the score that they should add up to by {0} %.',
        Math.round(100 * completeness),
      ),
    );
  return doubts;
}

function support({ curves, steadiness, randomisation, otherClass, sensitivity }: Findings): string[] {
  const reasons: string[] = [];
  if (curves !== null) {
    const mean = meanAreas(curves.random);
    reasons.push(
      l10n.t(
        'The positions that it marks matter more to the score than those of random maps of the same values: insertion {0} against {1}, deletion {2} against {3}.',
        curves.own.insertion.toFixed(3),
        mean.insertion.toFixed(3),
        curves.own.deletion.toFixed(3),
        mean.deletion.toFixed(3),
      ),
    );
  }
  if (randomisation !== null)
    reasons.push(
      l10n.t(
        'It depends on the weights: a model with redrawn ones gives another map (rank correlation {0}).',
        randomisation.toFixed(2),
      ),
    );
  if (otherClass !== null)
    reasons.push(l10n.t('Another class has another map (rank correlation {0}).', otherClass.toFixed(2)));
  if (sensitivity !== null)
    reasons.push(
      l10n.t('Noise of 2 % of the range of the input changes it by {0} %.', Math.round(100 * sensitivity)),
    );
  if (steadiness !== null)
    reasons.push(
      l10n.t(
        'The prediction survives when the input is moved a little: it keeps at least {0} of its probability.',
        percent(steadiness.kept),
      ),
    );
  return reasons.length > 0 ? reasons : [l10n.t('Nothing that could be measured speaks against it.')];
}
