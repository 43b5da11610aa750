import { setImmediate } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../shared/errors';

/**
 * Progress and cancellation of long work, checked between two nodes. Created by the receiver of the request.
 */
export interface Control {
  isCancelled(): boolean;
  /** @param fraction 0..1 of the work that `message` names. */
  report(fraction: number, message: string): void;
}

export const NO_CONTROL: Control = { isCancelled: () => false, report: () => {} };

/** @throws Failure `cancelled` when the user cancelled. */
export async function checkpoint(control: Control, fraction: number, message: string): Promise<void> {
  control.report(fraction, message);
  // Yields to the event loop: a cancellation or a hover may be waiting.
  await setImmediate();
  if (control.isCancelled()) failCancelled();
}

/** The same within work that does not wait, in a thread of its own. @throws Failure `cancelled` */
export function checkpointNow(control: Control, fraction: number, message: string): void {
  control.report(fraction, message);
  if (control.isCancelled()) failCancelled();
}

function failCancelled(): never {
  throw new Failure({ kind: 'cancelled', message: l10n.t('Cancelled.') });
}

/** Between two checkpoints of work that is only recorded. */
const PACE_MS = 10;

/**
 * Whether a checkpoint is due before the next node: always, but on a backend that only records what a node computes, where most nodes
 * take less time than a report.
 */
export function pacer(isLazy: boolean): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (isLazy && now - last < PACE_MS) return false;
    last = now;
    return true;
  };
}
