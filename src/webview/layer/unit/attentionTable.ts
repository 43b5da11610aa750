import * as l10n from '@vscode/l10n';
import { floatText } from '../../../shared/numberText';
import type { UnitAttention, UnitPlace } from '../../../shared/results/unit';
import { el, fill } from '../../dom';
import { rowKeys } from '../../rowKeys';
import { signedBar } from '../../signedBar';
import { field, select } from '../../ui';

/** How the query of a position attends to the keys, one head at a time, strongest first. */
export function attentionTable(
  heads: readonly UnitAttention[],
  onOpen: (place: UnitPlace) => void,
): HTMLElement {
  const body = el('tbody');
  const keys = rowKeys(body);
  const show = (head: UnitAttention | undefined) => {
    const rows = (head?.keys ?? []).map(({ key, score, weight, from }) => {
      const row = el(
        'tr',
        { class: 'leads', tabindex: -1 },
        el('th', { scope: 'row' }, l10n.t('Key {0}', key)),
        el('td', { class: 'number' }, score === null ? '' : floatText(score)),
        el('td', { class: 'number' }, floatText(weight)),
        el('td', { class: 'signed', 'aria-hidden': 'true' }, signedBar(weight)),
      );
      row.addEventListener('click', () => onOpen(from));
      return row;
    });
    fill(body, ...rows);
    keys.setHome(rows[0]);
  };
  const choice = select(
    heads.map(({ head }) => ({ value: String(head), label: String(head) })),
    (value) => show(heads.find(({ head }) => String(head) === value)),
  );
  show(heads[0]);
  return el(
    'div',
    { class: 'query', hidden: heads.length === 0 },
    el('h3', {}, l10n.t('Scores of the query')),
    heads.length > 1 ? field(l10n.t('Head'), choice.element) : null,
    el(
      'div',
      { class: 'table-frame units-frame' },
      el(
        'table',
        { role: 'grid', 'aria-label': l10n.t('Scores of the query. Enter on a row leads to the key.') },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            el('th', { scope: 'col' }, l10n.t('Key')),
            el('th', { scope: 'col', class: 'number' }, l10n.t('Score')),
            el('th', { scope: 'col', class: 'number' }, l10n.t('Weight')),
            el('td'),
          ),
        ),
        body,
      ),
    ),
  );
}
