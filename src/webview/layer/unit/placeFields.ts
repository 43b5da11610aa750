import * as l10n from '@vscode/l10n';
import type { OpenedUnit } from '../../../shared/results/unit';
import { combobox } from '../../combobox';
import { el, fill, uniqueId } from '../../dom';
import { icon } from '../../icons';
import { button, field } from '../../ui';

/** The fields that choose a unit and, where the layer has them, a position. */
export function placeFields(onChoose: (unit: number, position: readonly number[] | null) => void): {
  readonly element: HTMLElement;
  show(opened: OpenedUnit, names: readonly string[]): void;
} {
  let shown: OpenedUnit | null = null;
  const unit = numberField();
  const positions = el('div', { class: 'positions' });
  let axes: HTMLInputElement[] = [];

  const position = (): number[] => axes.map((axis) => Number(axis.value));
  /** Another unit at the same position; without positions, those of the layer are those of the unit's largest value. */
  const choose = (next: number): void => {
    if (shown === null || next < 0 || next >= shown.units) return;
    onChoose(next, position());
  };
  unit.addEventListener('change', () => choose(validValue(unit)));
  const previous = button({
    label: l10n.t('Previous Unit'),
    kind: 'icon',
    content: icon('chevronLeft'),
    onPress: () => choose((shown?.unit ?? 0) - 1),
  });
  const next = button({
    label: l10n.t('Next Unit'),
    kind: 'icon',
    content: icon('chevronRight'),
    onPress: () => choose((shown?.unit ?? -1) + 1),
  });
  const largest = button({
    label: l10n.t('Largest'),
    title: l10n.t('The position of the unit’s largest value'),
    onPress: () => {
      if (shown !== null) onChoose(shown.unit, null);
    },
  });
  const classes = combobox(l10n.t('Class'), (value) => choose(Number(value)));
  const classField = el(
    'div',
    { class: 'field' },
    el('span', { class: 'label', 'aria-hidden': 'true' }, l10n.t('Class')),
    classes.element,
  );
  const unitField = field(l10n.t('Unit'), unit);
  const element = el(
    'div',
    { class: 'place-fields' },
    el('div', { class: 'stepper' }, previous.element, unitField, next.element),
    classField,
    positions,
  );

  return {
    element,
    show(opened, names) {
      shown = opened;
      unit.max = String(opened.units - 1);
      unit.value = String(opened.unit);
      previous.setEnabled(opened.unit > 0);
      next.setEnabled(opened.unit < opened.units - 1);
      classField.hidden = names.length === 0;
      classes.setOptions(
        names.map((label, index) => ({ value: String(index), label, detail: String(index) })),
        String(opened.unit),
      );
      axes = opened.sizes.map((size, axis) => {
        const own = numberField();
        own.max = String(size - 1);
        own.value = String(opened.position[axis] ?? 0);
        own.addEventListener('change', () => {
          validValue(own);
          onChoose(opened.unit, position());
        });
        return own;
      });
      fill(
        positions,
        ...axes.map((own, axis) =>
          field(
            axes.length === 1
              ? opened.form === 'gates'
                ? l10n.t('Step')
                : l10n.t('Position')
              : l10n.t('Position {0}', axis),
            own,
          ),
        ),
        axes.length > 0 ? largest.element : null,
      );
    },
  };
}

const numberField = (): HTMLInputElement =>
  el('input', { type: 'number', min: 0, step: 1, id: uniqueId('number') });

/** Corrects what was typed to a number that there is. */
function validValue(input: HTMLInputElement): number {
  const value = Math.round(Number(input.value));
  const valid = Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), Number(input.max));
  input.value = String(valid);
  return valid;
}
