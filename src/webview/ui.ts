import * as l10n from '@vscode/l10n';
import {
  type Button,
  type Checkbox,
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
} from '@vscode/webview-ui-toolkit';
import { type Child, el, uniqueId } from './dom';

/**
 * The controls of every page. The toolkit is deprecated, so only this file imports it and another library can replace it
 * here. Selects, sliders and text fields are native: the toolkit has no slider, its drop-down is clipped at the edge of the
 * page, and its text field overrides the accessible name.
 */
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox());

export interface ButtonOptions {
  /** The text, unless `content` replaces it; always the accessible name. */
  readonly label: string;
  readonly content?: Child;
  readonly kind?: 'primary' | 'secondary' | 'icon';
  readonly title?: string;
  onPress(): void;
}

export interface PageButton {
  readonly element: HTMLElement;
  setEnabled(enabled: boolean): void;
  /** Changes the text and the accessible name. */
  setLabel(label: string, title?: string): void;
}

export function button(options: ButtonOptions): PageButton {
  const element = document.createElement('vscode-button') as Button;
  element.setAttribute('aria-label', options.label);
  element.setAttribute('appearance', options.kind ?? 'secondary');
  element.append(options.content ?? options.label);
  if (options.title) element.title = options.title;
  element.addEventListener('click', () => {
    if (!element.disabled) options.onPress();
  });
  return {
    element,
    setEnabled(enabled) {
      element.disabled = !enabled;
    },
    setLabel(label, title) {
      element.textContent = label;
      element.setAttribute('aria-label', label);
      element.title = title ?? '';
    },
  };
}

export function textField(options: {
  readonly label: string;
  readonly placeholder?: string;
  onInput(text: string): void;
}): { readonly element: HTMLElement; setValue(text: string): void } {
  const element = el('input', {
    type: 'search',
    'aria-label': options.label,
    placeholder: options.placeholder,
    spellcheck: 'false',
  });
  element.addEventListener('input', () => options.onInput(element.value));
  return {
    element,
    setValue(text) {
      element.value = text;
    },
  };
}

export function checkbox(options: { readonly label: string; onChange(checked: boolean): void }): {
  readonly element: HTMLElement;
  setChecked(checked: boolean): void;
  setLabel(label: string): void;
} {
  const element = document.createElement('vscode-checkbox') as Checkbox;
  element.append(options.label);
  // The toolkit also reports changes made by code; only the user's are passed on.
  let setting = false;
  element.addEventListener('change', () => {
    if (!setting) options.onChange(element.checked);
  });
  return {
    element,
    setChecked(checked) {
      setting = true;
      element.checked = checked;
      setting = false;
    },
    setLabel(label) {
      element.textContent = label;
    },
  };
}

/** A label over (or beside) a control; the label names the control for screen readers too. */
export function field(label: string, control: HTMLElement): HTMLElement {
  const id = control.id || uniqueId('control');
  control.id = id;
  return el('div', { class: 'field' }, el('label', { for: id }, label), control);
}

export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly title?: string;
  /** Heading of the options that follow each other with the same one. */
  readonly group?: string;
}

export interface PageSelect<Value extends string> {
  readonly element: HTMLSelectElement;
  setOptions(options: readonly SelectOption<Value>[]): void;
  setValue(value: Value): void;
}

export function select<Value extends string>(
  options: readonly SelectOption<Value>[],
  onChange: (value: Value) => void,
): PageSelect<Value> {
  const element = el('select');
  let values: readonly SelectOption<Value>[] = [];
  const setOptions = (next: readonly SelectOption<Value>[]) => {
    values = next;
    const groups = new Map<string, HTMLOptGroupElement>();
    const rows: HTMLElement[] = [];
    for (const { value, label, title, group } of next) {
      const row = el('option', { value, title }, label);
      if (group === undefined) {
        rows.push(row);
        continue;
      }
      const known = groups.get(group);
      if (known) known.append(row);
      else {
        const heading = el('optgroup', { label: group }, row);
        groups.set(group, heading);
        rows.push(heading);
      }
    }
    element.replaceChildren(...rows);
  };
  setOptions(options);
  element.addEventListener('change', () => {
    const chosen = values[element.selectedIndex];
    if (chosen) onChange(chosen.value);
  });
  return {
    element,
    setOptions,
    setValue(value) {
      element.value = value;
    },
  };
}

/** A native slider from 0 to 100 in steps of 5. */
export function slider(onInput: (percent: number) => void): {
  readonly element: HTMLInputElement;
  setValue(percent: number): void;
} {
  const element = el('input', { type: 'range', min: 0, max: 100, step: 5 });
  const updateValueText = () => element.setAttribute('aria-valuetext', l10n.t('{0} percent', element.value));
  element.addEventListener('input', () => {
    updateValueText();
    onInput(Number(element.value));
  });
  return {
    element,
    setValue(percent) {
      element.value = String(Math.round(percent));
      updateValueText();
    },
  };
}

/** A few exclusive choices side by side, as native radio buttons: arrow keys move between them. */
export function segments<Value extends string>(
  label: string,
  options: readonly SelectOption<Value>[],
  onChange: (value: Value) => void,
): {
  readonly element: HTMLElement;
  setValue(value: Value): void;
  /** Which of the options can be chosen; the others are not shown. */
  setShown(values: readonly Value[]): void;
} {
  const name = uniqueId('segments');
  const inputs = options.map(({ value, label: text, title }) => {
    const input = el('input', { type: 'radio', name, value });
    input.addEventListener('change', () => {
      if (input.checked) onChange(value);
    });
    return { value, input, row: el('label', { title }, input, el('span', {}, text)) };
  });
  const element = el(
    'fieldset',
    { class: 'segments' },
    el('legend', {}, label),
    el('div', { class: 'segments-row' }, ...inputs.map(({ row }) => row)),
  );
  return {
    element,
    setValue(value) {
      for (const entry of inputs) entry.input.checked = entry.value === value;
    },
    setShown(values) {
      for (const entry of inputs) entry.row.hidden = !values.includes(entry.value);
    },
  };
}
