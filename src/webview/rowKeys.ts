/**
 * The keys of a table whose rows can be chosen: arrow keys, Home and End move the focus between rows, Enter and Space click
 * the focused one. Exactly one row has tabindex 0.
 */
export function rowKeys(body: HTMLTableSectionElement): { setHome(row: HTMLElement | undefined): void } {
  const setHome = (row: HTMLElement | undefined) => {
    for (const other of body.rows) other.tabIndex = -1;
    if (row) row.tabIndex = 0;
  };
  const focusRow = (row: Element | null | undefined) => {
    if (!(row instanceof HTMLElement)) return;
    setHome(row);
    row.focus();
  };
  body.addEventListener('keydown', (event) => {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    if (row === null) return;
    if (event.key === 'ArrowDown') focusRow(row.nextElementSibling);
    else if (event.key === 'ArrowUp') focusRow(row.previousElementSibling);
    else if (event.key === 'Home') focusRow(body.firstElementChild);
    else if (event.key === 'End') focusRow(body.lastElementChild);
    else if (event.key === 'Enter' || event.key === ' ') row.click();
    else return;
    event.preventDefault();
  });
  return { setHome };
}
