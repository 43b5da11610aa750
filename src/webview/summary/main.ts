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
import './style.css';

const host = connect<SummaryHost, SummaryPage>({
  setSummary: (summary) => {
    errors.show(null);
    show(summary);
  },
  serverDown: (error) => errors.show(error),
});

let fileName = '';
let notice: string | null = null;

const errors = errorPanel({
  onRetry: () => {
    void host.call('retry');
    void start();
  },
  onShowLog: () => void host.call('showLog'),
  onOpen: () => void host.call('openSuggestion'),
});
const header = modelHeader();
const notices = noticeList();
const count = el('span', { class: 'quiet', role: 'status' });
const table = layerTable(
  {
    explain: ({ path }) => void host.call('explain', path),
    openLayer: ({ path }) => void host.call('openLayer', path),
    copyShape: ({ outputShapes }) => void host.call('copy', outputShapes.map(formatShape).join('\n')),
  },
  (shown, total) => {
    count.textContent = shown === total ? `${total} layers` : `${shown} of ${total} layers`;
  },
);
const filter = textField({
  label: 'Filter layers',
  placeholder: 'Filter by name, class or activation',
  onInput: (text) => {
    table.filter(text);
    saveState({ filter: text });
  },
});
const explain = button({
  label: 'Explain Prediction',
  kind: 'primary',
  onPress: () => void host.call('explain', null),
});
const content = el(
  'div',
  { class: 'content', hidden: true },
  header.element,
  notices.element,
  el('div', { class: 'table-tools' }, filter.element, count, explain.element),
  el('div', { class: 'table-frame' }, table.element),
);
const loading = el('p', { class: 'loading quiet', role: 'status' }, 'Reading the model…');

pageRoot().append(errors.element, loading, content);
void start();

async function start(): Promise<void> {
  errors.show(null);
  loading.hidden = !content.hidden;
  const answer = await host.call('ready');
  loading.hidden = true;
  if (!answer.ok) return errors.show(answer.error);
  ({ fileName, notice } = answer.value);
  show(answer.value.summary);
}

function show(summary: ModelSummary): void {
  header.show(summary, fileName, notice);
  notices.show(summary.notices);
  table.show(summary.layers);
  content.hidden = false;
  const { filter: saved } = savedState();
  const text = typeof saved === 'string' ? saved : '';
  filter.setValue(text);
  table.filter(text);
}
