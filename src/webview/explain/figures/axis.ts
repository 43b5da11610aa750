import { el } from '../../dom';

/** Room for one number, in pixels. */
const TICK_ROOM = 64;
/** Width of the narrowest figure, in pixels. */
const MIN_WIDTH = 320;

/** Numbers below a sequence at round positions. @param cell the least width of a position in pixels */
export function axis(length: number, cell: number): HTMLElement {
  const width = Math.max(MIN_WIDTH, length * cell);
  const step = roundStep((TICK_ROOM * length) / width);
  const ticks: HTMLElement[] = [];
  for (let at = 0; at < length; at += step) {
    // A number in the last half of its room would stick out.
    if (at > 0 && ((length - at) / length) * width < TICK_ROOM / 2) break;
    const tick = el('span', { class: 'tick' }, String(at));
    tick.style.setProperty('--at', String((at + 0.5) / length));
    ticks.push(tick);
  }
  return el('div', { class: 'axis quiet', 'aria-hidden': 'true' }, ...ticks);
}

/** The next 1, 2 or 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
