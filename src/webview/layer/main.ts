import { COLOUR_MAPS, type ColourMapName } from '../../shared/colourMaps';
import type { LayerValues } from '../../shared/layerValues';
import type { LayerChoice, LayerHost, LayerPage, Stage } from '../../shared/view';
import { el, fill, pageRoot } from '../dom';
import { formatExtent, formatNumber, formatShare } from '../format';
import { icon } from '../icons';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { saveState } from '../state';
import { statisticsTable } from '../statistics';
import { button, field, segments, select } from '../ui';
import { channelGrid } from './channelGrid';
import { contributionTable } from './contributions';
import { histogramChart } from './histogram';
import { hasOrigins, originsSection } from './origins';
import { savedView } from './state';
import './style.css';

const host = connect<LayerHost, LayerPage>({
  progress: (progress) => bar.show(busy || tracing ? progress : null),
  setChoice: (next, names) => enter(next, names),
  serverDown: (error) => {
    sequence += 1;
    origins.clear();
    setBusy(false);
    errors.show(error);
  },
});

const saved = savedView();
let choice: LayerChoice | null = null;
let shown: LayerValues | null = null;
let stage: Stage = saved.stage;
let colourMap: ColourMapName = saved.colourMap;
let busy = false;
let tracing = false;
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
const notices = noticeList();
const input = button({ label: 'Input', onPress: () => void pickInput() });
const facts = el('ul', { class: 'facts', 'aria-label': 'Findings' });
const statistics = statisticsTable();
const before = histogramChart('Before the activation');
const after = histogramChart('After the activation');
const afterAlone = histogramChart('Output');
const top = el('table', { class: 'top-values', 'aria-label': 'Largest values' });
const contributions = contributionTable();
const grid = channelGrid({
  fetch: (from, count) => host.call('tiles', stage, from, count, colourMap),
  onError: (error) => errors.show(error),
});
const origins = originsSection({
  fetch: (unit, check) => host.call('trace', unit, check),
  fetchField: (unit) => host.call('effectiveField', unit),
  copy: (text) => host.call('copy', text),
  onBusy: (next) => {
    tracing = next;
    showBusy();
  },
  onError: (error) => errors.show(error),
});
const stages = segments<Stage>(
  'Values',
  [
    { value: 'pre', label: 'Before' },
    { value: 'post', label: 'After' },
  ],
  (next) => {
    stage = next;
    redrawTiles();
  },
);
const colours = select<ColourMapName>(
  COLOUR_MAPS.map((name) => ({ value: name, label: name })),
  (name) => {
    colourMap = name;
    redrawTiles();
  },
);
const channels = el(
  'section',
  { 'aria-label': 'Channels' },
  el(
    'div',
    { class: 'heading' },
    el('h2', {}, 'Channels'),
    el('div', { class: 'heading-tools' }, stages.element, field('Colours', colours.element)),
  ),
  el('p', { class: 'quiet' }, 'Each channel is scaled to its own range.'),
  grid.element,
);
const content = el(
  'div',
  { class: 'content fades', hidden: true },
  el(
    'div',
    { class: 'columns' },
    el('section', {}, el('h2', {}, 'Statistics'), statistics.element),
    el(
      'section',
      {},
      el('h2', {}, 'Distribution'),
      el('div', { class: 'histograms' }, before.element, after.element, afterAlone.element),
    ),
  ),
  contributions.element,
  origins.element,
  el('section', {}, el('h2', {}, 'Largest values'), top),
  channels,
);

const root = pageRoot();
root.append(
  el(
    'header',
    { class: 'page-header' },
    el('div', { class: 'page-status' }, el('div', {}, title, subtitle), bar.element),
    el(
      'div',
      { class: 'field' },
      el('span', { class: 'label', 'aria-hidden': 'true' }, 'Input'),
      input.element,
    ),
  ),
  errors.element,
  notices.element,
  facts,
  content,
);
void start();

