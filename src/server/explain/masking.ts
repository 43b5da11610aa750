import { baselineAt } from './baseline';
import { inputValue, type MethodContext, type RawMap } from './method';
import type { ChangedValues } from './passes';
import { blend, type CellLayout } from './perturbation/masks';
import type { Box } from './perturbation/occlusion';
import { type InputPlace, layoutAt } from './places';

/** A place on the input whose positions can be replaced by a baseline. */
export interface MaskedPlace {
  readonly place: InputPlace;
  /** Sizes of the axes of space or time; the columns of a table. */
  readonly spatial: readonly number[];
  readonly cells: CellLayout;
  readonly value: RawMap;
  readonly baseline: Float32Array;
  /** Columns, tokens: neighbours need have nothing in common. */
  readonly isDiscrete: boolean;
}

export async function maskedPlaces(
  ctx: Pick<MethodContext, 'trace' | 'places' | 'options' | 'readArray'>,
): Promise<MaskedPlace[]> {
  const found: MaskedPlace[] = [];
  for (const place of ctx.places) {
    const { spatial, channel } = layoutAt(ctx.trace, place.ref);
    const value = await inputValue(ctx, place.ref);
    const cells = spatial.reduce((a, b) => a * b, 1);
    found.push({
      place,
      spatial,
      cells: { cells, channels: value.values.length / Math.max(1, cells), channelsFirst: channel === 0 },
      value,
      baseline: await baselineAt(ctx, place),
      isDiscrete: isDiscrete(ctx, place),
    });
  }
  return found;
}

/** Columns of a table, and tokens, whose place is their embedding. */
export const isDiscrete = (ctx: Pick<MethodContext, 'trace'>, { input, ref }: InputPlace): boolean =>
  ref.node !== input || layoutAt(ctx.trace, ref).channel === null;

/** The input with the baseline where the mask is 0. @param into receives it; a new array unless it is given */
export const masked = (
  { value, baseline, cells }: MaskedPlace,
  mask: Float32Array,
  into?: Float32Array,
): Float32Array => blend(value.values, baseline, mask, cells, into);

/** The examples of one place under masks. @param boxes where each mask is not 1 */
export const underMasks = (
  place: MaskedPlace,
  count: number,
  at: (index: number) => Float32Array,
  boxes?: readonly Box[],
): ChangedValues => {
  const example = new Float32Array(place.value.values.length);
  return {
    at: [place.place.ref],
    count,
    values: (index) => [masked(place, at(index), example)],
    ...(boxes && { boxes }),
  };
};

/** A map of the shape of the input, in which all channels of a position have its value. */
export function overChannels({ value, cells }: MaskedPlace, perCell: Float32Array): RawMap {
  const { channels, channelsFirst } = cells;
  return {
    shape: value.shape,
    values: value.values.map(
      (_, i) => perCell[channelsFirst ? i % cells.cells : Math.floor(i / channels)] ?? 0,
    ),
  };
}
