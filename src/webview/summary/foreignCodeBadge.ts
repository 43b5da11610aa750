import * as l10n from '@vscode/l10n';
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
    el('summary', {}, count, ` ${l10n.t('never run by Layerglass')}`),
    list,
  );
  return {
    element,
    show(found) {
      element.hidden = found.length === 0;
      count.textContent =
        found.length === 1
          ? l10n.t('1 part with foreign code')
          : l10n.t('{0} parts with foreign code', found.length);
      fill(list, ...found.map(({ path, what }) => el('li', {}, el('code', {}, path), ` ${what}`)));
    },
  };
}
