import * as l10n from '@vscode/l10n';
import { el } from '../../dom';
import { button } from '../../ui';

/** Two buttons and a sentence that page through a long list. @param onPage the first row of the page */
export function pager(count: number, size: number, onPage: (from: number) => void): HTMLElement {
  let from = 0;
  const text = el('span', { class: 'quiet', 'aria-live': 'polite' });
  const go = (to: number) => {
    from = Math.min(Math.max(0, to), Math.floor(Math.max(0, count - 1) / size) * size);
    text.textContent = l10n.t('{0} to {1} of {2}', from, Math.min(count, from + size) - 1, count);
    previous.setEnabled(from > 0);
    next.setEnabled(from + size < count);
    onPage(from);
  };
  const previous = button({
    label: l10n.t('Previous page'),
    content: '‹',
    onPress: () => go(from - size),
  });
  const next = button({ label: l10n.t('Next page'), content: '›', onPress: () => go(from + size) });
  const element = el('div', { class: 'edit-pager' }, previous.element, text, next.element);
  element.hidden = count <= size;
  go(0);
  return element;
}