/** Requests the layer to show from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (answer.ok) enter(answer.value.choice, answer.value.inputNames);
  else errors.show(answer.error);
}

function enter(next: LayerChoice, inputNames: readonly string[]): void {
  choice = next;
  title.textContent = next.layer;
  const names = inputNames.join(', ');
  input.setLabel(names === '' ? 'Choose…' : names, 'Choose another input');
  input.element.setAttribute('aria-label', `Input: ${names === '' ? 'choose' : names}`);
  keep();
  void ask();
}

function keep(): void {
  if (choice !== null) saveState({ ...choice, stage, colourMap });
}

async function ask(): Promise<void> {
  if (choice === null) return;
  sequence += 1;
  const mine = sequence;
  origins.clear();
  setBusy(true);
  errors.show(null);
  const answer = await host.call('values');
  if (mine !== sequence) return;
  setBusy(false);
  if (answer.ok) show(answer.value);
  else errors.show(answer.error);
}

function show(values: LayerValues): void {
  shown = values;
  const { pre, post, tiles } = values;
  title.textContent = values.layer;
  fill(
    subtitle,
    el('span', {}, values.className),
    el('span', {}, values.activation === null ? 'no activation' : `activation ${values.activation}`),
    el('span', {}, formatExtent(post.shape)),
  );
  notices.show(values.notices);
  fill(facts, ...findings(values));
  statistics.show(
    pre === null
      ? [{ head: 'Output', stats: post }]
      : [
          { head: 'Before', stats: pre },
          { head: `After ${values.activation ?? 'activation'}`, stats: post },
        ],
  );
  before.element.hidden = pre === null;
  after.element.hidden = pre === null;
  afterAlone.element.hidden = pre !== null;
  if (pre === null) afterAlone.show(post.histogram);
  else {
    before.show(pre.histogram);
    after.show(post.histogram);
  }
  fill(top, ...topRows(values));
  contributions.show(values.contributions);
  if (pre === null) stage = 'post';
  stages.element.hidden = pre === null;
  channels.hidden = tiles === 0;
  content.hidden = false;
  if (hasOrigins(values.className)) void origins.load();
  redrawTiles();
}

function redrawTiles(): void {
  keep();
  stages.setValue(stage);
  colours.setValue(colourMap);
  if (shown !== null) grid.reset(shown.tiles);
}

function setBusy(next: boolean): void {
  busy = next;
  root.classList.toggle('outdated', next);
  content.setAttribute('aria-busy', String(next));
  showBusy();
}

function showBusy(): void {
  bar.show(busy || tracing ? { fraction: null, message: busy ? 'Computing' : 'Tracing the units' } : null);
}

async function pickInput(): Promise<void> {
  if (choice === null) return;
  const answer = await host.call('pickInput');
  if (!answer.ok) errors.show(answer.error);
}

/** The check of the activation, and the shares of negative, dead and saturated values. */
function findings({ check, shares, pre, activation }: LayerValues): HTMLElement[] {
  const list: HTMLElement[] = [];
  if (check !== null) {
    const text = `${activation ?? 'activation'}(before) ${check.agrees ? '=' : '≠'} after`;
    const error = `largest error ${formatNumber(check.largestError)}`;
    list.push(finding(check.agrees ? 'check' : 'warning', text, error, check.agrees ? 'good' : 'bad'));
  }
  list.push(
    finding(null, formatShare(shares.negative), pre === null ? 'negative' : 'negative before the activation'),
  );
  if (shares.deadChannels !== null) {
    const dead = `${shares.deadChannels} of ${shares.channels}`;
    list.push(finding(null, dead, 'dead channels: all values are 0'));
  }
  if (shares.saturated !== null) {
    list.push(finding(null, formatShare(shares.saturated), 'saturated: slope below 0.01'));
  }
  return list;
}

function finding(mark: 'check' | 'warning' | null, value: string, text: string, tone?: string): HTMLElement {
  return el(
    'li',
    { class: tone },
    el('span', { class: 'fact-value' }, mark && icon(mark), value),
    el('span', { class: 'quiet' }, text),
  );
}

function topRows({ top: values, pre }: LayerValues): HTMLElement[] {
  const heads = pre === null ? ['Value'] : ['Before', 'After'];
  return [
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Index'),
        ...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)),
      ),
    ),
    el(
      'tbody',
      {},
      ...values.map((value) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, `[${value.index.join(', ')}]`),
          pre === null
            ? null
            : el('td', { class: 'number' }, value.pre === null ? '' : formatNumber(value.pre)),
          el('td', { class: 'number' }, formatNumber(value.post)),
        ),
      ),
    ),
  ];
}
