import '../language';
import * as l10n from '@vscode/l10n';
import type { LayerglassError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/model';
import type { SummaryHost, SummaryPage } from '../../shared/view';
import { el, pageRoot } from '../dom';
import { formatShape } from '../format';
import { errorPanel, noticeList } from '../messages';
import { connect } from '../rpc';
import { savedState, saveState } from '../state';
import { button, textField } from '../ui';
import { layerTable } from './layerTable';
import { modelHeader } from './modelHeader';
import { trainingSection } from './trainingConfig';
import './style.css';

const host = connect<SummaryHost, SummaryPage>({
  setSummary: (summary) => {
    showError(null);
    show(summary);
  },
  serverDown: (error) => showError(error),
});

let fileName = '';
let notice: string | null = null;
/** The file contains weights only. */
let areArrays = false;

const errors = errorPanel({
  onRetry: () => {
    void host.call('retry');
    void start();
  },
  onShowLog: () => void host.call('showLog'),
  onOpen: () => void host.call('openSuggestion'),
});
const header = modelHeader();
const training = trainingSection((text) => void host.call('copy', text));
const notices = noticeList();
const count = el('span', { class: 'quiet', role: 'status' });
const table = layerTable(
  {
    explain: ({ path }) => void host.call('explain', path),
    openLayer: ({ path }) => void host.call('openLayer', path),
    copyShape: ({ outputShapes }) => void host.call('copy', outputShapes.map(formatShape).join('\n')),
  },
  (shown, total) => {
    count.textContent = countText(shown, total);
  },
);
const filter = textField({
  label: l10n.t('Filter layers'),
  placeholder: l10n.t('Filter by name, class or activation'),
  onInput: (text) => {
    table.filter(text);
    saveState({ filter: text });
  },
});
const explain = button({
  label: l10n.t('Explain Prediction'),
  kind: 'primary',
  onPress: () => void host.call('explain', null),
});
const graph = button({ label: l10n.t('Show Graph'), onPress: () => void host.call('showGraph') });
const openWithH5Web = () =>
  button({ label: l10n.t('Open with H5Web'), onPress: () => void host.call('openWithH5Web') }).element;
const h5webBeside = el('span', { hidden: true }, openWithH5Web());
/** Below an error: a file that is not a model may still be HDF5. */
const h5webInstead = el('p', { class: 'instead', hidden: true }, openWithH5Web());
let offersH5Web = false;
const content = el(
  'div',
  { class: 'content', hidden: true },
  header.element,
  training.element,
  notices.element,
  el('div', { class: 'table-tools' }, filter.element, count, h5webBeside, graph.element, explain.element),
  el('div', { class: 'table-frame' }, table.element),
);
const loading = el('p', { class: 'loading quiet', role: 'status' }, l10n.t('Reading the model…'));

pageRoot().append(errors.element, h5webInstead, loading, content);
void start();

async function start(): Promise<void> {
  showError(null);
  loading.hidden = !content.hidden;
  const offer = await host.call('offersH5Web');
  offersH5Web = offer.ok && offer.value;
  h5webBeside.hidden = !offersH5Web;
  const answer = await host.call('ready');
  loading.hidden = true;
  if (!answer.ok) return showError(answer.error);
  ({ fileName, notice } = answer.value);
  show(answer.value.summary);
}

function showError(error: LayerglassError | null): void {
  errors.show(error);
  h5webInstead.hidden = error === null || !offersH5Web || !content.hidden;
}

function show(summary: ModelSummary): void {
  header.show(summary, fileName, notice);
  notices.show(summary.notices);
  areArrays = summary.weightsOnly !== undefined;
  table.show(summary.layers, areArrays);
  explain.element.hidden = areArrays;
  graph.element.hidden = areArrays;
  content.hidden = false;
  void showTraining();
  const { filter: saved } = savedState();
  const text = typeof saved === 'string' ? saved : '';
  filter.setValue(text);
  table.filter(text);
}

async function showTraining(): Promise<void> {
  const answer = await host.call('trainingConfig');
  training.show(answer.ok ? answer.value : null);
}

function countText(shown: number, total: number): string {
  if (areArrays)
    return shown === total
      ? l10n.t('{0} layers and arrays', total)
      : l10n.t('{0} of {1} layers and arrays', shown, total);
  return shown === total ? l10n.t('{0} layers', total) : l10n.t('{0} of {1} layers', shown, total);
}
