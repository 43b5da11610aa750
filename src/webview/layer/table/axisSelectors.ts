import * as l10n from '@vscode/l10n';
import type { TensorSlice } from '../../../shared/results/tensorSlice';
import type { TensorAxes } from '../../../shared/view';
import { el, fill } from '../../dom';
import { field, type PageSelect, type SelectOption, select } from '../../ui';

const NONE = 'none';

/** Which axes of a tensor are the rows and the columns of its table, and where each of the others is fixed. */
export function axisSelectors(onChange: (axes: TensorAxes) => void): {
  readonly element: HTMLElement;
  show(slice: TensorSlice): void;
} {
  let axes: TensorAxes = { rowAxis: null, columnAxis: null, at: [] };
  const rows = select<string>([], (value) => choose('rowAxis', 'columnAxis', value));
  const columns = select<string>([], (value) => choose('columnAxis', 'rowAxis', value));
  const places = el('div', { class: 'heading-tools' });
  /** What the fields of the places were made for. */
  let made = '';
  let inputs: readonly { readonly axis: number; readonly input: HTMLInputElement }[] = [];

  /** The axis that the other side had goes to it in exchange. */
  function choose(side: 'rowAxis' | 'columnAxis', other: 'rowAxis' | 'columnAxis', value: string): void {
    const axis = value === NONE ? null : Number(value);
    const swapped = axis !== null && axes[other] === axis ? { [other]: axes[side] } : {};
    onChange({ ...axes, ...swapped, [side]: axis });
  }

  function setPlace(axis: number, value: number): void {
    onChange({ ...axes, at: axes.at.map((at, i) => (i === axis ? value : at)) });
  }

  return {
    element: el(
      'div',
      { class: 'heading-tools axis-selectors' },
      field(l10n.t('Rows'), rows.element),
      field(l10n.t('Columns'), columns.element),
      places,
    ),
    show({ shape, axes: names, rowAxis, columnAxis, at }) {
      axes = { rowAxis, columnAxis, at };
      const options: SelectOption<string>[] = [
        ...shape.map((size, axis) => ({ value: String(axis), label: `${names[axis] ?? ''} (${size})` })),
        { value: NONE, label: l10n.t('none') },
      ];
      const set = (control: PageSelect<string>, axis: number | null) => {
        control.setOptions(options);
        control.setValue(axis === null ? NONE : String(axis));
      };
      set(rows, rowAxis);
      set(columns, columnAxis);
      const fixed = shape.flatMap((size, axis) =>
        size < 2 || axis === rowAxis || axis === columnAxis ? [] : [axis],
      );
      // The fields stay while only the place changes, so that the focus does too.
      const key = JSON.stringify([shape, names, fixed]);
      if (key !== made) {
        made = key;
        inputs = fixed.map((axis) => {
          const last = (shape[axis] ?? 1) - 1;
          const input = el('input', { type: 'number', min: 0, max: last, step: 1 });
          input.addEventListener('change', () => {
            const value = Math.max(0, Math.min(last, Math.round(Number(input.value))));
            if (Number.isFinite(value)) setPlace(axis, value);
          });
          return { axis, input };
        });
        fill(
          places,
          ...inputs.map(({ axis, input }) =>
            field(l10n.t('{0}, 0 to {1}', names[axis] ?? '', (shape[axis] ?? 1) - 1), input),
          ),
        );
      }
      for (const { axis, input } of inputs) input.value = String(at[axis] ?? 0);
    },
  };
}
