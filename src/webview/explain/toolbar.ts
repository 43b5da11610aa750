import * as l10n from '@vscode/l10n';
import { isEdited } from '../../shared/edits/inputEdit';
import { PREPROCESSINGS } from '../../shared/inputs';
import { explainsLayer, GROUP_LABELS, METHOD_IDS, METHODS, type MethodId } from '../../shared/methods';
import type { ExportFormat } from '../../shared/protocol';
import type { ExplainContext } from '../../shared/view';
import { combobox } from '../combobox';
import { el } from '../dom';
import { formatShape } from '../format';
import { icon } from '../icons';
import { menuButton } from '../menu';
import { button, field, select } from '../ui';
import { methodLayers } from './methodLayers';

export interface ToolbarActions {
  onMethod(method: MethodId): void;
  onLayer(layer: 'auto' | string): void;
  onOutput(output: number): void;
  onInput(): void;
  /** Opens or closes the editor of the input. */
  onEdit(): void;
  onDiscardEdits(): void;
  onPreprocessing(): void;
  onLayerValues(): void;
  onExport(formats: readonly ExportFormat[]): void;
  onExportSet(): void;
  onHealth(): void;
}

const EXPORTS: readonly { readonly label: string; readonly formats: readonly ExportFormat[] }[] = [
  { label: l10n.t('Heat map (PNG)'), formats: ['map.png'] },
  { label: l10n.t('Overlay (PNG)'), formats: ['overlay.png'] },
  { label: l10n.t('Side by side (PNG)'), formats: ['side-by-side.png'] },
  { label: l10n.t('Overlay with legend (SVG)'), formats: ['svg'] },
  { label: l10n.t('Raw map (NPY)'), formats: ['npy'] },
  {
    label: l10n.t('All of the above'),
    formats: ['map.png', 'overlay.png', 'side-by-side.png', 'svg', 'npy'],
  },
];

/** The controls at the top of the explain page. */
export function toolbar(actions: ToolbarActions): {
  readonly element: HTMLElement;
  show(context: ExplainContext): void;
  setExportable(exportable: boolean): void;
  setEditing(isEditing: boolean): void;
} {
  const method = select<MethodId>(
    METHOD_IDS.map((id) => ({
      value: id,
      label: METHODS[id].label,
      title: METHODS[id].description,
      group: GROUP_LABELS[METHODS[id].group],
    })),
    actions.onMethod,
  );
  const layer = combobox(l10n.t('Layer'), actions.onLayer);
  const values = button({
    label: l10n.t('Show Layer Values'),
    kind: 'icon',
    content: icon('values'),
    title: l10n.t('Show the values before and after this layer’s activation'),
    onPress: actions.onLayerValues,
  });
  const input = button({ label: l10n.t('Input'), onPress: actions.onInput });
  const edit = button({
    label: l10n.t('Edit the Input'),
    kind: 'icon',
    content: icon('edit'),
    title: l10n.t('Paint over the picture, or change values, letters or words'),
    onPress: actions.onEdit,
  });
  const discard = button({
    label: l10n.t('Discard the Edits'),
    kind: 'icon',
    content: icon('discard'),
    title: l10n.t('Explain the input as it was before it was edited'),
    onPress: actions.onDiscardEdits,
  });
  edit.element.setAttribute('aria-expanded', 'false');
  const preprocessing = button({ label: l10n.t('Preprocessing'), onPress: actions.onPreprocessing });
  const health = button({
    label: l10n.t('Model Health'),
    title: l10n.t('Show the statistics of all layers for this input'),
    onPress: actions.onHealth,
  });
  const output = select<string>([], (index) => actions.onOutput(Number(index)));
  const outputField = field(l10n.t('Output'), output.element);
  const exports = menuButton(l10n.t('Export'), [
    ...EXPORTS.map(({ label, formats }) => ({ label, onPress: () => actions.onExport(formats) })),
    { label: l10n.t('Everything, with gradients and weights…'), onPress: () => actions.onExportSet() },
  ]);
  const layerLabel = el('span', { class: 'label', 'aria-hidden': 'true' }, l10n.t('Layer'));

  return {
    element: el(
      'div',
      { class: 'toolbar', role: 'group', 'aria-label': l10n.t('Explanation') },
      field(l10n.t('Method'), method.element),
      el(
        'div',
        { class: 'field wide' },
        layerLabel,
        el('div', { class: 'joined' }, layer.element, values.element),
      ),
      outputField,
      labelled(l10n.t('Input'), el('div', { class: 'joined' }, input.element, edit.element, discard.element)),
      labelled(l10n.t('Preprocessing'), preprocessing.element),
      el('div', { class: 'field end' }, el('div', { class: 'joined' }, health.element, exports.element)),
    ),
    show(context) {
      const { choice, summary, inputNames, preprocessingGuess: why } = context;
      method.setValue(choice.method);
      const { description } = METHODS[choice.method];
      method.element.title = description;
      layer.setEnabled(explainsLayer(choice.method, choice.options));
      const layers = methodLayers(context);
      const auto = layers.defaultLayer === null ? 'auto' : `auto (${layers.defaultLayer})`;
      const rows = layers.layers.map(({ path, shape }) => ({
        value: path,
        label: path,
        detail: formatShape(shape),
      }));
      layer.setOptions([{ value: 'auto', label: auto, detail: layers.auto }, ...rows], choice.layer);
      output.setOptions(summary.outputs.map(({ name }, i) => ({ value: String(i), label: name })));
      output.setValue(String(choice.target.output ?? 0));
      outputField.hidden = summary.outputs.length < 2;
      const names = inputNames.join(', ');
      input.setLabel(
        names === '' ? l10n.t('Choose…') : names,
        l10n.t('Choose another input, or drop a file on the page with Shift held'),
      );
      input.element.setAttribute(
        'aria-label',
        names === '' ? l10n.t('Input: choose') : l10n.t('Input: {0}', names),
      );
      edit.element.hidden = choice.inputs.length === 0;
      discard.element.hidden = !choice.inputs.some(isEdited);
      const label = PREPROCESSINGS.find(({ name }) => name === choice.preprocessing.name)?.label;
      const { resize } = choice.preprocessing;
      const name = [choice.preprocessing.name, ...(resize === undefined ? [] : [resize])].join(', ');
      const about = why === null ? `${label}.` : `${label}. ${l10n.t('A guess: {0}.', why)}`;
      preprocessing.setLabel(why === null ? name : l10n.t('{0} (guess)', name), about);
      preprocessing.element.setAttribute('aria-label', l10n.t('Preprocessing: {0}', about));
    },
    setExportable: exports.setEnabled,
    setEditing: (isEditing) => edit.element.setAttribute('aria-expanded', String(isEditing)),
  };
}

/** A caption over a button with its own accessible name. */
function labelled(caption: string, element: HTMLElement): HTMLElement {
  return el(
    'div',
    { class: 'field' },
    el('span', { class: 'label', 'aria-hidden': 'true' }, caption),
    element,
  );
}
