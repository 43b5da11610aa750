import '../language';
import * as l10n from '@vscode/l10n';
import type { CompareContext, CompareHost, ComparePage } from '../../shared/compare/compareView';
import type { Comparison } from '../../shared/compare/comparison';
import { countsText, headline, reasonTexts } from '../../shared/compare/comparisonText';
import { el, fill, pageRoot } from '../dom';
import { icon } from '../icons';
import { inputField } from '../inputField';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { saveState } from '../state';
import { button, checkbox, textField } from '../ui';
import { layerTable } from './layerTable';
import { maps } from './maps';
import { predictionTable } from './predictionTable';
import './style.css';

const host = connect<CompareHost, ComparePage>({
  progress: (progress) => bar.show(busy ? progress : null),
  setContext: (context) => enter(context),
  serverDown: (error) => {
    sequence += 1;
    setBusy(false);
    errors.show(error);
  },
});

let hasInput = false;
/** Whether model B is what code builds. */
let isCode = false;
let isEntered = false;
let busy = false;
/** Counts requests, so that outdated results are dropped. */
let sequence = 0;
let words = '';
let onlyDifferences = true;

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    void (isEntered ? ask() : start());
  },
  onShowLog: () => void host.call('showLog'),
});
const heading = el('h1');
const names = el('p', { class: 'models' });
const swap = button({ label: l10n.t('Swap A and B'), onPress: () => void host.call('swap') });
const input = inputField(() => void host.call('pickInput'));
const headlineText = el('p', { class: 'sentence' });
const reveal = button({ label: l10n.t('Show Layer'), onPress: () => showFirst() });
const verdict = el('div', { class: 'verdict', role: 'status' });
const why = el('ul', { class: 'why' });
const facts = el('p', { class: 'facts details quiet' });
const noInput = el(
  'p',
  { class: 'quiet', hidden: true },
  l10n.t('Choose an input to compare values, predictions and heat maps as well.'),
);
const notices = noticeList();
const predictions = el('div', { class: 'outputs' });
const predictionSection = el('section', { hidden: true }, el('h2', {}, l10n.t('Predictions')), predictions);
const heatMaps = maps();
const count = el('span', { class: 'quiet', role: 'status' });
const table = layerTable({
  onOpen: (model, layer) => void host.call('openLayer', model, layer),
  onCount: (shown, total) => {
    count.textContent = l10n.t('{0} of {1} layers', shown, total);
  },
});
const filter = textField({
  label: l10n.t('Filter layers'),
  placeholder: l10n.t('Filter by name, class or status'),
  onInput: (text) => {
    words = text;
    table.filter(words, onlyDifferences);
  },
});
const only = checkbox({
  label: l10n.t('Only differences'),
  onChange: (checked) => {
    onlyDifferences = checked;
    table.filter(words, onlyDifferences);
  },
});
only.setChecked(true);
let firstPath: string | null = null;

const content = el(
  'div',
  { class: 'content fades', hidden: true },
  verdict,
  why,
  facts,
  noInput,
  notices.element,
  el(
    'section',
    {},
    el('h2', {}, l10n.t('Layers')),
    el('div', { class: 'table-tools' }, filter.element, only.element, count),
    table.element,
  ),
  predictionSection,
  heatMaps.element,
);
const root = pageRoot();
root.append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, heading, names), bar.element),
    swap.element,
    input.element,
  ),
  errors.element,
  content,
);
void start();

/** Requests the models to show from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (!answer.ok) return errors.show(answer.error);
  enter(answer.value);
}

function enter({ choice, names: { a, b }, inputNames }: CompareContext): void {
  isEntered = true;
  saveState(choice);
  // Code has neither values nor weights, and is compared with the file.
  isCode = choice.code !== undefined;
  heading.textContent = isCode ? l10n.t('Compare with Code') : l10n.t('Compare Models');
  swap.element.hidden = isCode;
  input.element.hidden = isCode;
  hasInput = isCode || choice.inputs.length > 0;
  fill(names, el('span', {}, el('b', {}, 'A'), ` ${a}`), el('span', {}, el('b', {}, 'B'), ` ${b}`));
  input.show(inputNames);
  void ask();
}

async function ask(): Promise<void> {
  sequence += 1;
  const mine = sequence;
  setBusy(true);
  errors.show(null);
  heatMaps.clear();
  const answer = await host.call('compare');
  if (mine !== sequence) return;
  setBusy(false);
  if (!answer.ok) return errors.show(answer.error);
  show(answer.value);
  if (answer.value.predictions === null) return;
  const drawn = await host.call('maps');
  if (mine === sequence) heatMaps.show(drawn);
}

function show(comparison: Comparison): void {
  const { layers, firstDifference, parameters, backend, isEqual, tolerance } = comparison;
  firstPath = firstDifference?.path ?? null;
  headlineText.textContent = headline(comparison);
  reveal.element.hidden = firstPath === null;
  verdict.classList.toggle('equal', isEqual);
  fill(verdict, icon(isEqual ? 'check' : 'warning'), headlineText, reveal.element);
  const first = layers.find(({ path }) => path === firstPath);
  fill(why, ...(first === undefined ? [] : reasonTexts(first)).map((reason) => el('li', {}, reason)));
  const count = (value: number | null): string => value?.toLocaleString('en-US') ?? '?';
  fill(
    facts,
    el('span', {}, countsText(layers)),
    el(
      'span',
      {},
      isCode && parameters.b === null
        ? l10n.t('{0} parameters, of the code not known', count(parameters.a))
        : l10n.t('{0} and {1} parameters', count(parameters.a), count(parameters.b)),
    ),
    backend === null ? null : el('span', {}, l10n.t('values agree within {0}', tolerance)),
    backend === null ? null : el('span', {}, l10n.t('{0} backend', backend)),
  );
  noInput.hidden = hasInput;
  notices.show(comparison.notices);
  content.hidden = false;
  table.show(layers, firstPath, isCode);
  predictionSection.hidden = comparison.predictions === null;
  fill(predictions, ...(comparison.predictions ?? []).map(predictionTable));
}

function showFirst(): void {
  if (firstPath === null) return;
  words = '';
  filter.setValue('');
  table.filter(words, onlyDifferences);
  table.reveal(firstPath);
}

function setBusy(next: boolean): void {
  busy = next;
  root.classList.toggle('outdated', next);
  content.setAttribute('aria-busy', String(next));
  bar.show(next ? { fraction: null, message: l10n.t('Comparing') } : null);
}
