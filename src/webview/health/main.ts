import '../language';
import * as l10n from '@vscode/l10n';
import { ok } from '../../shared/errors';
import { firstBadText, type ModelHealth } from '../../shared/results/health';
import type { HealthChoice, HealthHost, HealthPage } from '../../shared/view';
import { doctorLine } from '../doctorLine';
import { el, fill, pageRoot } from '../dom';
import { icon } from '../icons';
import { inputField } from '../inputField';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { saveState } from '../state';
import { button, textField } from '../ui';
import { healthTable } from './table';
import './style.css';

const host = connect<HealthHost, HealthPage>({
  progress: (progress) => bar.show(busy ? progress : null),
  setChoice: (next, names) => enter(next, names),
  serverDown: (error) => {
    sequence += 1;
    setBusy(false);
    errors.show(error);
  },
});

let choice: HealthChoice | null = null;
let busy = false;
/** Counts requests, so that outdated results are dropped. */
let sequence = 0;

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    void (choice === null ? start() : ask());
  },
  onShowLog: () => void host.call('showLog'),
});
const title = el('h1');
const subtitle = el('p', { class: 'details quiet' });
const input = inputField(() => void host.call('pickInput'));
const firstBad = el('div', { class: 'first-bad-line', role: 'status' });
const doctor = doctorLine({
  // The line above has the first NaN already.
  ask: async () => {
    const answer = await host.call('doctor');
    return answer.ok && answer.value?.kind === 'non-finite-values' ? ok(null) : answer;
  },
  onPreprocessing: (preprocessing) => void host.call('setPreprocessing', preprocessing),
  onLayer: (layer) => void host.call('openLayer', layer),
});
const notices = noticeList();
const count = el('span', { class: 'quiet', role: 'status' });
const table = healthTable({
  onOpen: ({ path }) => void host.call('openLayer', path),
  onCount: (shown, total) => {
    count.textContent = shown === total ? rowsText(total) : l10n.t('{0} of {1} rows', shown, total);
  },
});
const filter = textField({
  label: l10n.t('Filter layers'),
  placeholder: l10n.t('Filter by name, class, before or after'),
  onInput: (text) => table.filter(text),
});
const content = el(
  'div',
  { class: 'content fades', hidden: true },
  el('div', { class: 'table-tools' }, filter.element, count),
  table.element,
);
const root = pageRoot();
root.append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, title, subtitle), bar.element),
    input.element,
  ),
  errors.element,
  firstBad,
  doctor.element,
  notices.element,
  content,
);
void start();

/** Requests the model to show from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (!answer.ok) return errors.show(answer.error);
  title.textContent = l10n.t('Health of {0}', answer.value.fileName);
  enter(answer.value.choice, answer.value.inputNames);
}

function enter(next: HealthChoice, inputNames: readonly string[]): void {
  choice = next;
  saveState(next);
  input.show(inputNames);
  void ask();
}

async function ask(): Promise<void> {
  sequence += 1;
  const mine = sequence;
  setBusy(true);
  errors.show(null);
  doctor.clear();
  const answer = await host.call('health');
  if (mine !== sequence) return;
  setBusy(false);
  if (!answer.ok) return errors.show(answer.error);
  show(answer.value);
  void doctor.show(null);
}

function show({ layers, firstBad: bad, unknown, backend }: ModelHealth): void {
  fill(
    subtitle,
    el('span', {}, l10n.t('Statistics of all layers before and after their activations')),
    el('span', {}, l10n.t('{0} backend', backend)),
  );
  fill(
    firstBad,
    bad && icon('warning'),
    el('span', {}, bad ? firstBadText(bad) : l10n.t('All values are finite.')),
    bad &&
      button({
        label: l10n.t('Show Layer'),
        title: bad.path,
        onPress: () => void host.call('openLayer', bad.path),
      }).element,
  );
  firstBad.classList.toggle('bad', bad !== null);
  const because = [...new Set(unknown.map((one) => one.because))];
  notices.show(
    because.length === 0
      ? []
      : [
          unknown.length === 1
            ? l10n.t('The values of one layer are unknown because of {0}.', because.join(', '))
            : l10n.t(
                'The values of {0} layers are unknown because of {1}.',
                unknown.length,
                because.join(', '),
              ),
        ],
  );
  content.hidden = false;
  table.show(layers, bad);
}

const rowsText = (rows: number): string => (rows === 1 ? l10n.t('1 row') : l10n.t('{0} rows', rows));

function setBusy(next: boolean): void {
  busy = next;
  root.classList.toggle('outdated', next);
  content.setAttribute('aria-busy', String(next));
  bar.show(next ? { fraction: null, message: l10n.t('Computing') } : null);
}
