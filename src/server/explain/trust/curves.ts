import * as l10n from '@vscode/l10n';
import { mulberry32 } from '../../../shared/random';
import { areaUnder, type Curve, deletionCurve, insertionCurve } from '../measures/deletion';
import type { Passes } from '../passes';
import type { MaskScores } from '../perturbation/masks';
import { joined, mapsOver, maskedInput } from './maskedInput';
import { randomMap } from './randomMap';
import { type Figure, figure, missing, type Subject } from './subject';

/** Of the curves: each step inserts or deletes a twentieth of the positions. */
export const STEPS = 20;
/** Random maps that the map is compared with. */
const RANDOM_MAPS = 9;

/** About the smallest difference of a float32 from 1. */
const MIN_PROBABILITY = 1e-7;

/** Of insertion and deletion, of the map and of each random one. */
export const CURVES = 2 * (RANDOM_MAPS + 1);
/** Passes that the curves take. */
export const CURVE_PASSES = (STEPS + 1) * CURVES;

export interface Areas {
  readonly insertion: number;
  readonly deletion: number;
}

/** The areas under the curves of the score, and of its log-odds where it is a probability. */
export interface CurveAreas extends Areas {
  readonly evidence: Areas;
}

export interface CurveFigures {
  readonly baseline: 'zero' | 'blur';
  readonly own: CurveAreas;
  readonly random: readonly CurveAreas[];
  /** The largest score on any curve less the smallest, and the same of the evidence. */
  readonly spread: number;
  readonly evidenceSpread: number;
}

/** Insertion and deletion curves of the maps of all inputs together, and of random maps of the same values. */
export async function curveFigures(
  subject: Subject,
  passes: Passes,
  isProbability: boolean,
): Promise<Figure<CurveFigures>> {
  const { maps } = subject.found;
  const input = await maskedInput(subject, passes, (index) =>
    maps.some(({ header }) => header.inputIndex === index),
  );
  if (input === null)
    return missing(l10n.t('No input can be changed gradually, so nothing can be inserted or deleted.'));
  const own = mapsOver(input, maps);
  if (own === null)
    return missing(
      l10n.t('The map does not have the axes of the input, so its positions cannot be inserted or deleted.'),
    );

  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const scores: MaskScores = async (masks) => {
    const values = await input.scores(masks);
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return values;
  };
  // A probability that is saturated hides how much evidence is left; its log-odds do not.
  const evidenceOf = isProbability ? logOdds : (score: number): number => score;
  const evidence = ({ fractions, scores: found }: Curve): number =>
    areaUnder(fractions, found.map(evidenceOf));
  const areas = async (map: Float32Array): Promise<CurveAreas> => {
    const insertion = await insertionCurve({ map, steps: STEPS, scores });
    const deletion = await deletionCurve({ map, steps: STEPS, scores });
    return {
      insertion: insertion.auc,
      deletion: deletion.auc,
      evidence: { insertion: evidence(insertion), deletion: evidence(deletion) },
    };
  };
  const random: CurveAreas[] = [];
  for (let seed = 1; seed <= RANDOM_MAPS; seed++) {
    const uniform = mulberry32(seed);
    const moved = own.map((map, i) => randomMap(map, input.places[i]?.isDiscrete ?? false, uniform));
    random.push(await areas(joined(input, moved)));
  }
  const ownAreas = await areas(joined(input, own));
  return figure({
    baseline: input.baseline,
    own: ownAreas,
    random,
    spread: high - low,
    evidenceSpread: evidenceOf(high) - evidenceOf(low),
  });
}

/** Rounded scores of exactly 0 and 1 have none, so they are kept off both ends. */
function logOdds(p: number): number {
  const inside = Math.min(1 - MIN_PROBABILITY, Math.max(MIN_PROBABILITY, p));
  return Math.log(inside / (1 - inside));
}
