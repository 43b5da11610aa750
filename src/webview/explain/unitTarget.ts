import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../shared/explanation';
import type { ExplainChange, ExplainContext } from '../../shared/view';
import { combobox } from '../combobox';
import { el } from '../dom';
import { formatShape } from '../format';
import { field } from '../ui';

const OUTPUT = '';

/**
 * Makes a unit or channel of any layer the target instead of a class of an output: the layer from a list, its strongest unit
 * first, and any other one by its number. Of a layer with positions the mean over them is explained.
 */
export function unitTarget(onChange: (target: NonNullable<ExplainChange['target']>) => void): {
  readonly element: HTMLElement;
  show(context: ExplainContext, explanation: Explanation): void;
} {
  const layer = combobox(l10n.t('Unit of a layer'), (path) =>
    onChange({
      ...{ unit: path === OUTPUT ? null : path, index: 'auto', negative: false },
      // They belong to the classes and the positions of what was explained before.
      ...{ versus: null, step: null, region: null },
    }),
  );
  const unit = el('input', { type: 'number', min: 0, step: 1, placeholder: l10n.t('strongest') });
  unit.addEventListener('change', () => {
    if (unit.reportValidity()) onChange({ index: unit.value === '' ? 'auto' : unit.valueAsNumber });
  });
  const unitField = field(l10n.t('Unit'), unit);
  return {
    element: el(
      'div',
      { class: 'unit-target' },
      el(
        'div',
        { class: 'field' },
        el('span', { class: 'label', 'aria-hidden': 'true' }, l10n.t('Unit of a layer')),
        layer.element,
      ),
      unitField,
    ),
    show({ summary, choice: { target: choice } }, { units, target }) {
      const rows = summary.layers
        .filter(
          ({ isModel, status, className }) => !isModel && status === 'known' && className !== 'InputLayer',
        )
        .map(({ path, outputShapes: [shape = null] }) => ({
          value: path,
          label: path,
          detail: formatShape(shape),
        }));
      layer.setOptions(
        [{ value: OUTPUT, label: l10n.t('none: a class of the output') }, ...rows],
        choice.unit ?? OUTPUT,
      );
      unitField.hidden = target.unit === null;
      unit.max = String(units - 1);
      unit.title = l10n.t('0 to {0}; empty for the strongest', units - 1);
      if (document.activeElement !== unit)
        unit.value = choice.unit === undefined || choice.index === 'auto' ? '' : String(choice.index);
    },
  };
}
