import '../language';
import * as l10n from '@vscode/l10n';
import type { LayerglassError } from '../../shared/errors';
import type { LayerChoice, LayerHost, LayerPage } from '../../shared/view';
import { doctorLine } from '../doctorLine';
import { el, fill, pageRoot } from '../dom';
import { inputField } from '../inputField';
import { errorPanel } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { savedState, saveState } from '../state';
import { tabList } from '../tabs';
import { savedTab } from './state';
import type { LayerTab, TabPage } from './tab';
import { TABS, WITHOUT_VALUES } from './tabs';
import './style.css';

/** A tab of this page, with what the page knows about it. */
interface OpenTab {
  readonly id: string;
  readonly label: string;
  readonly tab: LayerTab;
  /** Whether it was asked to show what the page is about. */
  isShown: boolean;
  /** What it is waiting for. */
  busy: string | null;
  error: LayerglassError | null;
}

const host = connect<LayerHost, LayerPage>({
  progress: (progress) => {
    if (chosen.busy !== null) bar.show(progress ?? { fraction: null, message: chosen.busy });
  },
  setChoice: (next, names) => enter(next, names),
  setTarget: (next) => {
    choice = next;
    keep({});
    for (const { tab, isShown } of tabs) if (isShown) tab.follow?.(next);
  },
  serverDown: (error) => {
    clearTabs();
    errors.show(error);
  },
});

let choice: LayerChoice | null = null;
let kept: object = savedState();

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    chosen.isShown = false;
    if (choice === null) void start();
    else showChosen();
  },
  onShowLog: () => void host.call('showLog'),
});
const doctor = doctorLine({
  ask: () => host.call('doctor'),
  onPreprocessing: (preprocessing) => void host.call('setPreprocessing', preprocessing),
});
const title = el('h1');
const subtitle = el('p', { class: 'details quiet' });
const input = inputField(() => void pickInput());

const tabs = TABS.map(({ id, label, create }) => {
  const open: OpenTab = {
    id,
    label,
    tab: create(pageOf(() => open)),
    isShown: false,
    busy: null,
    error: null,
  };
  return open;
});
const [first] = tabs;
if (first === undefined) throw new Error('the page has no tabs');
let chosen: OpenTab = tabs.find(({ id }) => id === savedTab()) ?? first;
const list = tabList(
  l10n.t('Views of the layer'),
  tabs.map(({ id, label, tab }) => ({ id, label, panel: tab.element })),
  (id) => {
    chosen = tabs.find((tab) => tab.id === id) ?? chosen;
    keep({ tab: id });
    showChosen();
  },
);
list.choose(chosen.id);

pageRoot().append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, title, subtitle), bar.element),
    input.element,
  ),
  doctor.element,
  list.element,
  errors.element,
  ...tabs.map(({ tab }) => tab.element),
);
void start();

/** The page as a tab sees it. */
function pageOf(own: () => OpenTab): TabPage {
  return {
    host,
    onBusy(message) {
      const wasBusy = own().busy !== null;
      own().busy = message;
      if (own() === chosen) showBusy();
      if (wasBusy && message === null) diagnose();
    },
    onError(error) {
      own().error = error;
      if (own() === chosen) errors.show(error);
    },
    setDetails: (details) => fill(subtitle, ...details.map((detail) => el('span', {}, detail))),
    keep,
    pickInput: () => void pickInput(),
  };
}

/** Requests the layer to show from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (answer.ok) {
    if (answer.value.weightsOnly) choose(WITHOUT_VALUES);
    enter(answer.value.choice, answer.value.inputNames);
  } else errors.show(answer.error);
}

function enter(next: LayerChoice, inputNames: readonly string[]): void {
  choice = next;
  title.textContent = next.layer;
  fill(subtitle);
  input.show(inputNames);
  keep({});
  clearTabs();
  showChosen();
}

function choose(id: string): void {
  chosen = tabs.find((tab) => tab.id === id) ?? chosen;
  list.choose(chosen.id);
}

/** What the tabs show or fetch is outdated. */
function clearTabs(): void {
  for (const open of tabs) {
    open.tab.clear();
    open.isShown = false;
    open.busy = null;
    open.error = null;
  }
  showBusy();
}

/** Asks the chosen tab for what the page is about, unless it shows it already. */
function showChosen(): void {
  showBusy();
  if (choice === null) return;
  errors.show(null);
  if (chosen.isShown && chosen.error === null) return;
  chosen.isShown = true;
  chosen.error = null;
  chosen.tab.show(choice);
}

/** After what a tab shows; of a choice without an input there is nothing to say. */
function diagnose(): void {
  if (choice === null || choice.inputs.length === 0) doctor.clear();
  else void doctor.show(JSON.stringify([choice.inputs, choice.preprocessing]));
}

function showBusy(): void {
  bar.show(chosen.busy === null ? null : { fraction: null, message: chosen.busy });
}

function keep(settings: object): void {
  kept = { ...kept, ...settings };
  // What was kept may be of an earlier choice with a target.
  if (choice !== null) saveState({ ...kept, target: undefined, ...choice });
}

async function pickInput(): Promise<void> {
  if (choice === null) return;
  const answer = await host.call('pickInput');
  if (!answer.ok) errors.show(answer.error);
}
