/**
 * Masks over the cells of an input, its positions in space or time without the channels: 1 keeps the input there, 0 replaces it by the
 * baseline, and what lies between blends the two.
 */
export interface Masks {
  readonly count: number;
  /** One value per cell; called when its pass starts. */
  at(index: number): Float32Array;
}

/** The scores of an input under each mask, in their order. */
export type MaskScores = (masks: Masks) => Promise<Float64Array>;

/** Where the values of a cell are in an input. */
export interface CellLayout {
  readonly cells: number;
  /** Values per cell. */
  readonly channels: number;
  /** [channels, cells] instead of [cells, channels]. */
  readonly channelsFirst: boolean;
}

/**
 * `values` where the mask is 1, `baseline` where it is 0; both have the layout's cells times channels.
 * @param blended receives them, and is returned; a new array unless it is given
 */
export function blend(
  values: Float32Array,
  baseline: Float32Array,
  mask: Float32Array,
  { cells, channels, channelsFirst }: CellLayout,
  blended: Float32Array = new Float32Array(values.length),
): Float32Array {
  // Most cells of an occlusion are kept.
  blended.set(values);
  const [cellStep, channelStep] = channelsFirst ? [1, cells] : [channels, 1];
  for (let cell = 0; cell < cells; cell++) {
    const kept = mask[cell] ?? 0;
    if (kept === 1) continue;
    for (let channel = 0; channel < channels; channel++) {
      const i = cell * cellStep + channel * channelStep;
      // An infinite or undefined value times 0 would not vanish.
      if (kept === 0) blended[i] = baseline[i] ?? 0;
      else blended[i] = kept * (values[i] ?? 0) + (1 - kept) * (baseline[i] ?? 0);
    }
  }
  return blended;
}
