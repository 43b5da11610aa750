import type { InputPosition } from '../../../shared/sources/inputPosition';
import { el } from '../../dom';
import { button } from '../../ui';
import './stepper.css';

const NOUNS: Readonly<Record<InputPosition['kind'], string>> = {
  samples: 'sample',
  rows: 'row',
  sequences: 'sequence',
  files: 'file',
};

/** Elements that take letters themselves. */
const TAKES_KEYS = 'input, select, textarea, [contenteditable], [role=combobox]';

/**
 * Steps to the previous or next sample, row, sequence or file while method, layer and target stay: two buttons, and the keys P and N.
 *
 * @param onStep to another position, from 0
 */
export function stepper(onStep: (at: number) => void): {
  readonly element: HTMLElement;
  /** @param position `null` where there is nothing to step through */
  show(position: InputPosition | null): void;
} {
  let shown: InputPosition | null = null;
  const go = (by: number) => {
    const at = (shown?.at ?? 0) + by;
    if (shown !== null && at >= 0 && at < shown.count) onStep(at);
  };
  const previous = button({ label: 'Previous', content: '‹', onPress: () => go(-1) });
  const next = button({ label: 'Next', content: '›', onPress: () => go(1) });
  const text = el('span', { class: 'step-position', 'aria-live': 'polite' });
  const element = el(
    'div',
    { class: 'stepper', role: 'group', 'aria-label': 'Inputs', hidden: true },
    previous.element,
    text,
    next.element,
  );
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(TAKES_KEYS) !== null) return;
    const key = event.key.toLowerCase();
    if (key === 'p') go(-1);
    if (key === 'n') go(1);
  });
  return {
    element,
    show(position) {
      shown = position;
      element.hidden = position === null;
      if (position === null) return;
      const { kind, at, count } = position;
      const noun = NOUNS[kind];
      text.textContent = `${noun} ${at + 1} of ${count}`;
      for (const [one, name, isThere, key] of [
        [previous, 'Previous', at > 0, 'P'],
        [next, 'Next', at < count - 1, 'N'],
      ] as const) {
        one.setEnabled(isThere);
        one.element.setAttribute('aria-label', `${name} ${noun}`);
        one.element.title = `${name} ${noun} (${key})`;
      }
    },
  };
}
