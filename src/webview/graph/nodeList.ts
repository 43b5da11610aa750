import * as l10n from '@vscode/l10n';
import { callText, paramsCount, paramsText, shapesText } from '../../shared/graphView/boxes';
import type { GraphLayout } from '../../shared/graphView/layout';
import type { ViewGraph, ViewNode } from '../../shared/graphView/viewGraph';
import { el, fill } from '../dom';
import { fadingEdges } from '../scrolling/fadingEdges';
import type { Amounts } from './amounts';
import { sourcesOf } from './navigation';

/** A graph of 10,000 operations would take seconds as a table; the search finds the others. */
const MAX_ROWS = 500;
const MAX_INPUTS = 6;

/** The boxes that are shown as a table, beside the canvas: for screen readers, and to read off exact names. */
export function nodeList(onPick: (node: number) => void): {
  readonly element: HTMLElement;
  /** @param amounts a column of their own, where the other columns do not have them */
  show(graph: ViewGraph, layout: GraphLayout, amounts: Amounts | null): void;
  mark(node: number | null): void;
} {
  const body = el('tbody');
  const note = el('p', { class: 'quiet', hidden: true });
  const head = [
    l10n.t('Name'),
    l10n.t('Class'),
    l10n.t('Output'),
    l10n.t('Parameters'),
    l10n.t('Inputs'),
  ].map((title) => el('th', { scope: 'col' }, title));
  const extra = el('th', { scope: 'col', class: 'number' });
  const heads = el('tr', {}, ...head);
  const table = el(
    'table',
    { class: 'nodes', 'aria-label': l10n.t('Boxes of the graph') },
    el('thead', {}, heads),
    body,
  );
  let rows = new Map<number, HTMLElement>();
  body.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    if (row?.dataset.node !== undefined) onPick(Number(row.dataset.node));
  });
  const element = el('aside', { class: 'list', 'aria-label': l10n.t('List of boxes') }, note, table);
  fadingEdges(element);
  return {
    element,
    show(graph, { folded }, amounts) {
      const column = amounts?.by === 'params' ? null : amounts;
      extra.textContent = column?.title ?? '';
      fill(heads, ...(column === null ? head : head.toSpliced(1, 0, extra)));
      const shown = folded.boxes.slice(0, MAX_ROWS);
      note.hidden = shown.length === folded.boxes.length;
      note.textContent = l10n.t(
        'The first {0} of {1} boxes. The search finds the others.',
        ...[MAX_ROWS, folded.boxes.length.toLocaleString('en-US')],
      );
      rows = new Map(
        shown.flatMap((node) => {
          const box = graph.nodes[node];
          return box === undefined
            ? []
            : [[node, rowOf(node, box, inputsOf(graph, sourcesOf(folded, node)), column?.of(node))]];
        }),
      );
      fill(body, ...rows.values());
    },
    mark(node) {
      for (const [one, row] of rows) {
        const isMarked = one === node;
        row.classList.toggle('marked', isMarked);
        if (isMarked) row.setAttribute('aria-current', 'true');
        else row.removeAttribute('aria-current');
        if (isMarked) row.scrollIntoView({ block: 'nearest' });
      }
    },
  };
}

function inputsOf({ nodes }: ViewGraph, sources: readonly number[]): string {
  const names = sources.slice(0, MAX_INPUTS).map((source) => nodes[source]?.path ?? '');
  const rest = sources.length - names.length;
  return rest > 0 ? l10n.t('{0} and {1} more', names.join(', '), rest) : names.join(', ');
}

/** @param amount `undefined` where there is no such column */
function rowOf(node: number, box: ViewNode, inputs: string, amount?: string): HTMLElement {
  const name = el(
    'button',
    { type: 'button', class: 'link', title: box.path },
    box.kind === 'output' ? box.label : box.path,
  );
  const kind =
    box.kind === 'output'
      ? l10n.t('output')
      : [box.className, callText(box)].filter((part) => part !== '').join(', ');
  return el(
    'tr',
    { 'data-node': node, 'data-path': box.path },
    el('td', {}, name),
    ...(amount === undefined ? [] : [el('td', { class: 'number' }, amount)]),
    el('td', {}, kind),
    el('td', { class: 'shape' }, shapesText(box)),
    el('td', { class: 'number' }, paramsCount(box)),
    el('td', { class: 'quiet inputs', title: inputs === '' ? null : inputs }, inputs),
  );
}

/** What a screen reader says about a box that is marked. */
export function spoken(
  graph: ViewGraph,
  { folded }: GraphLayout,
  node: number,
  amounts: Amounts | null,
): string {
  const box = graph.nodes[node];
  if (box === undefined) return '';
  const inputs = inputsOf(graph, sourcesOf(folded, node));
  return [
    box.path,
    box.kind === 'output' ? l10n.t('output') : box.className,
    callText(box),
    l10n.t('output {0}', shapesText(box)),
    paramsText(box),
    amounts === null || amounts.by === 'params' || amounts.of(node) === ''
      ? ''
      : `${amounts.title} ${amounts.of(node)}`,
    inputs === '' ? '' : l10n.t('inputs {0}', inputs),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
