import * as l10n from '@vscode/l10n';
import { floatDigits, nonFiniteText } from '../../../shared/numberText';
import {
  MAX_SLICE_COLUMNS,
  MAX_SLICE_ROWS,
  type TensorDtype,
  type TensorExportFormat,
  type TensorSlice,
} from '../../../shared/results/tensorSlice';
import type { Stage, TensorAxes } from '../../../shared/view';
import { nonFiniteName } from '../../../shared/wireNumbers';
import { el, fill } from '../../dom';
import { formatCount, formatExtent } from '../../format';
import { button, segments, select } from '../../ui';
import { savedView } from '../state';
import type { LayerTab, TabPage } from '../tab';
import { axisSelectors } from './axisSelectors';

/** The exact values of any slice of the layer, a page at a time. */
export function tableTab(page: TabPage): LayerTab {
  const { host } = page;
  let { stage } = savedView();
  let axes: TensorAxes | null = null;
  let row = 0;
  let column = 0;
  let shown: TensorSlice | null = null;
  let sequence = 0;

  const stages = segments<Stage>(
    l10n.t('Values'),
    [
      { value: 'pre', label: l10n.t('Before') },
      { value: 'post', label: l10n.t('After') },
      { value: 'attention', label: l10n.t('Attention') },
    ],
    (next) => {
      stage = next;
      page.keep({ stage });
      start();
    },
  );
  const selectors = axisSelectors((next) => {
    axes = next;
    row = 0;
    column = 0;
    void ask();
  });
  const table = el('table', { 'aria-label': l10n.t('Values'), class: 'values-table' });
  const place = el('span', { class: 'quiet', role: 'status' });
  const step = (label: string, rows: number, columns: number) =>
    button({
      label,
      onPress() {
        row = Math.max(0, row + rows * MAX_SLICE_ROWS);
        column = Math.max(0, column + columns * MAX_SLICE_COLUMNS);
        void ask();
      },
    });
  const up = step(l10n.t('Previous Rows'), -1, 0);
  const down = step(l10n.t('Next Rows'), 1, 0);
  const left = step(l10n.t('Previous Columns'), 0, -1);
  const right = step(l10n.t('Next Columns'), 0, 1);
  const said = el('span', { class: 'quiet', role: 'status' });
  let format: TensorExportFormat = 'npy';
  const formats = select<TensorExportFormat>(
    [
      { value: 'npy', label: '.npy' },
      { value: 'csv', label: '.csv' },
    ],
    (next) => {
      format = next;
    },
  );
  formats.element.setAttribute('aria-label', l10n.t('Format of the exported file'));
  const content = el(
    'div',
    { class: 'table-tab fades', hidden: true },
    el(
      'div',
      { class: 'heading' },
      el('div', { class: 'heading-tools' }, stages.element, selectors.element),
      el(
        'div',
        { class: 'heading-tools' },
        said,
        button({
          label: l10n.t('Copy as CSV'),
          title: l10n.t('The values that are shown'),
          onPress: () => void copy(),
        }).element,
        button({ label: l10n.t('Export Slice…'), onPress: () => void write(true) }).element,
        button({ label: l10n.t('Export All…'), onPress: () => void write(false) }).element,
        formats.element,
      ),
    ),
    el('div', { class: 'heading-tools' }, place, up.element, down.element, left.element, right.element),
    el(
      'div',
      { class: 'table-frame values-frame', tabindex: 0, role: 'group', 'aria-label': l10n.t('Table') },
      table,
    ),
  );
  const empty = el(
    'div',
    { class: 'empty-state', hidden: true },
    el('p', {}, l10n.t('The values of a layer are those for one input of the model.')),
    button({ label: l10n.t('Choose an Input…'), kind: 'primary', onPress: () => page.pickInput() }).element,
  );
  const element = el('div', {}, content, empty);

  /** From the first page of the axes that suit the shape. */
  function start(): void {
    axes = null;
    row = 0;
    column = 0;
    void ask();
  }

  async function ask(): Promise<void> {
    sequence += 1;
    const mine = sequence;
    setBusy(true);
    page.onError(null);
    const answer = await host.call(
      'tensorSlice',
      stage,
      axes,
      row,
      MAX_SLICE_ROWS,
      column,
      MAX_SLICE_COLUMNS,
    );
    if (mine !== sequence) return;
    setBusy(false);
    if (answer.ok) show(answer.value);
    else page.onError(answer.error);
  }

  function setBusy(busy: boolean): void {
    element.classList.toggle('outdated', busy);
    content.setAttribute('aria-busy', String(busy));
    page.onBusy(busy ? l10n.t('Reading the values') : null);
  }

  function show(slice: TensorSlice): void {
    shown = slice;
    ({ row, column } = slice);
    axes = { rowAxis: slice.rowAxis, columnAxis: slice.columnAxis, at: slice.at };
    stages.setShown(slice.stages);
    stages.element.hidden = slice.stages.length < 2;
    stages.setValue(slice.stage);
    selectors.show(slice);
    const { values, dtype } = slice;
    const width = values[0]?.length ?? 0;
    const [allRows, allColumns] = [sizeOf(slice, slice.rowAxis), sizeOf(slice, slice.columnAxis)];
    const text = textOf(dtype);
    fill(
      table,
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('td', { class: 'quiet' }, cornerOf(slice)),
          ...Array.from({ length: width }, (_, i) =>
            el(
              'th',
              { scope: 'col', class: 'number' },
              slice.columnAxis === null ? l10n.t('Value') : String(column + i),
            ),
          ),
        ),
      ),
      el(
        'tbody',
        {},
        ...values.map((cells, i) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row', class: 'number' }, slice.rowAxis === null ? '' : String(row + i)),
            ...cells.map((value) => el('td', { class: 'number' }, nonFiniteText(value) ?? text(value))),
          ),
        ),
      ),
    );
    place.textContent =
      values.length === 0
        ? l10n.t('No values: the shape is {0}.', formatExtent(slice.shape))
        : l10n.t(
            'Rows {0} to {1} of {2}, columns {3} to {4} of {5}; {6}, {7}',
            row,
            row + values.length - 1,
            formatCount(allRows),
            column,
            column + width - 1,
            formatCount(allColumns),
            dtype,
            formatExtent(slice.shape),
          );
    up.setEnabled(row > 0);
    down.setEnabled(row + values.length < allRows);
    left.setEnabled(column > 0);
    right.setEnabled(column + width < allColumns);
    for (const each of [up, down]) each.element.hidden = allRows <= MAX_SLICE_ROWS;
    for (const each of [left, right]) each.element.hidden = allColumns <= MAX_SLICE_COLUMNS;
    said.textContent = '';
    content.hidden = false;
  }

  async function copy(): Promise<void> {
    if (shown === null) return;
    const answer = await host.call('copy', csvOf(shown));
    if (answer.ok) said.textContent = l10n.t('Copied the values that are shown.');
    else page.onError(answer.error);
  }

  async function write(isSlice: boolean): Promise<void> {
    if (shown === null) return;
    said.textContent = '';
    const answer = await host.call('exportTensor', shown.stage, isSlice ? axes : null, format);
    if (!answer.ok) page.onError(answer.error);
    else if (answer.value !== null) said.textContent = l10n.t('Exported {0}.', answer.value);
  }

  return {
    element,
    show({ inputs }) {
      ({ stage } = savedView());
      empty.hidden = inputs.length > 0;
      content.hidden ||= inputs.length === 0;
      if (inputs.length > 0) start();
    },
    clear() {
      sequence += 1;
      setBusy(false);
      said.textContent = '';
    },
  };
}

