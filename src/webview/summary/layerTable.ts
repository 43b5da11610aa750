import * as l10n from '@vscode/l10n';
import { byteText, fullCount, parameterText, shortCount } from '../../shared/amounts';
import { inputLabels, isOperation, joinNames, outputCounts } from '../../shared/connections';
import type { LayerRow } from '../../shared/model';
import { el, fill, setAttributes } from '../dom';
import { formatShape } from '../format';
import { icon } from '../icons';
import { button } from '../ui';
import { layerTree, matches, type TreeRow, visibleRows } from './layerTree';
import { nextSorting, type Sorting, type SortKey, sorted } from './sorting';

export interface RowActions {
  explain(layer: LayerRow): void;
  openLayer(layer: LayerRow): void;
  copyShape(layer: LayerRow): void;
}

const HEADS: readonly { readonly label: string; readonly className: string; readonly key: SortKey | null }[] =
  [
    { label: l10n.t('Layer'), className: 'name', key: 'name' },
    { label: l10n.t('Class'), className: '', key: 'className' },
    { label: l10n.t('Output shape'), className: '', key: 'shape' },
    { label: l10n.t('Parameters'), className: 'number', key: 'params' },
    { label: l10n.t('Multiply-adds'), className: 'number cost', key: 'multiplyAdds' },
    { label: l10n.t('Memory'), className: 'number cost', key: 'activationBytes' },
    { label: l10n.t('Activation'), className: 'computed', key: 'activation' },
    { label: l10n.t('Connected to'), className: 'computed', key: null },
  ];

/** The actions of the rows that are shown. */
type ShownActions = Omit<RowActions, 'explain'> & { readonly explain: RowActions['explain'] | null };

/**
 * The layers as a tree grid (ARIA pattern "treegrid", focus on rows). Up, Down, Home and End move; Right expands a nested
 * model, then moves to the row's actions; Left moves back, collapses, or moves to the parent; Enter explains.
 */
