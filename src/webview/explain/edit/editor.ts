import * as l10n from '@vscode/l10n';
import { type InputEdit, unedited } from '../../../shared/edits/inputEdit';
import type { SaveFormat } from '../../../shared/edits/saveFormats';
import type { LayerglassError, Result } from '../../../shared/errors';
import type { Explanation } from '../../../shared/explanation';
import type { Editable, EditableInput } from '../../../shared/results/editableInput';
import type { ExplainContext } from '../../../shared/view';
import { el, fill } from '../../dom';
import { button, field, select } from '../../ui';
import { SHORTCUTS } from '../inputs/shortcuts';
import { beforeAfter } from './beforeAfter';
import type { EditBody } from './editBody';
import { type History, NO_EDITS, withEdit, withoutAll, withoutLast, withUndone } from './history';
import { lettersBody } from './lettersBody';
import { paintFigure } from './paintFigure';
import { textBody } from './textBody';
import { valuesBody } from './valuesBody';
import './edit.css';

export interface EditorActions {
  fetch(input: number): Promise<Result<EditableInput>>;
  /** Explains the input with these edits. */
  onEdits(input: number, edits: readonly InputEdit[]): Promise<void>;
  onSave(input: number, formats: readonly SaveFormat[]): void;
  onError(error: LayerglassError): void;
  /** It was opened or closed. */
  onOpen(isOpen: boolean): void;
}

/** Milliseconds after the last edit before its prediction is asked for. */
const PAUSE = 250;

/**
 * Edits an input of the page: paints a picture, sets values, letters or a text. The prediction follows a moment after the last edit;
 * it is shown beside the one without edits. Ctrl+Z and Ctrl+Y undo and redo; on a Mac Cmd+Z and Cmd+Shift+Z.
 */
export function inputEditor(actions: EditorActions): {
  readonly element: HTMLElement;
  toggle(): void;
  /** Forgets the edits, also those that are not explained yet; they can be made again. */
  discard(): void;
  show(context: ExplainContext): void;
  showExplained(explanation: Explanation): void;
} {
  const prediction = beforeAfter();
  const body = el('div', { class: 'edit-body' });
  const problem = el('p', { class: 'edit-problem', role: 'alert', hidden: true });
  const undo = button({
    label: l10n.t('Undo'),
    title: SHORTCUTS.undo,
    onPress: () => take(withoutLast(history)),
  });
  const redo = button({
    label: l10n.t('Redo'),
    title: SHORTCUTS.redo,
    onPress: () => take(withUndone(history)),
  });
  const reset = button({ label: l10n.t('Reset'), onPress: () => take(withoutAll(history)) });
  const save = button({
    label: l10n.t('Save the Edited Input as…'),
    onPress: () => found && actions.onSave(input, found.formats),
  });
  const inputs = select<string>([], (value) => {
    input = Number(value);
    if (context !== null) adopt(context);
  });
  const inputField = field(l10n.t('Input'), inputs.element);
  const element = el(
    'section',
    { class: 'input-editor', 'aria-label': l10n.t('Edit the input'), hidden: true },
    el(
      'div',
      { class: 'heading' },
      el('h2', {}, l10n.t('Edit the input')),
      el('div', { class: 'edit-actions' }, undo.element, redo.element, reset.element, save.element),
    ),
    inputField,
    body,
    problem,
    prediction.element,
  );

  let context: ExplainContext | null = null;
  let explained: Explanation | null = null;
  let input = 0;
  let history: History = NO_EDITS;
  let found: EditableInput | null = null;
  let shown: EditBody | null = null;
  /** Of what `found` was asked for. */
  let key = '';
  let timer: number | undefined;
  /** Requests that are under way: what they return is older than the edits here. */
  let sending = 0;
  let isStarted = false;

  const refresh = () => {
    shown?.show(history.edits);
    undo.setEnabled(history.edits.length > 0);
    reset.setEnabled(history.edits.length > 0);
    redo.setEnabled(history.undone.length > 0);
    save.setEnabled(found !== null && found.formats.length > 0);
    prediction.element.hidden = found === null || explained === null || history.edits.length === 0;
    if (found !== null && explained !== null) prediction.show(found.before, explained);
  };
  const take = (next: History | null) => {
    problem.hidden = next !== null;
    problem.textContent =
      next === null ? l10n.t('No more edits fit. Save the edited input as a file, and go on with that.') : '';
    if (next === null) return;
    history = next;
    refresh();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), PAUSE);
  };
  const send = async () => {
    timer = undefined;
    sending += 1;
    try {
      await actions.onEdits(input, history.edits);
    } finally {
      sending -= 1;
    }
  };
  const adopt = (next: ExplainContext) => {
    const { choice, labels, summary } = next;
    const { output, unit } = choice.target;
    if (input >= choice.inputs.length) input = 0;
    inputs.setOptions(summary.inputs.map(({ name }, i) => ({ value: String(i), label: name })));
    inputs.setValue(String(input));
    inputField.hidden = summary.inputs.length < 2;
    const asked = JSON.stringify([
      ...[input, choice.inputs.map(unedited), choice.preprocessing, output, unit, labels],
    ]);
    const isOther = asked !== key;
    if (isOther) {
      window.clearTimeout(timer);
      timer = undefined;
      found = null;
      shown = null;
      key = asked;
      fill(body, el('p', { class: 'quiet' }, l10n.t('Reading the input…')));
    }
    if (isOther || (timer === undefined && sending === 0)) {
      const edits = choice.inputs[input]?.edits ?? [];
      if (isOther || JSON.stringify(edits) !== JSON.stringify(history.edits)) history = { edits, undone: [] };
    }
    refresh();
    if (isOther && isOpen()) void load();
  };
  const load = async () => {
    const mine = key;
    const answer = await actions.fetch(input);
    if (mine !== key) return;
    if (!answer.ok) {
      key = '';
      fill(body);
      return actions.onError(answer.error);
    }
    found = answer.value;
    shown = bodyOf(found.editable, (edit) => take(withEdit(history, edit)));
    fill(body, ...shown.elements);
    refresh();
  };
  const isOpen = () => !element.hidden;
  const setOpen = (next: boolean) => {
    element.hidden = !next;
    if (next && context !== null && found === null) void load();
    actions.onOpen(next);
  };

  element.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    // A field has an undo of its own.
    if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
    if (event.target instanceof HTMLTextAreaElement) return;
    const pressed = event.key.toLowerCase();
    const isRedo = pressed === 'y' || (pressed === 'z' && event.shiftKey);
    if (!isRedo && pressed !== 'z') return;
    event.preventDefault();
    take(isRedo ? withUndone(history) : withoutLast(history));
  });

  return {
    element,
    toggle: () => setOpen(!isOpen()),
    discard() {
      window.clearTimeout(timer);
      timer = undefined;
      history = withoutAll(history);
      refresh();
    },
    show(next) {
      context = next;
      adopt(next);
      // A page that was restored shows what it was edited to.
      if (!isStarted && history.edits.length > 0) setOpen(true);
      isStarted = true;
    },
    showExplained(explanation) {
      explained = explanation;
      refresh();
    },
  };
}

function bodyOf(editable: Editable, onEdit: (edit: InputEdit) => void): EditBody {
  switch (editable.kind) {
    case 'picture':
      return paintFigure(editable.pixels, onEdit);
    case 'values':
      return valuesBody(editable, onEdit);
    case 'letters':
      return lettersBody(editable.letters, onEdit);
    case 'text':
      return textBody(editable.strings, onEdit);
    case 'none':
      return { elements: [el('p', { class: 'quiet' }, editable.why)], show: () => undefined };
  }
}
