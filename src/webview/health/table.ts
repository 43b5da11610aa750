import * as l10n from '@vscode/l10n';
import type { FirstBad, HealthRow } from '../../shared/results/health';
import { el, fill, setAttributes } from '../dom';
import { fadingEdges } from '../scrolling/fadingEdges';
import { COLUMNS, type Column, type Direction, sorted, stageText } from './columns';

/** Of a row, in pixels, as in the style sheet. */
const ROW_HEIGHT = 28;
/** Rows that are drawn above and below what is visible. */
const MARGIN = 20;

export interface HealthTableActions {
  onOpen(row: HealthRow): void;
  onCount(shown: number, total: number): void;
}

/**
 * All layers with their statistics, sorted by a column, filtered by words. Only the rows near what is visible are in the page, so that thousands
 * stay usable. One row is in the tab order: arrow keys, Page Up, Page Down, Home and End move, Enter and Space open the layer.
 */
export function healthTable(actions: HealthTableActions): {
  readonly element: HTMLElement;
  show(rows: readonly HealthRow[], firstBad: FirstBad | null): void;
  filter(text: string): void;
} {
  let rows: readonly HealthRow[] = [];
  let badPath: string | null = null;
  let words: readonly string[] = [];
  /** `null` for graph order. */
  let order: { readonly column: Column; readonly direction: Direction } | null = null;
  let shown: readonly HealthRow[] = [];
  let focused = 0;

  const heads = COLUMNS.map((column) => {
    const head = el(
      'th',
      { scope: 'col', class: column.isNumber ? 'number' : null, title: column.title, 'aria-sort': 'none' },
      el('button', { type: 'button', class: 'sort' }, column.label),
    );
    head.addEventListener('click', () => sortBy(column));
    return { column, head };
  });
  const above = el('tbody', { 'aria-hidden': 'true' });
  const body = el('tbody');
  const below = el('tbody', { 'aria-hidden': 'true' });
  const table = el(
    'table',
    { class: 'health', 'aria-label': l10n.t('Layers') },
    el('thead', {}, el('tr', { 'aria-rowindex': 1 }, ...heads.map(({ head }) => head))),
    ...[above, body, below],
  );
  const element = el('div', { class: 'health-frame' }, table);
  fadingEdges(element);
  element.addEventListener('scroll', () => draw(), { passive: true });
  new ResizeObserver(() => draw()).observe(element);

  const sortBy = (column: Column) => {
    const first: Direction = column.isNumber ? 'descending' : 'ascending';
    const second: Direction = column.isNumber ? 'ascending' : 'descending';
    if (order?.column !== column) order = { column, direction: first };
    else order = order.direction === first ? { column, direction: second } : null;
    for (const { column: other, head } of heads)
      head.setAttribute('aria-sort', other === order?.column ? order.direction : 'none');
    arrange();
  };

  const arrange = () => {
    const matching = rows.filter((row) => matches(row, words));
    shown = order === null ? matching : sorted(matching, order.column, order.direction);
    focused = 0;
    element.scrollTop = 0;
    setAttributes(table, { 'aria-rowcount': shown.length + 1 });
    draw();
    actions.onCount(shown.length, rows.length);
  };

  /** The rows near what is visible, and room for the others. */
  const draw = () => {
    const hadFocus = body.contains(document.activeElement);
    const first = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - MARGIN);
    const count = Math.ceil(Math.max(element.clientHeight, 1) / ROW_HEIGHT) + 2 * MARGIN;
    const last = Math.min(shown.length, first + count);
    space(above, first);
    fill(body, ...shown.slice(first, last).map((row, i) => rowElement(row, first + i)));
    space(below, shown.length - last);
    if (hadFocus) rowAt(focused)?.focus({ preventScroll: true });
  };

  const rowElement = (row: HealthRow, index: number): HTMLElement => {
    const isBad = row.path === badPath;
    const element = el(
      'tr',
      {
        tabindex: index === focused ? 0 : -1,
        'aria-rowindex': index + 2,
        'data-index': index,
        'data-path': row.path,
        'data-stage': row.stage,
        class: isBad ? 'first-bad' : null,
        title: l10n.t('Show the values of {0}', row.path),
      },
      ...COLUMNS.map((column, i) => {
        const cell = column.cell(row);
        return i === 0
          ? el('th', { scope: 'row' }, cell)
          : el('td', { class: column.isNumber ? 'number' : null }, cell);
      }),
    );
    element.addEventListener('click', () => actions.onOpen(row));
    return element;
  };

  const rowAt = (index: number): HTMLElement | null =>
    body.querySelector<HTMLElement>(`[data-index="${index}"]`);

  const focusRow = (index: number) => {
    focused = Math.max(0, Math.min(shown.length - 1, index));
    const head = table.tHead?.offsetHeight ?? 0;
    const top = focused * ROW_HEIGHT;
    const room = element.clientHeight - head - ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - room;
    draw();
    rowAt(focused)?.focus({ preventScroll: true });
  };

  body.addEventListener('focusin', (event) => {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    if (row?.dataset.index !== undefined) focused = Number(row.dataset.index);
  });
  body.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: focused + 1,
      ArrowUp: focused - 1,
      PageDown: focused + page,
      PageUp: focused - page,
      Home: 0,
      End: shown.length - 1,
    };
    const row = shown[focused];
    const to = moves[event.key];
    if (to !== undefined) focusRow(to);
    else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) actions.onOpen(row);
    else return;
    event.preventDefault();
  });

  return {
    element,
    show(next, firstBad) {
      rows = next;
      badPath = firstBad?.path ?? null;
      arrange();
    },
    filter(text) {
      words = text.toLowerCase().split(/\s+/).filter(Boolean);
      arrange();
    },
  };
}

/** Every word is part of the path, the class or the stage. */
function matches({ path, className, stage }: HealthRow, words: readonly string[]): boolean {
  const text = `${path} ${className} ${stageText(stage)}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function space(body: HTMLElement, rows: number): void {
  fill(body, rows > 0 ? el('tr', {}, el('td', { colspan: COLUMNS.length, class: 'space' })) : null);
  const cell = body.querySelector('td');
  if (cell) cell.style.height = `${rows * ROW_HEIGHT}px`;
}
