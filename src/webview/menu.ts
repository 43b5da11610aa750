import { el, setAttributes, uniqueId } from './dom';
import { icon } from './icons';
import { button } from './ui';

export interface MenuItem {
  readonly label: string;
  onPress(): void;
}

/** A button with a menu: arrow keys move in it, Escape closes it and returns the focus to the button. */
export function menuButton(
  label: string,
  items: readonly MenuItem[],
): { readonly element: HTMLElement; setEnabled(enabled: boolean): void } {
  const menu = el('div', {
    class: 'menu',
    role: 'menu',
    id: uniqueId('menu'),
    'aria-label': label,
    hidden: true,
  });
  const opener = button({
    label,
    content: el('span', { class: 'menu-label' }, label, icon('chevronDown')),
    onPress: () => (menu.hidden ? open() : close()),
  });
  setAttributes(opener.element, { 'aria-haspopup': 'menu', 'aria-expanded': 'false' });
  const element = el('div', { class: 'menu-button' }, opener.element, menu);

  const rows = items.map((item) => {
    const row = el('div', { role: 'menuitem', tabindex: -1 }, item.label);
    row.addEventListener('click', () => {
      close();
      item.onPress();
    });
    return row;
  });
  menu.append(...rows);

  const open = () => {
    menu.hidden = false;
    setAttributes(opener.element, { 'aria-expanded': 'true' });
    rows[0]?.focus();
  };
  const close = () => {
    if (menu.hidden) return;
    const hadFocus = menu.contains(document.activeElement);
    menu.hidden = true;
    setAttributes(opener.element, { 'aria-expanded': 'false' });
    if (hadFocus) opener.element.focus();
  };

  menu.addEventListener('keydown', (event) => {
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const target = {
      ArrowDown: rows[(at + 1) % rows.length],
      ArrowUp: rows[(at - 1 + rows.length) % rows.length],
      Home: rows[0],
      End: rows[rows.length - 1],
    }[event.key];
    if (target) target.focus();
    else if (event.key === 'Enter' || event.key === ' ') rows[at]?.click();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    if (event.key !== 'Tab') event.preventDefault();
  });
  element.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) close();
  });

  return { element, setEnabled: opener.setEnabled };
}
