import type { ChannelSource } from '../../../shared/results/channels';
import { el } from '../../dom';
import { fieldView } from './fieldView';

/** Pixels between the pointer and the card, and between the card and the edges of the window. */
const DISTANCE = 16;
const EDGE = 8;

/** What one position of a layer sees of the input, beside the pointer. The enlarged channel says the same by keyboard. */
export function fieldCard(): {
  readonly element: HTMLElement;
  /** @param pointer in pixels of the window */
  show(
    source: ChannelSource,
    about: { readonly layer: string; readonly place: string; readonly position: readonly number[] },
    pointer: { readonly x: number; readonly y: number },
  ): void;
  hide(): void;
} {
  const place = el('p', { class: 'field-place' });
  const field = fieldView();
  const element = el(
    'div',
    { class: 'field-card', 'aria-hidden': 'true', hidden: true },
    place,
    field.element,
  );
  let shown: ChannelSource | null = null;
  return {
    element,
    show(source, about, { x, y }) {
      if (shown !== source) field.setSource(source, about.layer);
      shown = source;
      place.textContent = about.place;
      field.mark(about.position);
      element.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = element;
      const right = x + DISTANCE;
      const left = right + width + EDGE <= window.innerWidth ? right : Math.max(EDGE, x - DISTANCE - width);
      const top = Math.max(EDGE, Math.min(y - DISTANCE, window.innerHeight - height - EDGE));
      element.style.setProperty('left', `${left}px`);
      element.style.setProperty('top', `${top}px`);
    },
    hide() {
      element.hidden = true;
    },
  };
}
