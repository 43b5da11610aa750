import * as l10n from '@vscode/l10n';
import type { LayerglassError, Result } from '../../../shared/errors';
import { exponentText, farSigmoidText, floatText } from '../../../shared/numberText';
import { type OpenedUnit, placeText, type UnitPlace } from '../../../shared/results/unit';
import type { ShownUnit, UnitAsked } from '../../../shared/view';
import { el, fill } from '../../dom';
import { noticeList } from '../../messages';
import { button } from '../../ui';
import { attentionTable } from './attentionTable';
import { gateList } from './gates';
import { placeFields } from './placeFields';
import { sumTable } from './sumTable';
import { windowGrid } from './windowGrid';
import './unit.css';

export interface UnitSectionHost {
  open(asked: UnitAsked): Promise<Result<ShownUnit>>;
  /** Shows another layer on the page. */
  showLayer(layer: string): void;
  onBusy(isBusy: boolean): void;
  onError(error: LayerglassError): void;
}

/** What a value is, by how it is computed. */
const EXPLANATIONS: Readonly<Record<OpenedUnit['form'], string>> = {
  sum: l10n.t('The value is the sum of its inputs, each times a weight, and the bias.'),
  value: l10n.t('The value is one value of the layer before.'),
  max: l10n.t('The value is the largest of these.'),
  product: l10n.t('The value is the product of its inputs.'),
  lookup: l10n.t('The value is a row of a table.'),
  gates: l10n.t('The state of the cell after this step, and the gates that it is computed by.'),
  attention: l10n.t(
    'The value is the sum of what each key contributes, times its attention weight, and the bias.',
  ),
  slopes: l10n.t('The value is no sum of its inputs; shown is how strongly it depends on each.'),
  input: l10n.t('The value is an input of the model: here the way down ends.'),
};

