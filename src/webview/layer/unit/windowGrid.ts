import * as l10n from '@vscode/l10n';
import { floatText, numberText } from '../../../shared/numberText';
import type { UnitPlace, UnitPlane, UnitTerm, UnitWindow } from '../../../shared/results/unit';
import { el, fill } from '../../dom';
import { field, select } from '../../ui';
import { sourceText } from './sumTable';

/** Window x kernel of a convolution with the numbers in place, one channel at a time; each place leads to its value. */
export function windowGrid(
  { sizes, planes, others }: UnitWindow,
  onOpen: (place: UnitPlace) => void,
): HTMLElement {
  const grid = el('div', { class: 'window-planes' });
  const text = el('p', { class: 'quiet' });
  const [rows = 1, columns = 1] = sizes.length < 2 ? [1, ...sizes] : sizes.slice(-2);
  const slices = sizes.length > 2 ? (sizes[0] ?? 1) : 1;

  function show(plane: UnitPlane): void {
    const widest = Math.max(...plane.terms.map(({ product }) => Math.abs(product)), Number.MIN_VALUE);
    fill(
      grid,
      ...Array.from({ length: slices }, (_, slice) =>
        table(plane, {
          first: slice * rows * columns,
          rows,
          columns,
          widest,
          slice: slices > 1 ? slice : null,
        }),
      ),
    );
    text.textContent = l10n.t(
      'Each place is the value x the weight = the product. Sum of channel {0}: {1}.',
      plane.channel,
      floatText(plane.sum),
    );
  }

  function table(
    { terms, channel }: UnitPlane,
    shape: {
      readonly first: number;
      readonly rows: number;
      readonly columns: number;
      readonly widest: number;
      readonly slice: number | null;
    },
  ): HTMLElement {
    const label =
      shape.slice === null
        ? l10n.t('Window x kernel, channel {0}', channel)
        : l10n.t('Window x kernel, channel {0}, slice {1}', channel, shape.slice);
    return el(
      'div',
      { class: 'table-frame' },
      el(
        'table',
        { class: 'window', 'aria-label': label },
        el(
          'tbody',
          {},
          ...Array.from({ length: shape.rows }, (_, row) =>
            el(
              'tr',
              {},
              ...Array.from({ length: shape.columns }, (__, column) => {
                const term = terms[shape.first + row * shape.columns + column];
                return el('td', {}, term ? place(term, shape.widest) : null);
              }),
            ),
          ),
        ),
      ),
    );
  }

  function place(term: UnitTerm, widest: number): HTMLElement {
    const { input, weight, product, from } = term;
    const cell = el(
      from === null ? 'div' : 'button',
      {
        class: product < 0 ? 'place below' : 'place above',
        title: `${sourceText(term)}: ${floatText(input)} x ${floatText(weight)} = ${floatText(product)}`,
        ...(from === null ? {} : { type: 'button' }),
      },
      el('span', {}, `${numberText(input)} x ${numberText(weight)}`),
      el('strong', {}, numberText(product)),
    );
    cell.style.setProperty('--share', String(Number.isFinite(product) ? Math.abs(product) / widest : 0));
    if (from !== null) cell.addEventListener('click', () => onOpen(from));
    return cell;
  }

  const channels = select(
    planes.map(({ channel, sum }, i) => ({
      value: String(i),
      label: l10n.t('{0} (sum {1})', channel, numberText(sum)),
    })),
    (value) => {
      const plane = planes[Number(value)];
      if (plane) show(plane);
    },
  );
  const [first] = planes;
  if (first) show(first);
  return el(
    'div',
    { class: 'window-grid', hidden: first === undefined },
    field(
      others > 0
        ? l10n.t('Channel (largest {0} of {1})', planes.length, planes.length + others)
        : l10n.t('Channel'),
      channels.element,
    ),
    text,
    grid,
  );
}
