import * as l10n from '@vscode/l10n';
import { floatText } from '../../shared/numberText';
import type { Arithmetic, Product } from '../../shared/results/tracing';
import { el, fill } from '../dom';
import { windowText } from './traceFiles';
import { positionText } from './unitTable';

/** How one value is computed: the products of window and kernel, bias, sum, activation, and the layers up to the unit. */
export function arithmeticTable(): {
  readonly element: HTMLElement;
  show(arithmetic: Arithmetic | null): void;
} {
  const title = el('p', { class: 'quiet' });
  const body = el('tbody');
  const head = [
    l10n.t('Offset'),
    l10n.t('Channel'),
    l10n.t('Value'),
    l10n.t('Weight'),
    l10n.t('Product'),
  ].map((text) => el('th', { scope: 'col', class: 'number' }, text));
  const table = el(
    'table',
    { 'aria-label': l10n.t('Arithmetic') },
    el('thead', {}, el('tr', {}, ...head)),
    body,
  );
  const element = el(
    'div',
    { class: 'arithmetic', hidden: true },
    title,
    el('div', { class: 'table-frame units-frame' }, table),
  );
  return {
    element,
    show(arithmetic) {
      element.hidden = arithmetic === null;
      if (arithmetic === null) return;
      const { convolution, filter, position, window, reads, products, others, rest } = arithmetic;
      const { bias, sum, before, activation, after, steps } = arithmetic;
      title.textContent = l10n.t(
        'Filter {0} of {1} at position {2}: window {3} of {4}',
        filter,
        convolution,
        positionText(position),
        windowText(window),
        reads,
      );
      fill(
        body,
        ...products.map(productRow),
        others > 0 ? termRow(l10n.t('{0} smaller products', others), rest) : null,
        bias === null ? termRow(l10n.t('No bias'), 0) : termRow(l10n.t('Bias, counted once'), bias),
        termRow(l10n.t('Sum'), sum, 'total'),
        termRow(l10n.t('In the model, as float32'), before),
        activation === null ? null : termRow(`${activation}(sum)`, after),
        ...steps.slice(1).map(({ layer, value }) => termRow(layer, value)),
      );
    },
  };
}

function productRow({ offset, channel, value, weight, product }: Product): HTMLElement {
  return el(
    'tr',
    {},
    ...[positionText(offset), String(channel), floatText(value), floatText(weight), floatText(product)].map(
      (text) => el('td', { class: 'number' }, text),
    ),
  );
}

function termRow(term: string, value: number, className?: string): HTMLElement {
  return el(
    'tr',
    { class: className },
    el('th', { scope: 'row', colspan: 4 }, term),
    el('td', { class: 'number' }, floatText(value)),
  );
}
