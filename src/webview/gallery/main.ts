import '../language';
import * as l10n from '@vscode/l10n';
import {
  type Accuracy,
  accuracyOf,
  type GalleryFilter,
  type KnownInputs,
  shownInputs,
} from '../../shared/gallery/galleryFilter';
import type { GalleryContext, GalleryHost, GalleryPage } from '../../shared/gallery/galleryView';
import { el, fill, pageRoot } from '../dom';
import { formatCount, formatShare } from '../format';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { button, field, select } from '../ui';
import { filterBar } from './filterBar';
import { inputGrid } from './inputGrid';
import { keepState, storeNow } from './state';
import { tileTexts } from './tileTexts';
import './style.css';

const host = connect<GalleryHost, GalleryPage>({
  setContext: (next) => enter(next),
  predicted: (from, predictions, kind) => {
    if (context === null) return;
    const all = [...context.predictions];
    for (const [i, one] of predictions.entries()) all[from + i] = one;
    context = { ...context, predictions: all, kind };
    showPredictions();
  },
  progress: (progress) => {
    isRunning = progress !== null;
    bar.show(progress);
    showRest();
  },
  stopped: (error) => errors.show(error),
  serverDown: (error) => {
    isRunning = false;
    bar.show(null);
    errors.show(error);
    showRest();
  },
});

let context: GalleryContext | null = null;
/** The predictions go on. */
let isRunning = false;

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    errors.show(null);
    if (context === null) void start();
    else void host.call('predict', insist);
  },
  onShowLog: () => void host.call('showLog'),
});
const notices = noticeList();
const title = el('h1');
const subtitle = el('p', { class: 'details quiet' });
const accuracy = el('p', { class: 'accuracy', role: 'status' });
const sources = button({ label: l10n.t('Choose…'), onPress: () => void host.call('chooseSources') });
const preprocessing = button({ label: '…', onPress: () => void host.call('pickPreprocessing') });
const output = select<string>([], (index) => void host.call('setOutput', Number(index)));
const outputField = field(l10n.t('Output'), output.element);
const rest = button({ label: l10n.t('Predict the Rest'), onPress: () => void host.call('predict', false) });
const count = el('span', { class: 'quiet', role: 'status' });
const filters = filterBar((filter) => setFilter(filter));
const grid = inputGrid({
  thumbnails: (places, side) => host.call('thumbnails', places, side),
  describe: (place) =>
    tileTexts({
      name: context?.names[place] ?? '',
      predicted: context?.predictions[place] ?? null,
      truth: truths()[place] ?? null,
      kind: context?.kind ?? null,
      labels: context?.labels ?? [],
    }),
  onOpen: (place) => void host.call('open', place),
  onError: (error) => {
    if (error.kind !== 'cancelled') errors.show(error);
  },
});
const emptyText = el('p');
const emptyButton = el('div');
const empty = el('div', { class: 'empty-state', hidden: true }, emptyText, emptyButton);
const tools = el('div', { class: 'grid-tools' }, filters.element, count, rest.element);
pageRoot().append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, title, subtitle, accuracy), bar.element),
    el(
      'div',
      { class: 'header-fields' },
      labelled(l10n.t('From'), sources.element),
      outputField,
      labelled(l10n.t('Preprocessing'), preprocessing.element),
    ),
  ),
  errors.element,
  notices.element,
  tools,
  empty,
  grid.element,
);
void start();

function labelled(text: string, control: HTMLElement): HTMLElement {
  return el('div', { class: 'field' }, el('span', { class: 'label', 'aria-hidden': 'true' }, text), control);
}

async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (answer.ok) enter(answer.value);
  else errors.show(answer.error);
}

/** Labels count where the model predicts classes. */
function truths(): readonly (number | null)[] {
  if (context === null) return [];
  return context.kind === null || context.kind === 'class' ? context.truths : context.truths.map(() => null);
}

function known(): KnownInputs {
  const predictions = context?.predictions.map((one) => (one?.ok ? one.value : null)) ?? [];
  return { truths: truths(), predictions };
}

