import * as l10n from '@vscode/l10n';
import type { LayerValues } from '../../../shared/layerValues';
import type { LayerChoice } from '../../../shared/view';
import { el, fill } from '../../dom';
import { formatExtent } from '../../format';
import { noticeList } from '../../messages';
import { statisticsTable } from '../../statistics';
import { button } from '../../ui';
import { hasOrigins, originsSection } from '../origins';
import type { LayerTab, TabPage } from '../tab';
import { unitSection } from '../unit/unitSection';
import { channelsSection } from './channelsSection';
import { distributionChart } from './distributionChart';
import { findings } from './findings';
import { histogramChart } from './histogram';
import { topRows } from './topValues';

/** The values of the layer for one input. */
export function valuesTab(page: TabPage): LayerTab {
  const { host } = page;
  let asking = false;
  let tracing = false;
  let opening = false;
  let drawing = false;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;

  const notices = noticeList();
  const facts = el('ul', { class: 'facts', 'aria-label': l10n.t('Findings') });
  const statistics = statisticsTable();
  const before = histogramChart(l10n.t('Before the activation'));
  const after = histogramChart(l10n.t('After the activation'));
  const both = distributionChart();
  const afterAlone = histogramChart(l10n.t('Output'));
  const top = el('table', { class: 'top-values', 'aria-label': l10n.t('Largest values') });
  const unit = unitSection({
    open: (asked) => host.call('openUnit', asked),
    showLayer: (layer) => void host.call('showLayer', layer),
    onBusy(next) {
      opening = next;
      showBusy();
    },
    onError: (error) => page.onError(error),
  });
  const channels = channelsSection(page, (next) => {
    drawing = next;
    showBusy();
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
  const content = el(
    'div',
    { class: 'content fades', hidden: true },
    el(
      'div',
      { class: 'columns' },
      el('section', {}, el('h2', {}, l10n.t('Statistics')), statistics.element),
      el(
        'section',
        {},
        el('h2', {}, l10n.t('Distribution')),
        el('div', { class: 'histograms' }, both.element, before.element, after.element, afterAlone.element),
      ),
    ),
    unit.element,
    origins.element,
    el('section', {}, el('h2', {}, l10n.t('Largest values')), top),
  );
  const empty = el(
    'div',
    { class: 'empty-state', hidden: true },
    el('p', {}, l10n.t('The values of a layer are those for one input of the model.')),
    button({ label: l10n.t('Choose an Input…'), kind: 'primary', onPress: () => page.pickInput() }).element,
  );
  const element = el(
    'div',
    { class: 'values-tab' },
    notices.element,
    facts,
    channels.element,
    content,
    empty,
  );

  /** The images first: they are what a person looks for. */
  async function ask(choice: LayerChoice): Promise<void> {
    sequence += 1;
    const mine = sequence;
    origins.clear();
    unit.clear();
    setAsking(true);
    page.onError(null);
    const isDrawn = await channels.load(choice);
    if (mine !== sequence) return;
    if (!isDrawn) return setAsking(false);
    const answer = await host.call('values');
    if (mine !== sequence) return;
    setAsking(false);
    if (answer.ok) show(answer.value);
    else page.onError(answer.error);
  }

  function show(values: LayerValues): void {
    const { pre, post } = values;
    page.setDetails([
      values.className,
      values.activation === null ? l10n.t('no activation') : l10n.t('activation {0}', values.activation),
      formatExtent(post.shape),
    ]);
    notices.show(values.notices);
    fill(facts, ...findings(values));
    statistics.show(
      pre === null
        ? [{ head: l10n.t('Output'), stats: post }]
        : [
            { head: l10n.t('Before'), stats: pre },
            { head: l10n.t('After {0}', values.activation ?? l10n.t('activation')), stats: post },
          ],
    );
    showDistribution(values);
    fill(top, ...topRows(values, (index) => unit.open({ index })));
    unit.load();
    content.hidden = false;
    if (hasOrigins(values.className)) void origins.load();
  }

  function showDistribution({ distribution, activation, pre, post }: LayerValues): void {
    both.element.hidden = distribution === null;
    before.element.hidden = pre === null || distribution !== null;
    after.element.hidden = before.element.hidden;
    afterAlone.element.hidden = pre !== null;
    if (distribution !== null) both.show(distribution, activation ?? l10n.t('activation'));
    else if (pre === null) afterAlone.show(post.histogram);
    else {
      before.show(pre.histogram);
      after.show(post.histogram);
    }
  }

  function setAsking(next: boolean): void {
    asking = next;
    element.classList.toggle('outdated', next);
    content.setAttribute('aria-busy', String(next));
    showBusy();
  }

  function showBusy(): void {
    page.onBusy(
      asking || drawing
        ? l10n.t('Computing')
        : tracing
          ? l10n.t('Tracing the units')
          : opening
            ? l10n.t('Taking the unit apart')
            : null,
    );
  }

  function showEmpty(): void {
    channels.element.hidden = true;
    notices.show([]);
    fill(facts);
    content.hidden = true;
  }

  return {
    element,
    show(choice) {
      const isEmpty = choice.inputs.length === 0;
      empty.hidden = !isEmpty;
      if (isEmpty) showEmpty();
      else void ask(choice);
    },
    follow(choice) {
      if (asking) void ask(choice);
      else channels.follow();
    },
    clear() {
      sequence += 1;
      origins.clear();
      unit.clear();
      channels.clear();
      setAsking(false);
    },
  };
}
