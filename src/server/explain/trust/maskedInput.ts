import { resizeMap } from '../../../shared/maps/displayMap';
import type { ExplainedMap } from '../maps/explainedMaps';
import { type MaskedPlace, masked, maskedPlaces } from '../masking';
import type { RawMap } from '../method';
import type { Passes } from '../passes';
import type { MaskScores } from '../perturbation/masks';
import { layoutAt, placesOf } from '../places';
import type { Subject } from './subject';

/** The positions of some inputs, one after the other, which can be replaced by a baseline. */
export interface MaskedInput {
  readonly places: readonly MaskedPlace[];
  readonly baseline: 'zero' | 'blur';
  readonly scores: MaskScores;
}

/**
 * An image or a volume is blurred where it is missing, because black may itself be evidence; everything else is zero there.
 * @param has by the index of an input: whether its positions are among them; the others stay as they are.
 * @returns null where no such input can be changed gradually.
 */
export async function maskedInput(
  { trace, readArray }: Pick<Subject, 'trace' | 'readArray'>,
  passes: Passes,
  has: (input: number) => boolean,
): Promise<MaskedInput | null> {
  const chosen = placesOf(trace).filter(({ index }) => has(index));
  if (chosen.length === 0) return null;
  const areImages = chosen.every(({ ref }) => {
    const { spatial, channel } = layoutAt(trace, ref);
    return channel !== null && spatial.length > 1;
  });
  const baseline = areImages ? 'blur' : 'zero';
  const places = await maskedPlaces({ trace, places: chosen, options: { baseline }, readArray });
  return {
    places,
    baseline,
    scores: (masks) =>
      passes.scores({
        at: places.map(({ place }) => place.ref),
        count: masks.count,
        values: (index) => examples(places, masks.at(index)),
      }),
  };
}

/** The maps of the inputs as they are drawn, in the order of `places`; null where one is not on its input or has other axes. */
export function mapsOver({ places }: MaskedInput, maps: readonly ExplainedMap[]): readonly RawMap[] | null {
  const found = places.flatMap(({ place, spatial }) =>
    maps
      .filter(
        ({ header, map }) =>
          header.onInput && header.inputIndex === place.index && map.shape.length === spatial.length,
      )
      .map(({ map }) => map),
  );
  return found.length === places.length ? found : null;
}

/** Maps at the resolution of their inputs, one after the other. */
export function joined({ places }: MaskedInput, maps: readonly RawMap[]): Float32Array {
  const resized = maps.map((map, i) => resizeMap(map, places[i]?.spatial ?? map.shape).values);
  const all = new Float32Array(resized.reduce((sum, { length }) => sum + length, 0));
  let from = 0;
  for (const values of resized) {
    all.set(values, from);
    from += values.length;
  }
  return all;
}

function examples(places: readonly MaskedPlace[], mask: Float32Array): Float32Array[] {
  let from = 0;
  return places.map((place) => {
    const own = mask.subarray(from, from + place.cells.cells);
    from += place.cells.cells;
    return masked(place, own);
  });
}
