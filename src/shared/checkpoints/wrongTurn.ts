import { deadChannels, type EpochReport, nonFiniteCount } from '../results/checkpoints';

/** Why an epoch is a wrong turn. */
export type WrongReason =
  /** Values or weights are NaN or infinite. */
  | { readonly kind: 'non-finite'; readonly layer: string | null }
  /** So many more channels are 0 everywhere. */
  | { readonly kind: 'dead'; readonly before: number; readonly after: number; readonly channels: number }
  /** Another class than the reference is predicted. */
  | { readonly kind: 'prediction'; readonly from: number; readonly to: number | null };

export interface WrongTurn {
  /** Among the epochs that were given. */
  readonly index: number;
  /** The gravest first. */
  readonly reasons: readonly WrongReason[];
}

/** The class that an epoch should predict. */
export interface Reference {
  readonly index: number;
  readonly from: 'label' | 'majority';
}

/** A rise of the share of dead channels by this much is a jump. */
export const DEAD_JUMP = 0.25;

/**
 * The class that counts as right: the label, where it is known; else the class that most epochs predict, of equally frequent ones the
 * one predicted last. `null` where no epoch predicts anything.
 */
export function referenceOf(epochs: readonly (EpochReport | null)[], label: number | null): Reference | null {
  if (label !== null) return { index: label, from: 'label' };
  const counts = new Map<number, number>();
  let best: number | null = null;
  for (const epoch of epochs) {
    const predicted = epoch?.predicted ?? null;
    if (predicted === null) continue;
    counts.set(predicted, (counts.get(predicted) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  for (const epoch of epochs) {
    const predicted = epoch?.predicted ?? null;
    if (predicted !== null && counts.get(predicted) === most) best = predicted;
  }
  return best === null ? null : { index: best, from: 'majority' };
}

/**
 * The first wrong turn of a training: the first epoch after which something goes wrong and stays wrong up to the last epoch. An epoch
 * that could not be computed (`null`) is passed over. What counts:
 * - `non-finite`: it and all later epochs have NaN or infinite values or weights, and the one before it, if there is one, has none;
 * - `dead`: the share of channels that are 0 everywhere, over all rectified layers, is at least `DEAD_JUMP` above that of the epoch
 *   before it, and stays so in all later epochs;
 * - `prediction`: it and all later epochs predict another class than the reference, and the one before it predicts the reference.
 * An epoch that is wrong for several reasons has all of them.
 * @returns `null` where nothing goes wrong, or what went wrong was right again later
 */
export function wrongTurnOf(
  epochs: readonly (EpochReport | null)[],
  reference: Reference | null,
): WrongTurn | null {
  const known = epochs.flatMap((epoch, index) => (epoch === null ? [] : [{ epoch, index }]));
  const reports = known.map(({ epoch }) => epoch);
  for (let at = 0; at < reports.length; at++) {
    const reasons = reasonsAt(reports, at, reference);
    if (reasons.length > 0) return { index: known[at]?.index ?? 0, reasons };
  }
  return null;
}

function reasonsAt(
  epochs: readonly EpochReport[],
  at: number,
  reference: Reference | null,
): readonly WrongReason[] {
  const now = epochs[at];
  if (now === undefined) return [];
  const before = epochs[at - 1];
  const onwards = epochs.slice(at);
  const reasons: WrongReason[] = [];
  const isNonFinite = (epoch: EpochReport): boolean => nonFiniteCount(epoch) > 0;
  if (onwards.every(isNonFinite) && (before === undefined || !isNonFinite(before)))
    reasons.push({ kind: 'non-finite', layer: now.firstBad?.path ?? null });
  if (before === undefined) return reasons;
  const limit = deadShare(before) + DEAD_JUMP;
  if (onwards.every((epoch) => deadShare(epoch) >= limit)) {
    const { dead, channels } = deadChannels(now);
    reasons.push({ kind: 'dead', before: deadChannels(before).dead, after: dead, channels });
  }
  if (
    reference !== null &&
    before.predicted === reference.index &&
    onwards.every(({ predicted }) => predicted !== reference.index)
  )
    reasons.push({ kind: 'prediction', from: reference.index, to: now.predicted });
  return reasons;
}

function deadShare(epoch: EpochReport): number {
  const { dead, channels } = deadChannels(epoch);
  return channels === 0 ? 0 : dead / channels;
}
