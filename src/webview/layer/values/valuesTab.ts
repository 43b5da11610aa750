import { COLOUR_MAPS, type ColourMapName } from '../../../shared/colourMaps';
import type { LayerValues } from '../../../shared/layerValues';
import type { Stage } from '../../../shared/view';
import { el, fill } from '../../dom';
import { formatExtent } from '../../format';
import { noticeList } from '../../messages';
import { statisticsTable } from '../../statistics';
import { button, field, segments, select } from '../../ui';
import { hasOrigins, originsSection } from '../origins';
import { savedView } from '../state';
import type { LayerTab, TabPage } from '../tab';
import { unitSection } from '../unit/unitSection';
import { channelGrid } from './channelGrid';
import { findings } from './findings';
import { histogramChart } from './histogram';
import { topRows } from './topValues';

/** The values of the layer for one input. */
export function valuesTab(page: TabPage): LayerTab {
  const { host } = page;
  let { stage, colourMap } = savedView();
  let shown: LayerValues | null = null;
  let asking = false;
  let tracing = false;
  let opening = false;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;

  const notices = noticeList();
  const facts = el('ul', { class: 'facts', 'aria-label': 'Findings' });
  const statistics = statisticsTable();
  const before = histogramChart('Before the activation');
  const after = histogramChart('After the activation');
  const afterAlone = histogramChart('Output');
  const top = el('table', { class: 'top-values', 'aria-label': 'Largest values' });
  const unit = unitSection({
    open: (asked) => host.call('openUnit', asked),
    showLayer: (layer) => void host.call('showLayer', layer),
    onBusy(next) {
      opening = next;
      showBusy();
    },
    onError: (error) => page.onError(error),
  });
  const grid = channelGrid({
    fetch: (from, count) => host.call('tiles', stage, from, count, colourMap),
    onError: (error) => page.onError(error),
  });
  const origins = originsSection({
    fetch: (unit, check) => host.call('trace', unit, check),
    fetchField: (unit) => host.call('effectiveField', unit),
    copy: (text) => host.call('copy', text),
    onBusy(next) {
      tracing = next;
      showBusy();
    },
    onError: (error) => page.onError(error),
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
    unit.element,
    origins.element,
    el('section', {}, el('h2', {}, 'Largest values'), top),
    channels,
  );
  const empty = el(
    'div',
    { class: 'empty-state', hidden: true },
    el('p', {}, 'The values of a layer are those for one input of the model.'),
    button({ label: 'Choose an Input…', kind: 'primary', onPress: () => page.pickInput() }).element,
  );
  const element = el('div', {}, notices.element, facts, content, empty);

  async function ask(): Promise<void> {
    sequence += 1;
    const mine = sequence;
    origins.clear();
    unit.clear();
    setAsking(true);
    page.onError(null);
    const answer = await host.call('values');
    if (mine !== sequence) return;
    setAsking(false);
    if (answer.ok) show(answer.value);
    else page.onError(answer.error);
  }

  function show(values: LayerValues): void {
    shown = values;
    const { pre, post, tiles } = values;
    page.setDetails([
      values.className,
      values.activation === null ? 'no activation' : `activation ${values.activation}`,
      formatExtent(post.shape),
    ]);
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
    fill(top, ...topRows(values, (index) => unit.open({ index })));
    unit.load();
    if (pre === null) stage = 'post';
    stages.element.hidden = pre === null;
    channels.hidden = tiles === 0;
    content.hidden = false;
    if (hasOrigins(values.className)) void origins.load();
    redrawTiles();
  }

  function redrawTiles(): void {
    page.keep({ stage, colourMap });
    stages.setValue(stage);
    colours.setValue(colourMap);
    if (shown !== null) grid.reset(shown.tiles);
  }

  function setAsking(next: boolean): void {
    asking = next;
    element.classList.toggle('outdated', next);
    content.setAttribute('aria-busy', String(next));
    showBusy();
  }

  function showBusy(): void {
    page.onBusy(
      asking ? 'Computing' : tracing ? 'Tracing the units' : opening ? 'Taking the unit apart' : null,
    );
  }

  function showEmpty(): void {
    shown = null;
    notices.show([]);
    fill(facts);
    content.hidden = true;
  }

  return {
    element,
    show({ inputs }) {
      const isEmpty = inputs.length === 0;
      empty.hidden = !isEmpty;
      if (isEmpty) showEmpty();
      else void ask();
    },
    clear() {
      sequence += 1;
      origins.clear();
      unit.clear();
      setAsking(false);
    },
  };
}