function enter(next: GalleryContext): void {
  const isSame = context?.version === next.version;
  const isOther = context !== null && context.output !== next.output;
  context = next;
  errors.show(null);
  title.textContent = l10n.t('Inputs of {0}', next.fileName);
  const from = next.sources.join(', ');
  sources.setLabel(from, l10n.t('Choose the files and folders whose inputs are shown'));
  sources.element.setAttribute('aria-label', l10n.t('From: {0}', from));
  preprocessing.setLabel(next.preprocessing, l10n.t('Choose another preprocessing'));
  preprocessing.element.setAttribute('aria-label', l10n.t('Preprocessing: {0}', next.preprocessing));
  output.setOptions(next.outputs.map((name, i) => ({ value: String(i), label: name })));
  output.setValue(String(next.output));
  outputField.hidden = next.outputs.length < 2;
  if (!isSame) grid.reset(shownInputs(known(), next.filter));
  showPredictions();
  if (isOther) storeNow();
}

function setFilter(filter: GalleryFilter): void {
  if (context === null) return;
  context = { ...context, filter };
  void host.call('setFilter', filter);
  showPredictions();
  storeNow();
}

/** Everything that depends on what is predicted so far. */
function showPredictions(): void {
  if (context === null) return;
  const { filter, names, labels, kind, predictions } = context;
  const now = known();
  const shown = shownInputs(now, filter);
  grid.reorder(shown);
  grid.redescribe();
  filters.show(filter, now, { labels, kind });
  tools.hidden = names.length === 0;
  count.textContent = l10n.t('{0} of {1} shown', formatCount(shown.length), formatCount(names.length));
  const failed = predictions.filter((one) => one?.ok === false).length;
  fill(
    subtitle,
    el('span', {}, names.length === 1 ? l10n.t('1 input') : l10n.t('{0} inputs', formatCount(names.length))),
    failed === 0 ? null : el('span', {}, failedText(failed)),
  );
  accuracy.textContent = accuracyText(accuracyOf(now));
  notices.show([...context.notices, ...labelNotices(context)]);
  showEmpty(shown.length);
  showRest();
  keepState(context);
}

const failedText = (failed: number): string =>
  failed === 1 ? l10n.t('1 cannot be predicted') : l10n.t('{0} cannot be predicted', formatCount(failed));

function accuracyText({ correct, count: all }: Accuracy): string {
  if (all === 0) return '';
  return l10n.t(
    'Accuracy {0}: {1} of {2} labelled inputs are predicted right',
    formatShare(correct / all),
    formatCount(correct),
    formatCount(all),
  );
}

/** Why labels are not compared with the predictions. */
function labelNotices({ kind, truths: given }: GalleryContext): string[] {
  if (kind === null || kind === 'class' || given.every((truth) => truth === null)) return [];
  return [
    kind === 'number'
      ? l10n.t(
          'The model gives a number and no class, so that its predictions are not compared with the labels.',
        )
      : l10n.t(
          'The model gives a class at each of many positions, so that its predictions are not compared with the labels.',
        ),
  ];
}

function showEmpty(shown: number): void {
  if (context === null) return;
  const { names, filter } = context;
  empty.hidden = shown > 0;
  grid.element.hidden = shown === 0;
  if (shown > 0) return;
  if (names.length === 0) {
    emptyText.textContent = l10n.t(
      'No inputs for this model were found. Choose a folder of images, a folder with a folder for each class, arrays, tables or FASTA files.',
    );
    fill(
      emptyButton,
      button({
        label: l10n.t('Choose Inputs…'),
        kind: 'primary',
        onPress: () => void host.call('chooseSources'),
      }).element,
    );
    return;
  }
  emptyText.textContent = nothingText(filter);
  fill(
    emptyButton,
    button({
      label: l10n.t('Show All'),
      onPress: () => setFilter({ ...filter, show: 'all', class: null }),
    }).element,
  );
}

function nothingText({ show }: GalleryFilter): string {
  if (isRunning) return l10n.t('None so far; the predictions go on.');
  if (show === 'wrong') return l10n.t('None of these inputs is predicted wrong.');
  if (show === 'unsure') return l10n.t('The model is sure about all of these inputs.');
  return l10n.t('There are no such inputs.');
}

/** The button that goes on with predictions that were cancelled. */
function showRest(): void {
  const missing = context?.predictions.some((one) => one === null) ?? false;
  rest.element.hidden = isRunning || !missing;
  if (context !== null && !grid.element.hidden) return;
  if (context !== null && context.names.length > 0) emptyText.textContent = nothingText(context.filter);
}
