import * as l10n from '@vscode/l10n';
import { floatText } from '../../../shared/numberText';
import type { UnitGate, UnitPlace } from '../../../shared/results/unit';
import { el } from '../../dom';
import { sumTable } from './sumTable';

/** The gates of a recurrent cell at a step: each with its value, and its sum when it is opened. */
export function gateList(gates: readonly UnitGate[], onOpen: (place: UnitPlace) => void): HTMLElement {
  return el(
    'div',
    { class: 'gates', hidden: gates.length === 0 },
    ...gates.map((gate) => gateDetails(gate, onOpen)),
  );
}

function gateDetails(gate: UnitGate, onOpen: (place: UnitPlace) => void): HTMLElement {
  const { name, activation, post, pre } = gate;
  const formula = activation === null ? '' : ` = ${activation}(${floatText(pre)})`;
  const details = el(
    'details',
    {},
    el(
      'summary',
      {},
      el('span', {}, `${l10n.t('Gate {0}', name)}: `),
      el('span', { class: 'gate-value' }, `${floatText(post)}${formula}`),
    ),
  );
  details.addEventListener(
    'toggle',
    () => {
      const after = activation === null ? null : { name: activation, text: floatText(post) };
      details.append(sumTable(gate, { label: l10n.t('Gate {0}', name), form: 'sum', after, onOpen }));
    },
    { once: true },
  );
  return details;
}
