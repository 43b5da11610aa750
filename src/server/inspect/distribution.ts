import type { Distribution } from '../../shared/layerValues';
import type { Histogram } from '../../shared/model';
import { isJoint } from '../layers/activations/joint';
import type { Activation, TF } from '../layers/kind';
import { BINS } from './statistics';

const CURVE_POINTS = 161;
/** Values of the layer that the curve is compared with. */
const MAX_COMPARED = 64;
const TOLERANCE = 1e-4;

type Values = ArrayLike<number>;

/**
 * The values before and after an activation in the bins of one axis, with the activation's curve between the smallest and the
 * largest value before it.
 * @param ranges of the finite values
 * @returns `null` where either has no finite values, or all are equal, or the activation is not a function of one value
 *   (softmax), or another one at another position (PReLU): then there is no common axis or curve to read
 */
export async function distribution(
  tf: TF,
  activation: Activation,
  before: Values,
  after: Values,
  ranges: { readonly before: Histogram; readonly after: Histogram },
): Promise<Distribution | null> {
  if (isJoint(activation) || activation.variesByPosition) return null;
  const [own, other] = [ranges.before, ranges.after];
  const [min, max] = [Math.min(own.min, other.min), Math.max(own.max, other.max)];
  // False also where one of them has no finite values.
  if (!(max > min)) return null;
  const curve = await curveOf(tf, activation, [own.min, own.max], before, after);
  return curve && { min, max, before: binned(before, min, max), after: binned(after, min, max), curve };
}

/** `null` where the layer's own values are not on the curve: the activation of a custom layer may depend on more than one value. */
async function curveOf(
  tf: TF,
  activation: Activation,
  [from, to]: readonly [number, number],
  before: Values,
  after: Values,
): Promise<Distribution['curve'] | null> {
  const step = Math.max(1, Math.floor(before.length / MAX_COMPARED));
  const places = Array.from({ length: Math.min(MAX_COMPARED, before.length) }, (_, i) => i * step);
  const points = Array.from(
    { length: CURVE_POINTS },
    (_, i) => from + ((to - from) * i) / (CURVE_POINTS - 1),
  );
  const all = [...points, ...places.map((place) => before[place] ?? Number.NaN)];
  const tensor = tf.tidy(() => activation.forward(tf, tf.tensor(all, [1, all.length], 'float32')));
  const data = await tensor.data();
  tensor.dispose();
  if (data.length !== all.length) return null;
  const isOnCurve = places.every((place, i) => {
    const [computed, expected] = [data[CURVE_POINTS + i] ?? Number.NaN, after[place] ?? Number.NaN];
    if (Object.is(computed, expected) || Number.isNaN(expected)) return true;
    return Math.abs(computed - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
  });
  return isOnCurve ? { from, to, values: [...data.subarray(0, CURVE_POINTS)] } : null;
}

function binned(values: Values, min: number, max: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const scale = BINS / (max - min);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(BINS - 1, Math.floor((value - min) * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
