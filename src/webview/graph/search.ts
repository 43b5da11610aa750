import * as l10n from '@vscode/l10n';
import { el } from '../dom';
import { button, textField } from '../ui';

/** A search with next and previous: Enter and Shift+Enter do the same. */
export function searchField(actions: {
  /** @returns what was found, in order */
  find(query: string): readonly number[];
  go(node: number): void;
}): { readonly element: HTMLElement; repeat(): void } {
  let query = '';
  let nodes: readonly number[] = [];
  let at = -1;
  const count = el('span', { class: 'quiet found', role: 'status' });
  const say = () => {
    const place = at < 0 ? l10n.t('{0} found', nodes.length) : l10n.t('{0} of {1}', at + 1, nodes.length);
    count.textContent = query.trim() === '' ? '' : nodes.length === 0 ? l10n.t('Nothing found') : place;
    for (const one of [previous, next]) one.setEnabled(nodes.length > 0);
  };
  const step = (by: number) => {
    if (nodes.length === 0) return;
    at = at < 0 && by < 0 ? nodes.length - 1 : (at + by + nodes.length) % nodes.length;
    say();
    const node = nodes[at];
    if (node !== undefined) actions.go(node);
  };
  const search = (text: string) => {
    query = text;
    nodes = actions.find(text);
    at = -1;
    say();
  };
  const previous = button({
    label: l10n.t('Previous'),
    content: '↑',
    title: l10n.t('Previous (Shift+Enter)'),
    onPress: () => step(-1),
  });
  const next = button({
    label: l10n.t('Next'),
    content: '↓',
    title: l10n.t('Next (Enter)'),
    onPress: () => step(1),
  });
  const text = textField({
    label: l10n.t('Search the graph'),
    placeholder: l10n.t('Search name, class or shape'),
    onInput: search,
  });
  text.element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  const element = el(
    'div',
    { class: 'search', role: 'search' },
    text.element,
    el('div', { class: 'joined' }, previous.element, next.element),
    count,
  );
  say();
  return { element, repeat: () => search(query) };
}
