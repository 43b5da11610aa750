import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../shared/errors';
import {
  type DrawnTrace,
  effectiveFieldText,
  type LayerTrace,
  receptiveFieldText,
  type UnitTrace,
} from '../../shared/results/tracing';
import { el, fill } from '../dom';
import { noticeList } from '../messages';
import { button } from '../ui';
import { arithmeticTable } from './arithmeticTable';
import { shownOutputs, sumLines } from './contributionSum';
import { inputStrip } from './inputStrip';
import { numberCheck } from './numberCheck';
import { traceCsv, traceJson } from './traceFiles';
import { unitTable } from './unitTable';

export interface OriginsHost {
  /** All units, or one with its arithmetic and, of a number, the check. */
  fetch(unit: number | null, check: number | null): Promise<Result<DrawnTrace>>;
  /** One unit with its effective receptive field. */
  fetchField(unit: number): Promise<Result<DrawnTrace>>;
  copy(text: string): Promise<Result<unknown>>;
  onBusy(busy: boolean): void;
  onError(error: LayerglassError): void;
}

/** Whether a layer is a pooling or a convolution, of Keras or of a TensorFlow graph, whose units are followed back. */
export const hasOrigins = (className: string): boolean => /pool|conv\d|conv$|convolution/i.test(className);

/** "Where it comes from": the units of a pooling or convolution, their windows on the input, and one of them in detail. */
export function originsSection(host: OriginsHost): {
  readonly element: HTMLElement;
  /** Drops what is shown and what is being fetched, when another layer or input is. */
  clear(): void;
  /** Follows the units of the layer on the page. */
  load(): Promise<void>;
} {
  const refusal = el('p', { role: 'status' });
  const explanation = el('p', { class: 'quiet' });
  const notices = noticeList();
  const sums = el('ul', { class: 'sums', 'aria-label': l10n.t('Sum of the contributions') });
  const copied = el('span', { class: 'quiet', role: 'status' });
  const title = el('h3');
  const strip = inputStrip();
  const arithmetic = arithmeticTable();
  const table = unitTable((unit) => select(unit));
  const check = numberCheck((number) => void ask(number));
  const toggle = button({ label: SHOW, onPress: () => setOpen(!isOpen) });
  const fieldText = el('p', { class: 'quiet', role: 'status' });
  const fieldToggle = button({ label: SHOW_FIELD, onPress: () => setField(!isField) });
  const tools = el(
    'div',
    { class: 'heading-tools' },
    copied,
    button({ label: l10n.t('Copy as CSV'), onPress: () => void copy(traceCsv, 'CSV') }).element,
    button({ label: l10n.t('Copy as JSON'), onPress: () => void copy(traceJson, 'JSON') }).element,
  );
  const detail = el(
    'div',
    { class: 'unit-detail' },
    title,
    strip.element,
    fieldText,
    el('div', { class: 'unit-tools' }, fieldToggle.element, toggle.element),
    arithmetic.element,
    check.element,
  );
  const content = el(
    'div',
    { class: 'origins-content fades' },
    explanation,
    notices.element,
    table.element,
    sums,
    detail,
  );
  const element = el(
    'section',
    { class: 'origins', 'aria-label': l10n.t('Where it comes from'), hidden: true },
    el('div', { class: 'heading' }, el('h2', {}, l10n.t('Where it comes from')), tools),
    refusal,
    content,
  );

  let shown: LayerTrace | null = null;
  let selected: UnitTrace | null = null;
  let isOpen = false;
  /** Whether the effective receptive field of the selected unit is drawn. */
  let isField = false;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;

  async function request(asked: () => Promise<Result<DrawnTrace>>): Promise<DrawnTrace | null> {
    sequence += 1;
    const mine = sequence;
    setBusy(true);
    const answer = await asked();
    if (mine !== sequence) return null;
    setBusy(false);
    if (answer.ok) return answer.value;
    const { kind, message, remedy } = answer.error;
    if (kind === 'not-applicable') refusal.textContent = remedy ? `${message} ${remedy}` : message;
    else host.onError(answer.error);
    if (selected !== null) check.setUnit(selected.unit);
    return null;
  }

  function setBusy(busy: boolean): void {
    element.setAttribute('aria-busy', String(busy));
    host.onBusy(busy);
  }

  /** Asks for the arithmetic of the selected unit, and for the check of a number. */
  async function ask(number: number | null): Promise<void> {
    if (selected === null) return;
    refusal.textContent = '';
    const { unit } = selected;
    const answer = await request(() => host.fetch(unit, number));
    if (answer === null) return;
    if (isOpen) arithmetic.show(answer.arithmetic);
    if (answer.check !== null) check.show(answer.check);
  }

  function setOpen(open: boolean): void {
    isOpen = open;
    toggle.setLabel(open ? HIDE : SHOW);
    arithmetic.show(null);
    if (open) void ask(null);
  }

  async function setField(show: boolean): Promise<void> {
    isField = show;
    fieldToggle.setLabel(show ? HIDE_FIELD : SHOW_FIELD);
    fieldText.textContent = '';
    strip.showField(null);
    if (!show || selected === null) return;
    const { unit } = selected;
    refusal.textContent = '';
    const answer = await request(() => host.fetchField(unit));
    if (answer === null || answer.effective === null) {
      isField = false;
      fieldToggle.setLabel(SHOW_FIELD);
      return;
    }
    strip.showField(answer.effective);
    fieldText.textContent = effectiveFieldText(answer.effective);
  }

  function select(unit: UnitTrace): void {
    // What is being fetched is about another unit.
    sequence += 1;
    setBusy(false);
    selected = unit;
    title.textContent = l10n.t('Unit {0}', unit.unit);
    table.select(unit.unit);
    strip.show(unit);
    check.setUnit(unit.unit);
    arithmetic.show(null);
    if (isOpen) void ask(null);
    void setField(false);
  }

  function show({ trace, inputImage }: DrawnTrace): void {
    shown = trace;
    explanation.textContent = `${explained(trace)} ${receptiveFieldText(trace.read, trace.field)}.`;
    notices.show(trace.notices);
    table.show(trace, shownOutputs(trace));
    fill(sums, ...sumLines(trace).map((line) => el('li', {}, line)));
    strip.setInput(trace, inputImage);
    content.hidden = false;
    tools.hidden = false;
    const [first] = trace.units;
    detail.hidden = first === undefined;
    if (first) select(first);
  }

  async function copy(write: (trace: LayerTrace) => string, format: string): Promise<void> {
    if (shown === null) return;
    const { units } = shown;
    const answer = await host.copy(write(shown));
    if (answer.ok) copied.textContent = l10n.t('Copied {0} units as {1}.', units.length, format);
    else host.onError(answer.error);
  }

  return {
    element,
    clear() {
      sequence += 1;
      setBusy(false);
      element.hidden = true;
      shown = null;
      selected = null;
    },
    async load() {
      element.hidden = false;
      content.hidden = true;
      tools.hidden = true;
      copied.textContent = '';
      refusal.textContent = '';
      const answer = await request(() => host.fetch(null, null));
      if (answer !== null) show(answer);
    },
  };
}

const SHOW = l10n.t('Show the Arithmetic');
const HIDE = l10n.t('Hide the Arithmetic');
const SHOW_FIELD = l10n.t('Show the Effective Receptive Field');
const HIDE_FIELD = l10n.t('Hide the Effective Receptive Field');

function explained({ read, pooling, input }: LayerTrace): string {
  const largest =
    pooling === 'max'
      ? l10n.t(
          'The value of a unit is the largest of its channel; its positions are those of the maximum in {0}.',
          read,
        )
      : pooling === null
        ? l10n.t('The value of a unit is the largest of its channel; its positions are those in {0}.', read)
        : l10n.t('The value of a unit is the largest of its channel.');
  return `${largest} ${l10n.t('A window 3:5 of the input {0} has the positions 3 and 4.', input)}`;
}
