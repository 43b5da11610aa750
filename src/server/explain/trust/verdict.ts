import type { Trust, Verdict } from '../../../shared/results/trust';
import type { Areas, CurveFigures } from './curves';

/**
 * The thresholds are provisional: they were set by hand on a few inputs of samples 1, 3 and 4, not calibrated. Grad-CAM of four
 * inputs of samples 3 and 4 gained 0.15 to 0.6 over random maps.
 */
const MIN_GAIN = 0.05;
/** Of a probability. */
const MIN_EFFECT = 0.1;
/** With all weights redrawn the maps of the samples correlate by at most 0.3. */
const MAX_RANDOMISATION = 0.6;
/** Maps of two classes share the object's outline, and so correlate; these are one map. */
const MAX_OTHER_CLASS = 0.95;
/** The noise is 2 %: CAMs of the samples changed by about 0.2, a gradient by 1.4, that of an input without evidence by 9.5. */
const MAX_SENSITIVITY = 2;
/** Five times what integrated gradients are refined to. */
const MAX_COMPLETENESS = 0.05;

export interface Findings
  extends Pick<Trust, 'randomisation' | 'otherClass' | 'sensitivity' | 'completeness'> {
  readonly curves: CurveFigures | null;
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
  const against = [...curveDoubts(found), ...otherDoubts(found)];
  if (against.length > 0) return { verdict: 'doubt', reasons: against };
  return { verdict: 'believe', reasons: support(found) };
}

function curveDoubts({ curves, isProbability }: Findings): string[] {
  if (curves === null) return [];
  const { own, random, spread } = curves;
  const doubts: string[] = [];
  if (isProbability && spread < MIN_EFFECT)
    doubts.push(
      `The probability moves by only ${spread.toFixed(3)}, whatever is taken from the input: the prediction hardly depends on it.`,
    );
  const beaten = random.filter(
    ({ evidence }) => own.evidence.insertion - own.evidence.deletion > evidence.insertion - evidence.deletion,
  ).length;
  if (gainOf(curves) < MIN_GAIN || beaten < random.length)
    doubts.push(
      `The positions that it marks matter no more to the score than those of random maps of the same values (better than ${beaten} of ${random.length}).`,
    );
  return doubts;
}

function otherDoubts({ randomisation, otherClass, sensitivity, completeness }: Findings): string[] {
  const doubts: string[] = [];
  if (randomisation !== null && Math.abs(randomisation) > MAX_RANDOMISATION)
    doubts.push(
      `A model with redrawn weights gives much the same map (rank correlation ${randomisation.toFixed(2)}): it shows the input more than the model.`,
    );
  if (otherClass !== null && otherClass > MAX_OTHER_CLASS)
    doubts.push(`The map of another class is nearly the same (rank correlation ${otherClass.toFixed(2)}).`);
  if (sensitivity !== null && sensitivity > MAX_SENSITIVITY)
    doubts.push(
      `Noise of 2 % of the range of the input changes the map by ${Math.round(100 * sensitivity)} %.`,
    );
  if (completeness !== null && completeness > MAX_COMPLETENESS)
    doubts.push(
      `Its values miss the change of the score that they should add up to by ${Math.round(100 * completeness)} %.`,
    );
  return doubts;
}

function support({ curves, randomisation, otherClass, sensitivity }: Findings): string[] {
  const reasons: string[] = [];
  if (curves !== null) {
    const mean = meanAreas(curves.random);
    reasons.push(
      `The positions that it marks matter more to the score than those of random maps of the same values: insertion ${curves.own.insertion.toFixed(3)} against ${mean.insertion.toFixed(3)}, deletion ${curves.own.deletion.toFixed(3)} against ${mean.deletion.toFixed(3)}.`,
    );
  }
  if (randomisation !== null)
    reasons.push(
      `It depends on the weights: a model with redrawn ones gives another map (rank correlation ${randomisation.toFixed(2)}).`,
    );
  if (otherClass !== null)
    reasons.push(`Another class has another map (rank correlation ${otherClass.toFixed(2)}).`);
  if (sensitivity !== null)
    reasons.push(`Noise of 2 % of the range of the input changes it by ${Math.round(100 * sensitivity)} %.`);
  return reasons.length > 0 ? reasons : ['Nothing that could be measured speaks against it.'];
}
