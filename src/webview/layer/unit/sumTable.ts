import * as l10n from '@vscode/l10n';
import { floatText } from '../../../shared/numberText';
import {
  type OpenedUnit,
  placeText,
  type UnitPlace,
  type UnitSum,
  type UnitTerm,
} from '../../../shared/results/unit';
import { el, fill } from '../../dom';
import { rowKeys } from '../../rowKeys';
import { signedBar } from '../../signedBar';
import { button } from '../../ui';

/** Rows of a long sum that are shown at first. */
const MAX_ROWS = 12;

/** The value of a unit after its activation. */
export interface AfterActivation {
  readonly name: string;
  readonly text: string;
}

/** What a sum is the sum of, and what becomes of it. */
export interface SumTableOptions {
  readonly label: string;
  readonly form: OpenedUnit['form'];
  readonly after: AfterActivation | null;
  onOpen(place: UnitPlace): void;
}

/**
 * The terms of a sum, largest first, then the rest, the bias, the sum and the value after the activation. A row whose input is a
 * value of a layer leads there: by a click, or by Enter on the row that the arrow keys have reached.
 */
export function sumTable(unit: UnitSum, options: SumTableOptions): HTMLElement {
  const { terms, others, sumOfRest, bias, sum, pre, agrees } = unit;
  const { form, after, label } = options;
  const body = el('tbody');
  const foot = el('tbody', { class: 'sum-rows' });
  const keys = rowKeys(body);
  const widest = Math.max(
    ...terms.map(({ product }) => Math.abs(product)).filter((size) => Number.isFinite(size)),
    Number.MIN_VALUE,
  );
  const all =
    others === 0
      ? l10n.t('Show All {0} Terms', terms.length)
      : l10n.t('Show the {0} Largest Terms', terms.length);
  const more = button({ label: all, onPress: () => show(terms.length) });

  function show(count: number): void {
    const rows = terms.slice(0, count).map((term) => termRow(term, widest, options));
    fill(body, ...rows);
    keys.setHome(rows.find((row) => row.hasAttribute('tabindex')) ?? rows[0]);
    more.element.hidden = terms.length <= count;
    const left = terms.slice(count).reduce((rest, { product }) => rest + product, sumOfRest);
    const hidden = terms.length - Math.min(count, terms.length) + others;
    const isSum = form !== 'max';
    fill(
      foot,
      hidden > 0
        ? totalRow(
            isSum ? l10n.t('{0} other terms', hidden) : l10n.t('{0} other values', hidden),
            isSum ? left : null,
          )
        : null,
      bias === null ? null : totalRow(form === 'slopes' ? l10n.t('What is left') : l10n.t('Bias'), bias),
      totalRow(SUMS[form] ?? l10n.t('Sum'), sum, 'total'),
      agrees ? null : totalRow(l10n.t('In the model, as float32'), pre, 'bad'),
      after === null ? null : totalRow(l10n.t('After {0}', after.name), after.text, 'total'),
    );
  }

  show(MAX_ROWS);
  const heads =
    form === 'slopes'
      ? [l10n.t('Value'), l10n.t('Derivative'), l10n.t('Product')]
      : [l10n.t('Value'), l10n.t('Weight'), l10n.t('Product')];
  return el(
    'div',
    { class: 'sum' },
    el(
      'div',
      { class: 'table-frame units-frame sum-frame' },
      el(
        'table',
        {
          role: 'grid',
          'aria-label': l10n.t('{0}. Enter on a row leads to what its value was made of.', label),
        },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col' }, l10n.t('From')),
            ...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)),
            el('td'),
          ),
        ),
        body,
        foot,
      ),
    ),
    more.element,
  );
}

/** The name of the sum, where it is not one. */
const SUMS: Partial<Record<OpenedUnit['form'], string>> = {
  value: l10n.t('Value'),
  max: l10n.t('Largest value'),
  product: l10n.t('Product'),
  lookup: l10n.t('Value'),
  input: l10n.t('Value'),
  gates: l10n.t('State'),
};

export const sourceText = ({ from, name }: Pick<UnitTerm, 'from' | 'name'>): string =>
  [...(from === null ? [] : [placeText(from)]), ...(name === undefined ? [] : [name])].join(', ');

function termRow(term: UnitTerm, widest: number, { form, onOpen }: SumTableOptions): HTMLTableRowElement {
  const { input, weight, product, from } = term;
  const row = el(
    'tr',
    { class: from === null ? null : 'leads', tabindex: -1 },
    el('th', { scope: 'row' }, sourceText(term)),
    el('td', { class: 'number' }, floatText(input)),
    el(
      'td',
      { class: 'number' },
      form === 'max' ? (weight === 1 ? l10n.t('largest') : '') : floatText(weight),
    ),
    el('td', { class: 'number' }, form === 'max' && weight !== 1 ? '' : floatText(product)),
    el('td', { class: 'signed', 'aria-hidden': 'true' }, signedBar(product / widest)),
  );
  if (from !== null) row.addEventListener('click', () => onOpen(from));
  return row;
}

function totalRow(term: string, value: number | string | null, className?: string): HTMLElement {
  return el(
    'tr',
    { class: className },
    el('th', { scope: 'row', colspan: 3 }, term),
    el('td', { class: 'number' }, value === null ? '' : typeof value === 'string' ? value : floatText(value)),
    el('td'),
  );
}
