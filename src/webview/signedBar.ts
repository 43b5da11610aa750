import { el } from './dom';

/** A bar from the middle: to the right for a positive term, to the left for a negative one; none for NaN. */
export function signedBar(share: number): HTMLElement {
  const bar = el('span', { class: share < 0 ? 'signed-bar below' : 'signed-bar above' });
  bar.style.setProperty('--share', String(Number.isNaN(share) ? 0 : Math.min(1, Math.abs(share))));
  return bar;
}
