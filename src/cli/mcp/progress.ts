/** Reports of one call, in milliseconds. */
const PACE_MS = 200;

/**
 * Progress as the protocol wants it, a number that only grows: each step of the work counts 1, and the share of the current one that is
 * done is added.
 * @param send called at most five times a second
 * @param now a clock, in milliseconds
 */
export function growingProgress(
  send: (progress: number, message: string) => void,
  now: () => number = () => performance.now(),
): (fraction: number, message: string) => void {
  let steps = 0;
  let step: string | null = null;
  let last = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  return (fraction, message) => {
    if (step !== null && message !== step && fraction < last - steps) steps = Math.ceil(last);
    step = message;
    const progress = steps + fraction;
    if (progress <= last || now() - sentAt < PACE_MS) return;
    last = progress;
    sentAt = now();
    send(progress, message);
  };
}
