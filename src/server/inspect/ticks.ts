/** Called within long work on arrays, with the share of it that is done, 0..1; throws where the user has cancelled. */
export type Tick = (share: number) => void;

export const NO_TICK: Tick = () => {};

/** Values between two ticks: about a millisecond. */
const BLOCK = 2 ** 20;

/** The ticks of a part of the work, from one share of the whole to another. */
export const partOf =
  (tick: Tick, from: number, to: number): Tick =>
  (share) =>
    tick(from + (to - from) * share);

/** Calls `work` for consecutive blocks of a range, with a tick after each. @param width values of one element of the range */
export function inBlocks(
  length: number,
  width: number,
  tick: Tick,
  work: (from: number, to: number) => void,
): void {
  const step = Math.max(1, Math.floor(BLOCK / Math.max(1, width)));
  for (let from = 0; from < length; from += step) {
    const to = Math.min(length, from + step);
    work(from, to);
    tick(to / length);
  }
}