/** The section "One unit": any value of the layer taken apart, with a way from each number down to the input, and back. */
export function unitSection(host: UnitSectionHost): {
  readonly element: HTMLElement;
  /** Shows the unit with the largest value of the page's layer, as soon as the section is in view. */
  load(): void;
  /** Shows a value of the page's layer. */
  open(asked: UnitAsked): void;
  clear(): void;
} {
  /** The way down: what was opened, from the page's layer on. */
  let way: OpenedUnit[] = [];
  let isDue = false;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;

  const crumbs = el('ol');
  const nav = el('nav', { class: 'way', 'aria-label': l10n.t('From the layer down to this value') }, crumbs);
  const fields = placeFields((unit, position) => {
    const last = way.at(-1);
    if (!last) return;
    const { position: _, ...place } = placeOf(last);
    void ask({ ...place, unit, ...(position === null ? {} : { position }) }, way.length - 1);
  });
  const title = el('h3', { tabindex: -1 });
  const explanation = el('p', { class: 'quiet' });
  const refusal = el('p', { role: 'status' });
  const notices = noticeList();
  const parts = el('div', { class: 'unit-parts' });
  const showLayer = button({
    label: l10n.t('Show This Layer'),
    onPress: () => {
      const last = way.at(-1);
      if (last) host.showLayer(last.layer);
    },
  });
  const content = el(
    'div',
    { class: 'unit-content', hidden: true },
    nav,
    fields.element,
    el('div', { class: 'unit-title' }, title, showLayer.element),
    explanation,
    notices.element,
    parts,
  );
  const element = el(
    'section',
    { class: 'one-unit', 'aria-label': l10n.t('One unit'), hidden: true },
    el('h2', {}, l10n.t('One unit')),
    refusal,
    content,
  );
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) loadIfDue();
  });
  observer.observe(element);

  function loadIfDue(): void {
    if (!isDue) return;
    isDue = false;
    void ask({}, 0);
  }

  /** @param depth how many of the values above it stay in the way */
  async function ask(asked: UnitAsked, depth: number): Promise<boolean> {
    isDue = false;
    sequence += 1;
    const mine = sequence;
    setBusy(true);
    const answer = await host.open(asked);
    if (mine !== sequence) return false;
    setBusy(false);
    if (answer.ok) {
      way = [...way.slice(0, depth), answer.value.unit];
      show(answer.value);
      return true;
    }
    const { kind, message, remedy } = answer.error;
    if (kind === 'not-applicable') refusal.textContent = remedy ? `${message} ${remedy}` : message;
    else host.onError(answer.error);
    return false;
  }

  /** Goes on to a value that the shown one was made of. */
  async function descend(place: UnitPlace): Promise<void> {
    if (await ask(placeOf(place), way.length)) title.focus();
  }

  async function ascend(depth: number): Promise<void> {
    const target = way[depth];
    if (target && (await ask(placeOf(target), depth))) title.focus();
  }

  function show({ unit, names }: ShownUnit): void {
    const { activation, form, factors, window, gates, attention } = unit;
    refusal.textContent = '';
    content.hidden = false;
    fields.show(unit, names);
    const name = names[unit.unit];
    title.textContent = `${placeText(unit)}${name === undefined ? '' : ` (${name})`}: ${afterText(unit)}`;
    explanation.textContent = EXPLANATIONS[form];
    notices.show(unit.notices);
    showLayer.element.hidden = unit.layer === way[0]?.layer;
    fill(crumbs, ...way.map(crumb));
    nav.hidden = way.length < 2;
    const onOpen = (place: UnitPlace): void => void descend(place);
    const after =
      activation === null
        ? null
        : {
            name: form === 'gates' ? l10n.t('{0}, times the output gate', activation) : activation,
            text: afterText(unit),
          };
    const isProduct = form === 'product';
    fill(
      parts,
      isProduct
        ? factorList(factors, onOpen)
        : sumTable(unit, { label: l10n.t('Terms of the sum'), form, after, onOpen }),
      window === null ? null : windowGrid(window, onOpen),
      gateList(gates, onOpen),
      attentionTable(attention, onOpen),
    );
  }

  function crumb(unit: OpenedUnit, depth: number): HTMLElement {
    const text = placeText(unit);
    if (depth === way.length - 1) return el('li', { 'aria-current': 'step' }, text);
    const link = el('button', { type: 'button', class: 'link' }, text);
    link.addEventListener('click', () => void ascend(depth));
    return el('li', {}, link);
  }

  function setBusy(isBusy: boolean): void {
    element.setAttribute('aria-busy', String(isBusy));
    host.onBusy(isBusy);
  }

  function clear(): void {
    sequence += 1;
    isDue = false;
    way = [];
    element.hidden = true;
    content.hidden = true;
    refusal.textContent = '';
    setBusy(false);
  }

  return {
    element,
    clear,
    load() {
      clear();
      element.hidden = false;
      isDue = true;
      // The observer reports only changes.
      observer.unobserve(element);
      observer.observe(element);
    },
    open(asked) {
      void ask(asked, 0).then((isShown) => {
        if (isShown) title.focus();
      });
    },
  };
}

/** A value as it is asked for. */
const placeOf = ({ layer, output = 0, unit, position }: UnitPlace): UnitPlace => ({
  layer,
  ...(output === 0 ? {} : { output }),
  unit,
  position,
});

/** The value after the activation; a probability near 0 or 1 is computed from the value before it. */
function afterText({ activation, pre, post }: OpenedUnit): string {
  if (activation !== 'sigmoid' || !Number.isFinite(pre)) return floatText(post);
  const complement = 1 / (1 + Math.exp(pre));
  return farSigmoidText(pre) ?? (complement < 1e-4 ? `1 - ${exponentText(complement, 2)}` : floatText(post));
}

/** The factors of a product, each of which leads to what it was made of. */
function factorList(factors: OpenedUnit['factors'], onOpen: (place: UnitPlace) => void): HTMLElement {
  return el(
    'ul',
    { class: 'factors', 'aria-label': l10n.t('Factors') },
    ...factors.map(({ value, from }) => {
      const link = el('button', { type: 'button', class: 'link' }, placeText(from));
      link.addEventListener('click', () => onOpen(from));
      return el('li', {}, el('span', { class: 'number' }, floatText(value)), ' ', link);
    }),
  );
}