export function layerTable(
  actions: RowActions,
  onCount: (shown: number, total: number) => void,
): {
  readonly element: HTMLElement;
  /** @param areArrays they are layers and arrays of a file that does not describe its layers */
  show(layers: readonly LayerRow[], areArrays?: boolean): void;
  filter(text: string): void;
} {
  const body = el('tbody');
  const heads = HEADS.map(({ label, className, key }) => {
    const head = el('th', { scope: 'col', role: 'columnheader', class: className });
    if (key === null) {
      head.append(label);
      return { element: head, key };
    }
    const order = el('button', { type: 'button', class: 'sort', title: l10n.t('Sort by {0}', label) }, label);
    order.addEventListener('click', () => sortBy(nextSorting(sorting, key)));
    head.append(order);
    return { element: head, key };
  });
  const element = el(
    'table',
    { class: 'layers', role: 'treegrid', 'aria-label': l10n.t('Layers') },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ...heads.map(({ element }) => element),
        el(
          'th',
          { scope: 'col', class: 'actions', role: 'columnheader' },
          el('span', { class: 'hidden-text' }, l10n.t('Actions')),
        ),
      ),
    ),
    body,
  );

  let layers: readonly LayerRow[] = [];
  let counts = outputCounts(layers);
  let tree: readonly TreeRow[] = [];
  let words: readonly string[] = [];
  let rows: readonly TreeRow[] = [];
  let areArrays = false;
  let sorting: Sorting | null = null;
  const expanded = new Set<string>();

  const sortBy = (next: Sorting | null) => {
    sorting = next;
    for (const { element: head, key } of heads)
      setAttributes(head, { 'aria-sort': key !== null && key === next?.key ? next.direction : null });
    draw();
  };

  const draw = (focusPath?: string) => {
    rows = visibleRows(sorted(tree, sorting), expanded, words);
    const said = new Set<string>();
    const filtered = words.length > 0;
    fill(body, ...rows.map((row) => rowElement(row, filtered, said)));
    const index = Math.max(
      0,
      rows.findIndex((row) => row.layer.path === focusPath),
    );
    const home = body.rows[index];
    if (home) home.tabIndex = 0;
    if (focusPath !== undefined) home?.focus();
    onCount(filtered ? layers.filter((layer) => matches(layer, words)).length : layers.length, layers.length);
  };

  /** @param said the remarks above, which are not repeated */
  const rowElement = (row: TreeRow, isFiltered: boolean, said: Set<string>): HTMLTableRowElement => {
    const isOpen = isFiltered || expanded.has(row.layer.path);
    const isMatch = isFiltered && matches(row.layer, words);
    const shown = areArrays ? { ...actions, explain: null } : actions;
    const element = layerRow(row, isOpen, isMatch, counts, shown);
    addRemark(element, remark(row.layer), said);
    element.querySelector('.twistie')?.addEventListener('click', () => toggle(row.layer.path));
    return element;
  };

  const toggle = (path: string) => {
    if (!expanded.delete(path)) expanded.add(path);
    draw(path);
  };

  const focusRow = (index: number) => {
    const target = body.rows[Math.min(body.rows.length - 1, Math.max(0, index))];
    if (!target) return;
    for (const other of body.rows) other.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  };

  body.addEventListener('keydown', (event) => {
    const from = event.target instanceof HTMLElement ? event.target : null;
    const element = from?.closest('tr') ?? null;
    if (from === null || element === null) return;
    const index = element.rowIndex - 1;
    const row = rows[index];
    if (row === undefined) return;
    if (!handleKey(event.key, from, element, row, index)) return;
    event.preventDefault();
  });

  const handleKey = (
    key: string,
    from: HTMLElement,
    element: HTMLTableRowElement,
    row: TreeRow,
    index: number,
  ): boolean => {
    const { path, parent } = row.layer;
    const buttons = [...element.querySelectorAll<HTMLElement>('.actions vscode-button')];
    const at = buttons.indexOf(from);
    const isOpen = element.getAttribute('aria-expanded') === 'true';
    if (key === 'ArrowDown') focusRow(index + 1);
    else if (key === 'ArrowUp') focusRow(index - 1);
    else if (key === 'Home') focusRow(0);
    else if (key === 'End') focusRow(rows.length - 1);
    else if (key === 'ArrowRight') {
      if (at < 0 && row.children.length > 0 && !isOpen) toggle(path);
      else buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    } else if (key === 'ArrowLeft') {
      if (at > 0) buttons[at - 1]?.focus();
      else if (at === 0) focusRow(index);
      else if (row.children.length > 0 && isOpen && words.length === 0) toggle(path);
      else if (parent !== null) focusRow(rows.findIndex((other) => other.layer.path === parent));
    } else if (key === 'Enter' && at < 0) (areArrays ? actions.openLayer : actions.explain)(row.layer);
    else return false;
    return true;
  };

  return {
    element,
    show(next, arrays = false) {
      layers = next;
      areArrays = arrays;
      element.classList.toggle('arrays', arrays);
      const shapeHead = element.tHead?.rows[0]?.cells[2];
      if (shapeHead) shapeHead.textContent = arrays ? l10n.t('Shape') : l10n.t('Output shape');
      if (arrays) for (const { path, isModel } of next) if (isModel) expanded.add(path);
      counts = outputCounts(next);
      tree = layerTree(next);
      draw();
    },
    filter(text) {
      words = text.toLowerCase().split(/\s+/).filter(Boolean);
      draw();
    },
  };
}