const sizeOf = ({ shape }: TensorSlice, axis: number | null): number =>
  axis === null ? 1 : (shape[axis] ?? 1);

const cornerOf = ({ axes, rowAxis, columnAxis }: TensorSlice): string =>
  [rowAxis, columnAxis].flatMap((axis) => (axis === null ? [] : [axes[axis] ?? ''])).join(' \\ ');

const textOf = (dtype: TensorDtype): ((value: number) => string) =>
  dtype === 'float32' ? floatDigits : dtype === 'bool' ? (value) => (value === 0 ? 'false' : 'true') : String;

/** The values that are shown, with the indices of their rows and columns, as the exported file has them. */
function csvOf({ axes, rowAxis, columnAxis, row, column, values, dtype }: TensorSlice): string {
  const width = values[0]?.length ?? 0;
  const heads = columnAxis === null ? ['value'] : Array.from({ length: width }, (_, i) => String(column + i));
  const text = dtype === 'float32' ? floatDigits : String;
  const lead = (cell: string) => (rowAxis === null ? [] : [cell]);
  return [
    [...lead(axes[rowAxis ?? 0] ?? ''), ...heads],
    ...values.map((cells, i) => [
      ...lead(String(row + i)),
      ...cells.map((value) => nonFiniteName(value) ?? text(value)),
    ]),
  ]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');
}
