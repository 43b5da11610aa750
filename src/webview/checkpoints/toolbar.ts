import * as l10n from '@vscode/l10n';
import type { CheckpointsChange, CheckpointsContext } from '../../shared/checkpoints/checkpointsView';
import { explainsLayer, GROUP_LABELS, METHOD_IDS, METHODS, type MethodId } from '../../shared/methods';
import { combobox } from '../combobox';
import { el } from '../dom';
import { formatShape } from '../format';
import { inputField } from '../inputField';
import { button, checkbox, field, select } from '../ui';
import type { Shown } from './shown';

/** Classes that are listed; those that are predicted are among them in any case. */
const MAX_CLASSES = 1000;

export interface ToolbarActions {
  onChange(change: CheckpointsChange): void;
  onInput(): void;
  onReload(): void;
}

/** The controls at the top of the page. */
export function toolbar(actions: ToolbarActions): {
  readonly element: HTMLElement;
  /** Lists the folder again. */
  readonly reload: HTMLElement;
  show(context: CheckpointsContext, shown: Shown): void;
} {
  const method = select<MethodId>(
    METHOD_IDS.map((id) => ({
      value: id,
      label: METHODS[id].label,
      title: METHODS[id].description,
      group: GROUP_LABELS[METHODS[id].group],
    })),
    (chosen) => actions.onChange({ method: chosen }),
  );
  const layer = combobox(l10n.t('Layer'), (chosen) => actions.onChange({ layer: chosen }));
  const output = select<string>([], (chosen) =>
    // The classes of another output are others.
    actions.onChange({ output: Number(chosen), target: 'auto', label: null }),
  );
  const outputField = field(l10n.t('Output'), output.element);
  const target = combobox(l10n.t('Explained class'), (chosen) =>
    actions.onChange({ target: chosen === 'auto' ? 'auto' : Number(chosen) }),
  );
  const label = combobox(l10n.t('Right class'), (chosen) =>
    actions.onChange({ label: chosen === 'none' ? null : Number(chosen) }),
  );
  const oneScale = checkbox({
    label: l10n.t('One colour scale'),
    onChange: (isOneScale) => actions.onChange({ isOneScale }),
  });
  const input = inputField(actions.onInput);
  const reload = button({
    label: l10n.t('Reload'),
    title: l10n.t('List the folder again and compute what is new'),
    onPress: actions.onReload,
  });
  const labelled = (text: string, element: HTMLElement): HTMLElement =>
    el('div', { class: 'field' }, el('span', { class: 'label', 'aria-hidden': 'true' }, text), element);
  return {
    element: el(
      'div',
      { class: 'toolbar', role: 'group', 'aria-label': l10n.t('What is computed') },
      input.element,
      field(l10n.t('Method'), method.element),
      labelled(l10n.t('Layer'), layer.element),
      outputField,
      labelled(l10n.t('Explained class'), target.element),
      labelled(l10n.t('Right class'), label.element),
      el('div', { class: 'check' }, oneScale.element),
    ),
    reload: reload.element,
    show({ choice, layers, outputs, inputNames }, { classes, nameOf }) {
      method.setValue(choice.method);
      method.element.title = METHODS[choice.method].description;
      layer.setEnabled(explainsLayer(choice.method));
      const rows = layers.layers.map(({ path, shape }) => ({
        value: path,
        label: path,
        detail: formatShape(shape),
      }));
      layer.setOptions([{ value: 'auto', label: l10n.t('Automatic') }, ...rows], choice.layer);
      output.setOptions(outputs.map((name, i) => ({ value: String(i), label: name })));
      output.setValue(String(choice.output ?? 0));
      outputField.hidden = outputs.length < 2;
      const known = [choice.target, choice.label].filter((one): one is number => typeof one === 'number');
      const indices = new Set([...Array(Math.min(classes, MAX_CLASSES)).keys(), ...known]);
      const options = [...indices].map((index) => ({ value: String(index), label: nameOf(index) }));
      target.setOptions(
        [{ value: 'auto', label: l10n.t('The predicted one') }, ...options],
        String(choice.target),
      );
      label.setOptions(
        [{ value: 'none', label: l10n.t('Not known') }, ...options],
        choice.label === null ? 'none' : String(choice.label),
      );
      oneScale.setChecked(choice.isOneScale);
      input.show(inputNames);
    },
  };
}
