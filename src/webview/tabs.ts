import { el, uniqueId } from './dom';

export interface TabRow<Id extends string> {
  readonly id: Id;
  readonly label: string;
  /** What the tab shows; hidden while another one is chosen. */
  readonly panel: HTMLElement;
}

/**
 * Tabs above their panels, after the pattern of the ARIA Authoring Practices: one tab is in the tab order, the arrow keys,
 * Home and End choose another one.
 * @param onChange the user chose another tab
 */
export function tabList<Id extends string>(
  name: string,
  rows: readonly TabRow<Id>[],
  onChange: (id: Id) => void,
): {
  readonly element: HTMLElement;
  /** Shows a tab without a report to `onChange`. */
  choose(id: Id): void;
} {
  const tabs = rows.map(({ id, label, panel }) => {
    const tab = el('button', { type: 'button', role: 'tab', id: uniqueId('tab') }, label);
    panel.id ||= uniqueId('tabpanel');
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', tab.id);
    tab.setAttribute('aria-controls', panel.id);
    return { id, tab, panel };
  });
  let chosen = -1;

  const choose = (next: number) => {
    chosen = next;
    for (const [i, { tab, panel }] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(i === next));
      tab.tabIndex = i === next ? 0 : -1;
      panel.hidden = i !== next;
    }
  };
  const chooseByUser = (next: number) => {
    const row = tabs[next];
    if (row === undefined || next === chosen) return;
    choose(next);
    onChange(row.id);
  };
  for (const [i, { tab }] of tabs.entries()) tab.addEventListener('click', () => chooseByUser(i));
  const last = tabs.length - 1;
  const element = el(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': name },
    ...tabs.map(({ tab }) => tab),
  );
  element.addEventListener('keydown', ({ key, altKey, ctrlKey, metaKey }) => {
    if (altKey || ctrlKey || metaKey) return;
    if (key === 'ArrowRight') chooseByUser(chosen === last ? 0 : chosen + 1);
    else if (key === 'ArrowLeft') chooseByUser(chosen === 0 ? last : chosen - 1);
    else if (key === 'Home') chooseByUser(0);
    else if (key === 'End') chooseByUser(last);
    else return;
    tabs[chosen]?.tab.focus();
  });
  choose(0);
  return {
    element,
    choose: (id) =>
      choose(
        Math.max(
          0,
          rows.findIndex((row) => row.id === id),
        ),
      ),
  };
}
