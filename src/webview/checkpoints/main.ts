import '../language';
import * as l10n from '@vscode/l10n';
import type {
  CheckpointsChange,
  CheckpointsContext,
  CheckpointsHost,
  CheckpointsPage,
} from '../../shared/checkpoints/checkpointsView';
import {
  noWrongTurnText,
  orderText,
  reasonText,
  referenceText,
  wrongTurnTitle,
} from '../../shared/checkpoints/wrongTurnText';
import type { ErrorKind, Result } from '../../shared/errors';
import type { EpochReport } from '../../shared/results/checkpoints';
import type { Progress } from '../../shared/view';
import { el, fill, pageRoot } from '../dom';
import { icon } from '../icons';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { saveState } from '../state';
import { button } from '../ui';
import { type Shown, shownOf } from './shown';
import { strip } from './strip';
import { epochTable, layerTable } from './tables';
import { toolbar } from './toolbar';
import './style.css';

/** Failures that have nothing to do with one epoch: the next one would fail as well. */
const FOR_ALL: readonly ErrorKind[] = ['backend', 'cancelled', 'server-ended', 'too-costly'];

const host = connect<CheckpointsHost, CheckpointsPage>({
  progress: (progress) => showProgress(progress),
  setContext: (next) => enter(next),
  serverDown: (error) => {
    sequence += 1;
    setBusy(false);
    errors.show(error);
  },
});

let context: CheckpointsContext | null = null;
let results: (Result<EpochReport> | undefined)[] = [];
/** The epoch that the user chose; until then it is that of the wrong turn, or the first one. */
let chosen: number | null = null;
let busy = false;
/** The epoch that is computed. */
let current = 0;
/** Counts computations, so that outdated results are dropped. */
let sequence = 0;

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    void (context === null ? start() : compute());
  },
  onShowLog: () => void host.call('showLog'),
});
const title = el('h1');
const subtitle = el('p', { class: 'details quiet' });
const tools = toolbar({
  onChange: (change) => void changed(change),
  onInput: () => void host.call('pickInput'),
  onReload: () => void start(),
});
const verdict = el('div', { class: 'verdict', role: 'status' });
const notices = noticeList();
const epochs = strip({
  onSelect: (index) => {
    chosen = index;
    layers.show(context === null ? undefined : shownOf(context, results).epochs[index]);
  },
  onOpen: (index) => void host.call('openEpoch', index),
});
const table = epochTable();
const layers = layerTable();
const content = el(
  'div',
  { class: 'content', hidden: true },
  verdict,
  epochs.element,
  layers.element,
  table.element,
);
pageRoot().append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, title, subtitle), bar.element),
    tools.reload,
  ),
  tools.element,
  errors.element,
  notices.element,
  content,
);
void start();

/** Requests the folder from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (!answer.ok) return errors.show(answer.error);
  enter(answer.value);
}

function enter(next: CheckpointsContext): void {
  context = next;
  saveState(next.choice);
  results = [];
  if (chosen !== null) chosen = Math.min(chosen, next.list.files.length - 1);
  title.textContent = l10n.t('Checkpoints of {0}', next.folderName);
  fill(subtitle, el('span', {}, orderText(next.list)));
  notices.show([
    ...(next.list.cut > 0 ? [l10n.t('{0} further epochs are left out.', next.list.cut)] : []),
    ...(next.list.others.length > 0
      ? [l10n.t('Not part of this training: {0}.', next.list.others.join(', '))]
      : []),
  ]);
  content.hidden = false;
  void compute();
}

async function changed(change: CheckpointsChange): Promise<void> {
  const answer = await host.call('change', change);
  if (!answer.ok) return errors.show(answer.error);
  // Of another output all comes anew.
  if (context === null || change.output !== undefined) return;
  context = { ...context, choice: answer.value };
  saveState(answer.value);
  const isDrawnOnly = Object.keys(change).every((key) => key === 'label' || key === 'isOneScale');
  if (isDrawnOnly) return draw();
  results = [];
  void compute();
}

/** Computes the epochs that are missing, one after the other. */
async function compute(): Promise<void> {
  if (context === null) return;
  sequence += 1;
  const mine = sequence;
  errors.show(null);
  setBusy(true);
  draw();
  for (const [index] of context.list.files.entries()) {
    if (results[index]?.ok === true) continue;
    current = index;
    showProgress(null);
    const answer = await host.call('epoch', index);
    if (mine !== sequence) return;
    if (!answer.ok && FOR_ALL.includes(answer.error.kind)) {
      errors.show(answer.error);
      break;
    }
    results[index] = answer;
    draw();
  }
  setBusy(false);
  draw();
}

function draw(): void {
  if (context === null) return;
  const shown = shownOf(context, results);
  const selected = chosen ?? shown.wrongTurn?.index ?? 0;
  tools.show(context, shown);
  epochs.show(shown, selected);
  table.show(shown);
  layers.show(shown.epochs[selected]);
  showVerdict(shown, context);
}

function showVerdict(shown: Shown, { list }: CheckpointsContext): void {
  const { wrongTurn, reference, nameOf } = shown;
  const isDone = results.filter((result) => result !== undefined).length === list.files.length;
  const file = wrongTurn === null ? undefined : list.files[wrongTurn.index];
  verdict.classList.toggle('bad', file !== undefined);
  fill(
    verdict,
    file === undefined ? null : icon('warning'),
    el(
      'div',
      {},
      file !== undefined && wrongTurn !== null
        ? el('p', { class: 'verdict-title' }, wrongTurnTitle(file.name))
        : isDone
          ? el('p', {}, noWrongTurnText())
          : null,
      ...(wrongTurn?.reasons ?? []).map((reason) => el('p', {}, reasonText(reason, nameOf))),
      reference === null ? null : el('p', { class: 'quiet' }, referenceText(reference, nameOf)),
    ),
    wrongTurn === null
      ? null
      : button({
          label: l10n.t('Explain This Epoch'),
          onPress: () => void host.call('openEpoch', wrongTurn.index),
        }).element,
  );
}

function showProgress(progress: Progress | null): void {
  if (!busy || context === null) return;
  const { files } = context.list;
  bar.show({
    fraction: (current + (progress?.fraction ?? 0)) / Math.max(1, files.length),
    message: l10n.t('Epoch {0} of {1}: {2}', current + 1, files.length, files[current]?.name ?? ''),
  });
}

function setBusy(next: boolean): void {
  busy = next;
  content.setAttribute('aria-busy', String(next));
  if (!next) bar.show(null);
}
