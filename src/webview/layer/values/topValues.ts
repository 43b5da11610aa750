import type { LayerValues } from '../../../shared/layerValues';
import { el } from '../../dom';
import { formatNumber } from '../../format';

/** Head and body of the table of the largest values. */
export function topRows({ top: values, pre }: LayerValues): HTMLElement[] {
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
          el('th', { scope: 'row' }, `[${value.index.join(', ')}]`),
          pre === null
            ? null
            : el('td', { class: 'number' }, value.pre === null ? '' : formatNumber(value.pre)),
          el('td', { class: 'number' }, formatNumber(value.post)),
        ),
      ),
    ),
  ];
}
