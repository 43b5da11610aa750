import * as l10n from '@vscode/l10n';
import type { Explanation } from '../../shared/explanation';
import type { ExplainChange, ExplainChoice } from '../../shared/view';
import { el } from '../dom';
import { field, select } from '../ui';

const NONE = '';

/** What the target is compared with, and the part of an output with positions that is explained. */
export function targetPart(onChange: (target: NonNullable<ExplainChange['target']>) => void): {
  readonly element: HTMLElement;
  show(explanation: Explanation, choice: ExplainChoice): void;
} {
  const versus = select<string>([], (value) =>
    onChange({
      versus: value === NONE ? null : value === 'look-alikes' ? 'look-alikes' : Number(value),
    }),
  );
  const versusField = field(l10n.t('Rather than'), versus.element);
  const step = el('input', { type: 'number', min: 0, step: 1, placeholder: l10n.t('all predicted') });
  step.addEventListener('change', () => {
    if (step.reportValidity()) onChange({ step: step.value === '' ? null : step.valueAsNumber });
  });
  const stepField = field(l10n.t('Time step'), step);
  const region = el('input', {
    type: 'text',
    placeholder: l10n.t('all predicted'),
    title: l10n.t('Corners of a rectangle in pixels of the input: x0, y0, x1, y1'),
  });
  region.addEventListener('change', () => {
    const corners = cornersOf(region.value);
    region.setCustomValidity(corners === undefined ? l10n.t('Give four whole numbers: x0, y0, x1, y1.') : '');
    if (region.reportValidity() && corners !== undefined) onChange({ region: corners });
  });
  const regionField = field(l10n.t('Region'), region);
  const element = el('div', { class: 'target-part' }, versusField, stepField, regionField);

  return {
    element,
    show(explanation, { target: choice }) {
      const { predictions, target, binary, units } = explanation;
      versusField.hidden = binary || units < 2 || target.unit !== null;
      const rows = predictions
        .filter(({ index }) => index !== target.index)
        .map(({ index, label }) => ({ value: String(index), label: label ?? l10n.t('class {0}', index) }));
      versus.setOptions([
        { value: NONE, label: l10n.t('no other class') },
        ...(units > 2
          ? [{ value: 'look-alikes', label: l10n.t('its look-alikes (the next 3 classes)') }]
          : []),
        ...rows,
      ]);
      versus.setValue(choice.versus === undefined ? NONE : String(choice.versus));
      const axes = target.positions?.grid.length ?? 0;
      stepField.hidden = axes !== 1;
      regionField.hidden = axes !== 2;
      step.max = String((target.positions?.total ?? 1) - 1);
      if (document.activeElement !== step) step.value = choice.step === undefined ? '' : String(choice.step);
      if (document.activeElement !== region) region.value = choice.region?.join(', ') ?? '';
      element.hidden = versusField.hidden && stepField.hidden && regionField.hidden;
    },
  };
}

/** Four corners, `null` for an empty text, `undefined` for anything else. */
function cornersOf(text: string): [number, number, number, number] | null | undefined {
  if (text.trim() === '') return null;
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const [x0 = -1, y0 = -1, x1 = -1, y1 = -1] = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : -1));
  return parts.length === 4 && Math.min(x0, y0, x1, y1) >= 0 ? [x0, y0, x1, y1] : undefined;
}
