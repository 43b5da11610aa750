import * as l10n from '@vscode/l10n';
import type { ComparedModel } from '../../shared/compare/compareView';
import type { LayerComparison, LayerStatus } from '../../shared/compare/comparison';
import { changeText, reasonTexts, statusText } from '../../shared/compare/comparisonText';
import { el, fill, setAttributes, uniqueId } from '../dom';
import { formatExtent, formatShape } from '../format';
import { type IconName, icon } from '../icons';
import { button } from '../ui';

export interface LayerTableActions {
  onOpen(model: ComparedModel, layer: string): void;
  onCount(shown: number, total: number): void;
}

/** Rows that are drawn at first, and with each press of "Show More". */
const BATCH = 500;

const ICONS: Readonly<Record<LayerStatus, IconName>> = {
  same: 'check',
  changed: 'edit',
  added: 'add',
  removed: 'remove',
};

/** The layers of both models, one row each; what differs in a layer opens below its row. */
export function layerTable(actions: LayerTableActions): {
  readonly element: HTMLElement;
  /** @param isCode whether model B is what code builds, which has neither weights nor values */
  show(layers: readonly LayerComparison[], first: string | null, isCode: boolean): void;
  filter(words: string, onlyDifferences: boolean): void;
  /** Opens the row of a layer and moves the focus to it. */
  reveal(path: string): void;
} {
  let layers: readonly LayerComparison[] = [];
  let first: string | null = null;
  let isCode = false;
  let words: readonly string[] = [];
  let onlyDifferences = true;
  let limit = BATCH;
  const open = new Set<string>();
  const body = el('tbody');
  const heads = [l10n.t('Layer'), l10n.t('Class'), l10n.t('Status'), l10n.t('Weights'), l10n.t('Values')].map(
    (text, i) => el('th', { scope: 'col', class: i > 2 ? 'number' : null }, text),
  );
  setAttributes(heads[3] ?? body, { title: l10n.t('Norm of the difference, relative to the norm of A') });
  setAttributes(heads[4] ?? body, {
    title: l10n.t('Largest difference, relative to the largest value of the layer'),
  });
  const table = el(
    'table',
    { class: 'layers', 'aria-label': l10n.t('Layers of both models') },
    el('thead', {}, el('tr', {}, ...heads)),
    body,
  );
  const none = el('p', { class: 'quiet none', hidden: true });
  const more = button({
    label: l10n.t('Show More'),
    onPress: () => {
      limit += BATCH;
      draw();
    },
  });
  more.element.hidden = true;

  const draw = () => {
    const matching = layers.filter((layer) => matches(layer, words, onlyDifferences));
    const shown = matching.slice(0, limit);
    fill(body, ...shown.flatMap((layer) => rowsOf(layer)));
    table.hidden = matching.length === 0;
    none.hidden = matching.length > 0;
    none.textContent =
      words.length > 0 ? l10n.t('No layer matches the filter.') : l10n.t('No layer differs.');
    more.element.hidden = shown.length === matching.length;
    actions.onCount(matching.length, layers.length);
  };

  const rowOf = (path: string): HTMLElement | undefined =>
    [...body.querySelectorAll<HTMLElement>('tr[data-path]')].find((row) => row.dataset.path === path);

  /** The layer in whose row, or in what is unfolded below it, the focus is. */
  const focusedPath = (): string | undefined => {
    if (!body.contains(document.activeElement)) return undefined;
    const row = document.activeElement?.closest('tr');
    const own = row?.classList.contains('details-row') ? row.previousElementSibling : row;
    return own instanceof HTMLElement ? own.dataset.path : undefined;
  };

  const rowsOf = (layer: LayerComparison): HTMLElement[] => {
    const { path, otherPath, className, status, weightChange, valueChange, valuesPart } = layer;
    const id = uniqueId('details');
    const details = el('tr', { id, class: 'details-row', hidden: !open.has(path) });
    const toggle = el(
      'button',
      { type: 'button', class: 'toggle', 'aria-expanded': String(open.has(path)), 'aria-controls': id },
      icon('chevronRight'),
      el('span', {}, otherPath === null ? path : `${path} = ${otherPath}`),
    );
    const isFirst = path === first;
    const row = el(
      'tr',
      { 'data-path': path, 'data-status': status, class: isFirst ? 'first' : null },
      el('th', { scope: 'row' }, toggle),
      el('td', {}, className),
      el('td', {}, el('span', { class: `status ${status}` }, icon(ICONS[status]), ` ${statusText(status)}`)),
      el('td', { class: weightChange ? 'number differs' : 'number' }, changeText(weightChange)),
      el(
        'td',
        { class: valuesPart ? 'number differs' : 'number' },
        valuesPart && valueChange === null ? l10n.t('other shape') : changeText(valueChange),
      ),
    );
    const toggled = () => {
      const isOpen = !open.has(path);
      if (isOpen) open.add(path);
      else open.delete(path);
      toggle.setAttribute('aria-expanded', String(isOpen));
      details.hidden = !isOpen;
      if (isOpen) fill(details, detailsOf(layer));
    };
    toggle.addEventListener('click', toggled);
    if (open.has(path)) fill(details, detailsOf(layer));
    return [row, details];
  };

  const detailsOf = (layer: LayerComparison): HTMLElement => {
    const { path, otherPath, status, shapes, params, weights } = layer;
    const reasons = reasonTexts(layer);
    const opener = (model: ComparedModel, label: string, at: string) =>
      button({ label, onPress: () => actions.onOpen(model, at) }).element;
    const openerOfB = (own: string, other: string) =>
      isCode ? opener('b', l10n.t('Show in Code'), own) : opener('b', l10n.t('Show in B'), other);
    return el(
      'td',
      { colspan: heads.length },
      el(
        'p',
        { class: 'details quiet' },
        ...shapes.map((shape) => el('span', {}, formatShape(shape))),
        el('span', {}, l10n.t('{0} parameters', params.toLocaleString('en-US'))),
      ),
      reasons.length === 0
        ? el('p', {}, sameText())
        : el('ul', { class: 'reasons' }, ...reasons.map((reason) => el('li', {}, reason))),
      weights.length === 0 ? null : weightTable(weights),
      el(
        'div',
        { class: 'openers' },
        status === 'added' ? null : opener('a', l10n.t('Show in A'), path),
        status === 'removed' ? null : openerOfB(path, otherPath ?? path),
      ),
    );
  };

  const sameText = () =>
    isCode
      ? l10n.t('Class, arguments, output and parameters are the same, as far as the code says.')
      : l10n.t('Class, arguments, inputs and weights are the same.');

  return {
    element: el('div', { class: 'layers-frame' }, table, none, more.element),
    show(next, nextFirst, nextIsCode) {
      layers = next;
      first = nextFirst;
      isCode = nextIsCode;
      table.classList.toggle('of-code', isCode);
      limit = BATCH;
      // What is compared again stays as the reader had it.
      const paths = new Set(next.map(({ path }) => path));
      for (const path of open) if (!paths.has(path)) open.delete(path);
      const focused = focusedPath();
      draw();
      if (focused !== undefined) rowOf(focused)?.querySelector('button')?.focus();
    },
    filter(text, only) {
      words = text.toLowerCase().split(/\s+/).filter(Boolean);
      onlyDifferences = only;
      limit = BATCH;
      draw();
    },
    reveal(path) {
      open.add(path);
      limit = Math.max(limit, layers.length);
      draw();
      const toggle = rowOf(path)?.querySelector('button');
      toggle?.scrollIntoView({ block: 'center' });
      toggle?.focus();
    },
  };
}

function weightTable(weights: LayerComparison['weights']): HTMLElement {
  const extent = (shape: readonly number[] | null): string => (shape === null ? '' : formatExtent(shape));
  const head = [l10n.t('Weight'), l10n.t('Shape in A'), l10n.t('Shape in B'), l10n.t('Difference')];
  return el(
    'table',
    { class: 'weights', 'aria-label': l10n.t('Weights') },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ...head.map((text, i) => el('th', { scope: 'col', class: i > 2 ? 'number' : null }, text)),
      ),
    ),
    el(
      'tbody',
      {},
      ...weights.map(({ name, shapes, change }) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, name),
          el('td', {}, extent(shapes.a)),
          el('td', {}, extent(shapes.b)),
          el('td', { class: 'number' }, change === null ? l10n.t('other shape') : changeText(change)),
        ),
      ),
    ),
  );
}

/** Every word is part of a path, the class or the status. */
function matches(layer: LayerComparison, words: readonly string[], onlyDifferences: boolean): boolean {
  const { path, otherPath, className, status, valuesPart } = layer;
  if (onlyDifferences && status === 'same' && valuesPart !== true) return false;
  const text = `${path} ${otherPath ?? ''} ${className} ${statusText(status)}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
