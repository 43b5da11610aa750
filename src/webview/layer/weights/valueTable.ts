import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../../shared/errors';
import { floatText } from '../../../shared/numberText';
import type { WeightValues } from '../../../shared/results/weights';
import { el, fill } from '../../dom';
import { signedBar } from '../../signedBar';
import { pagedItems } from './pages';
import { virtualRows } from './virtualRows';

const PAGE = 200;
/** In pixels, as in the style sheet. */
const ROW_HEIGHT = 26;

/** A weight with one number for each unit or channel. */
export interface ValueColumn {
  readonly name: string;
  /** Its place in the list of the layer's weights. */
  readonly weight: number;
}

/** Biases, or the statistics of a batch normalisation, with a bar for each number; only the rows in view are fetched. */
export function valueTable(host: {
  fetch(weight: number, from: number, count: number): Promise<Result<WeightValues>>;
  onError(error: LayerglassError): void;
}): {
  readonly element: HTMLElement;
  show(columns: readonly ValueColumn[], length: number): void;
} {
  let columns: readonly ValueColumn[] = [];
  /** Of each column, the largest size of a value that was shown so far: the length of the longest bar. */
  let largest: number[] = [];
  const head = el('div', { class: 'value-row value-head', 'aria-hidden': 'true' });

  const values = pagedItems<readonly number[]>({
    size: PAGE,
    async fetch(from, count) {
      const found: (readonly number[])[] = [];
      for (const { weight } of columns) {
        const answer = await host.fetch(weight, from, count);
        if (!answer.ok) return answer;
        found.push(answer.value.values);
      }
      largest = found.map((list, i) =>
        list.reduce(
          (top, one) => (Number.isFinite(one) ? Math.max(top, Math.abs(one)) : top),
          largest[i] ?? 0,
        ),
      );
      const [first = []] = found;
      return { ok: true, value: first.map((_, row) => found.map((list) => list[row] ?? Number.NaN)) };
    },
    onItems: () => rows.redraw(),
    onError: host.onError,
  });
  const rows = virtualRows({
    label: l10n.t('Values'),
    role: 'table',
    rowHeight: ROW_HEIGHT,
    render(row) {
      const cells = values.at(row);
      return el(
        'div',
        { class: 'value-row', role: 'row', 'aria-rowindex': row + 1 },
        el('span', { role: 'rowheader', class: 'number quiet' }, String(row)),
        ...columns.map(({ name }, i) => cell(name, cells?.[i], largest[i] ?? 0)),
      );
    },
  });
  const element = el('div', { class: 'value-table' }, head, rows.element);
  return {
    element,
    show(next, length) {
      columns = next;
      largest = [];
      element.style.setProperty('--columns', String(next.length));
      fill(head, el('span', {}), ...next.map(({ name }) => el('span', {}, name)));
      values.clear();
      rows.reset(length);
    },
  };
}

function cell(name: string, value: number | undefined, top: number): HTMLElement {
  if (value === undefined) return el('span', { role: 'cell' });
  const text = floatText(value);
  return el(
    'span',
    {
      role: 'cell',
      class: Number.isFinite(value) ? 'value-cell' : 'value-cell bad',
      title: `${name}: ${text}`,
    },
    signedBar(top > 0 ? value / top : 0),
    el('span', { class: 'number' }, text),
  );
}
