import type { ForeignCode } from '../../shared/model';
import { el, fill } from '../dom';

/** The number of parts of the file that other programs would run as code; expands to a list. */
export function foreignCodeBadge(): {
  readonly element: HTMLElement;
  show(found: readonly ForeignCode[]): void;
} {
  const count = el('span', { class: 'badge' });
  const list = el('ul', { class: 'foreign-code-list' });
  const element = el(
    'details',
    { class: 'foreign-code', hidden: true },
    el('summary', {}, count, ' never run by Layerglass'),
    list,
  );
  return {
    element,
    show(found) {
      element.hidden = found.length === 0;
      count.textContent =
        found.length === 1 ? '1 part with foreign code' : `${found.length} parts with foreign code`;
      fill(list, ...found.map(({ path, what }) => el('li', {}, el('code', {}, path), ` ${what}`)));
    },
  };
}
