import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../../shared/explanation';
import { resizeMap } from '../../../shared/maps/displayMap';
import { type MaskedPlace, maskedPlaces } from '../masking';
import type { RawMap } from '../method';
import type { Passes } from '../passes';
import { layoutAt, placesOf } from '../places';
import { topIndices } from '../ranking';
import type { Scores } from '../score';
import { type Figure, figure, missing, type Subject } from './subject';

/** How far the input is moved, both ways along each axis, as shares of the axis. */
const SHIFTS = [0.01, 0.02, 0.04, 0.08] as const;
/** Along a shorter axis one position is more than that. */
const MIN_LENGTH = 12;

export interface Steadiness {
  /** The smallest probability of the prediction as the input moves, relative to that of the input as it is; at most 1. */
  readonly kept: number;
  /** The move with which it is that small: positions along each axis of space or time. */
  readonly shift: readonly number[];
}

/**
 * The probability of the prediction, relative to the sum of it and that of the runner-up: 0.5 is undecided. Null where the target is not what is
 * predicted, or there is no single prediction with a probability.
 */
export function certaintyOf(
  { probabilities, isSoftmax, binary, layout }: Scores,
  predictions: readonly Prediction[],
  index: number,
): number | null {
  const [first, second] = predictions;
  const p = first?.probability ?? null;
  if (probabilities === null || layout.positions > 1 || first?.index !== index || p === null) return null;
  const other = isSoftmax || binary ? (second?.probability ?? null) : 1 - p;
  return other === null ? null : p / (p + other);
}

/**
 * Whether the prediction survives when an image, a volume or a sequence is moved a little, its edge repeated. What a model has learnt of a class
 * moves with it; what it knows by heart of its training examples does not. Moves that push the strongest position of the map out of the
 * input are left out: they take the evidence away.
 * @param certainty see `certaintyOf`
 */
export async function steadiness(
  { trace, found: { maps }, readArray }: Subject,
  passes: Passes,
  certainty: number | null,
): Promise<Figure<Steadiness>> {
  if (certainty === null)
    return missing(
      l10n.t('The target is not one class that is predicted, so moving the input tells nothing.'),
    );
  const places = placesOf(trace).filter(({ ref, input }) => {
    const { spatial, channel } = layoutAt(trace, ref);
    return ref.node === input && channel !== null && spatial.some((length) => length >= MIN_LENGTH);
  });
  if (places.length === 0)
    return missing(l10n.t('No input has an axis of space or time along which it could be moved.'));
  let found: Steadiness = { kept: 1, shift: [] };
  const movable = await maskedPlaces({ trace, places, options: { baseline: 'zero' }, readArray });
  for (const place of movable) {
    const own = maps.find(({ header }) => header.inputIndex === place.place.index);
    const strongest =
      own?.map.shape.length === place.spatial.length ? strongestOf(own.map, place.spatial) : [];
    const shifts = shiftsOf(place.spatial, strongest);
    const [whole = 0, ...moved] = await passes.scores({
      at: [place.place.ref],
      count: 1 + shifts.length,
      values: (i) => [shifted(place, i === 0 ? [] : (shifts[i - 1] ?? []))],
    });
    for (const [i, probability] of moved.entries()) {
      const kept = probability / whole;
      if (kept < found.kept) found = { kept, shift: shifts[i] ?? [] };
    }
  }
  return figure(found);
}

/** The strongest position of a map, along each axis of the input. */
function strongestOf(map: RawMap, spatial: readonly number[]): number[] {
  let [rest = 0] = topIndices(resizeMap(map, spatial).values, 1);
  return spatial
    .toReversed()
    .map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at;
    })
    .toReversed();
}

/** Each moves the input along one axis. @param kept a position that stays in the input */
export function shiftsOf(spatial: readonly number[], kept: readonly number[]): number[][] {
  return spatial.flatMap((length, axis) => {
    if (length < MIN_LENGTH) return [];
    const sizes = new Set(SHIFTS.map((share) => Math.max(1, Math.round(share * length))));
    return [...sizes]
      .flatMap((size) => [-size, size])
      .filter((by) => {
        const at = (kept[axis] ?? length >> 1) + by;
        return at >= 0 && at < length;
      })
      .map((by) => spatial.map((_, other) => (other === axis ? by : 0)));
  });
}

/** The values, moved by a number of positions along each axis; the edge is repeated where they came from. */
export function shifted(
  {
    value,
    spatial,
    cells: { cells, channels, channelsFirst },
  }: Pick<MaskedPlace, 'value' | 'spatial' | 'cells'>,
  shift: readonly number[],
): Float32Array {
  const moved = new Float32Array(value.values.length);
  for (let cell = 0; cell < cells; cell++) {
    let [rest, from, scale] = [cell, 0, 1];
    for (let axis = spatial.length - 1; axis >= 0; axis--) {
      const length = spatial[axis] ?? 1;
      const at = (rest % length) - (shift[axis] ?? 0);
      from += Math.min(length - 1, Math.max(0, at)) * scale;
      scale *= length;
      rest = Math.floor(rest / length);
    }
    for (let channel = 0; channel < channels; channel++) {
      const [to, source] = channelsFirst
        ? [channel * cells + cell, channel * cells + from]
        : [cell * channels + channel, from * channels + channel];
      moved[to] = value.values[source] ?? 0;
    }
  }
  return moved;
}