function layerRow(
  { layer, level, children }: TreeRow,
  isOpen: boolean,
  isMatch: boolean,
  counts: ReadonlyMap<string, number>,
  actions: ShownActions,
): HTMLTableRowElement {
  const hasChildren = children.length > 0;
  const twistie = el(
    'span',
    { class: 'twistie', 'aria-hidden': 'true' },
    hasChildren ? icon('chevronRight') : null,
  );
  const name = el(
    'td',
    { role: 'gridcell', class: 'name' },
    twistie,
    el('span', {}, layer.name),
    callBadge(layer),
  );
  name.style.setProperty('--level', String(level));
  const element = el(
    'tr',
    {
      role: 'row',
      tabindex: -1,
      'aria-level': level,
      'aria-expanded': hasChildren ? String(isOpen) : null,
      'data-path': layer.path,
      class: [layer.status === 'unknown' ? 'unknown' : '', isMatch ? 'match' : ''].join(' ').trim() || null,
      title: layer.path,
    },
    name,
    el('td', { role: 'gridcell' }, layer.className),
    el('td', { role: 'gridcell', class: 'shape' }, ...shapeLines(layer)),
    el('td', { role: 'gridcell', class: 'number' }, parameterText(layer.params, layer.paramsAreLowerBound)),
    costCell(layer.multiplyAdds, shortCount(layer.multiplyAdds), fullCount(layer.multiplyAdds)),
    costCell(
      layer.activationBytes,
      byteText(layer.activationBytes),
      l10n.t('{0} bytes', fullCount(layer.activationBytes)),
    ),
    el('td', { role: 'gridcell', class: 'computed' }, layer.activation ?? ''),
    el('td', { role: 'gridcell', class: 'inbound quiet computed' }, joinNames(inputLabels(layer, counts))),
    el('td', { role: 'gridcell', class: 'actions' }, ...actionButtons(layer, actions)),
  );
  return element;
}

/** Says a remark once; where it holds again, a mark stands for it. */
function addRemark(row: HTMLElement, text: string | null, said: Set<string>): void {
  if (text === null) return;
  const mark = said.has(text)
    ? el(
        'span',
        { class: 'remark-mark', title: text },
        icon('warning'),
        el('span', { class: 'hidden-text' }, text),
      )
    : el('span', { class: 'remark' }, icon('warning'), text);
  said.add(text);
  row.querySelector('.name')?.append(mark);
}

/** The cost of one example, rounded, with the exact number as tooltip. */
function costCell(amount: number | null, rounded: string, exact: string): HTMLElement {
  const quiet = amount === 0 || amount === null;
  const attributes = { role: 'gridcell', class: quiet ? 'number cost quiet' : 'number cost', title: exact };
  return el('td', attributes, rounded);
}

/** Which call of a layer that is called several times a row is; the path of the second ends in `@2`. */
function callBadge({ calls, path }: LayerRow): HTMLElement | null {
  if (calls < 2) return null;
  const number =
    path
      .match(/@(\d+)(?=\/|$)/g)
      ?.at(-1)
      ?.slice(1) ?? '1';
  return el(
    'span',
    { class: 'badge', title: l10n.t('Called {0} times, here for time {1}', calls, number) },
    l10n.t('call {0} of {1}', number, calls),
  );
}

/** One line per output; for a nested model with the layer it comes from. */
function shapeLines({ outputShapes, outputOrigins }: LayerRow): HTMLElement[] {
  return outputShapes.map((shape, i) => {
    const origin = outputOrigins?.[i]?.path;
    const several = outputShapes.length > 1;
    return el(
      'span',
      { class: 'shape-line' },
      several ? el('span', { class: 'quiet' }, `${i}: `) : null,
      formatShape(shape),
      several && origin !== undefined ? el('span', { class: 'quiet' }, ` ${origin}`) : null,
    );
  });
}

/** Why the values of a row are unknown, or its notice. */
function remark(row: LayerRow): string | null {
  const { status, className, unknownBecause, path, notice } = row;
  if (status === 'unknown' && !isOperation(row))
    return l10n.t('Layerglass does not know the class {0} and never runs it.', className);
  if (unknownBecause !== undefined && unknownBecause !== path)
    return l10n.t('Unknown because of {0}.', unknownBecause);
  return notice ?? null;
}

function actionButtons(layer: LayerRow, { explain, ...actions }: ShownActions): HTMLElement[] {
  const make = (label: string, drawing: 'explain' | 'values' | 'copy', onPress: () => void) => {
    const { element } = button({
      label: `${label}: ${layer.name}`,
      kind: 'icon',
      content: icon(drawing),
      title: label,
      onPress,
    });
    // The table has one tab stop, the row; its actions are reached with the right arrow key.
    setAttributes(element, { tabindex: -1 });
    return element;
  };
  return [
    ...(explain === null ? [] : [make(l10n.t('Explain Here'), 'explain', () => explain(layer))]),
    make(l10n.t('Show Layer Values'), 'values', () => actions.openLayer(layer)),
    make(l10n.t('Copy Shape'), 'copy', () => actions.copyShape(layer)),
  ];
}
