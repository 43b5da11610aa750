import type { LayerValues } from '../../../shared/layerValues';
import { el } from '../../dom';
import { formatNumber } from '../../format';

/** Head and body of the table of the largest values. @param onOpen takes the value at an index apart */
export function topRows(
  { top: values, pre }: LayerValues,
  onOpen: (index: readonly number[]) => void,
): HTMLElement[] {
  const heads = pre === null ? ['Value'] : ['Before', 'After'];
  return [
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Index'),
        ...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)),
      ),
    ),
    el(
      'tbody',
      {},
      ...values.map((value) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, indexLink(value.index, onOpen)),
          pre === null
            ? null
            : el('td', { class: 'number' }, value.pre === null ? '' : formatNumber(value.pre)),
          el('td', { class: 'number' }, formatNumber(value.post)),
        ),
      ),
    ),
  ];
}

function indexLink(index: readonly number[], onOpen: (index: readonly number[]) => void): HTMLElement {
  const text = `[${index.join(', ')}]`;
  const link = el('button', { type: 'button', class: 'link', title: 'Show how it is computed' }, text);
  link.addEventListener('click', () => onOpen(index));
  return link;
}
