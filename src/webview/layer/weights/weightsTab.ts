import * as l10n from '@vscode/l10n';
import type { Result } from '../../../shared/errors';
import type {
  FilterOrder,
  FilterScale,
  LayerWeights,
  WeightStatistics,
} from '../../../shared/results/weights';
import { el, fill } from '../../dom';
import { formatCount, formatNumber } from '../../format';
import { savedState } from '../../state';
import { statisticsTable } from '../../statistics';
import { button, field, segments, select } from '../../ui';
import type { LayerTab, TabPage } from '../tab';
import { histogramChart } from '../values/histogram';
import { filterGrid } from './filterGrid';
import { valueTable } from './valueTable';
import { labelOf, weightList } from './weightList';
import './style.css';

/** Of more values, the statistics of a weight are computed when it is selected. */
const MAX_VALUES_AT_ONCE = 2e7;
const MAX_WEIGHTS_AT_ONCE = 40;

/** The weights of the layer, from the file: they need no input and no run. */
export function weightsTab(page: TabPage): LayerTab {
  const { host } = page;
  const saved = savedState();
  let order: FilterOrder = saved.order === 'largest' || saved.order === 'smallest' ? saved.order : 'index';
  let scale: FilterScale = saved.scale === 'one' ? 'one' : 'own';
  let shown: LayerWeights | null = null;
  let selected = 0;
  let sequence = 0;
  let statistics = new Map<number, Promise<Result<WeightStatistics>>>();

  const list = weightList((weight) => void open(weight));
  const heading = el('h2', { class: 'weight-name' });
  const facts = el('ul', { class: 'facts', 'aria-label': l10n.t('Findings') });
  const table = statisticsTable();
  const histogram = histogramChart(l10n.t('Distribution'));
  const grid = filterGrid({
    fetch: (from, count) => host.call('weightFilters', selected, order, scale, from, count),
    onError: (error) => page.onError(error),
  });
  const values = valueTable({
    fetch: (weight, from, count) => host.call('weightValues', weight, from, count),
    onError: (error) => page.onError(error),
  });
  const orders = select<FilterOrder>(
    [
      { value: 'index', label: l10n.t('Number') },
      { value: 'largest', label: l10n.t('Largest norm') },
      { value: 'smallest', label: l10n.t('Smallest norm') },
    ],
    (next) => {
      order = next;
      redraw();
    },
  );
  const scales = segments<FilterScale>(
    l10n.t('Scale'),
    [
      { value: 'own', label: l10n.t('Own scale') },
      { value: 'one', label: l10n.t('One scale') },
    ],
    (next) => {
      scale = next;
      redraw();
    },
  );
  const exportOne = button({ label: l10n.t('Export .npy…'), onPress: () => void exportWeights(selected) });
  const exportAll = button({ label: l10n.t('Export All…'), onPress: () => void exportWeights(null) });
  const written = el('p', { class: 'quiet', role: 'status' });
  const filters = el(
    'section',
    { 'aria-label': l10n.t('Filters') },
    el(
      'div',
      { class: 'heading' },
      el('h2', {}, l10n.t('Filters')),
      el('div', { class: 'heading-tools' }, scales.element, field(l10n.t('Sort by'), orders.element)),
    ),
    el(
      'p',
      { class: 'quiet' },
      l10n.t('Red is positive, blue negative, white 0; the slices of a filter stand side by side.'),
    ),
    grid.element,
  );
  const vectors = el(
    'section',
    { 'aria-label': l10n.t('Values') },
    el('h2', {}, l10n.t('Values')),
    values.element,
  );
  const detail = el(
    'div',
    { class: 'content', hidden: true },
    el('div', { class: 'heading' }, heading, el('div', { class: 'heading-tools' }, exportOne.element)),
    facts,
    el(
      'div',
      { class: 'columns' },
      el('section', {}, el('h3', {}, l10n.t('Statistics')), table.element),
      el('section', {}, histogram.element),
    ),
    filters,
    vectors,
  );
  const empty = el('p', { class: 'quiet', hidden: true }, l10n.t('This layer has no weights.'));
  const content = el(
    'div',
    { class: 'content', hidden: true },
    el(
      'section',
      {},
      el(
        'div',
        { class: 'heading' },
        el('h2', {}, l10n.t('Weights')),
        el('div', { class: 'heading-tools' }, exportAll.element),
      ),
      list.element,
      written,
    ),
    detail,
  );
  const element = el('div', { class: 'weights' }, empty, content);

  async function load(): Promise<void> {
    sequence += 1;
    const mine = sequence;
    page.onBusy(l10n.t('Reading the list of weights'));
    page.onError(null);
    const answer = await host.call('weights');
    if (mine !== sequence) return;
    page.onBusy(null);
    if (!answer.ok) return page.onError(answer.error);
    show(answer.value);
  }

  function show(next: LayerWeights): void {
    shown = next;
    statistics = new Map();
    const count = next.weights.reduce((sum, { shape }) => sum + countOf(shape), 0);
    page.setDetails([
      ...(next.className === null ? [] : [next.className]),
      count === 1 ? l10n.t('1 parameter') : l10n.t('{0} parameters', formatCount(count)),
    ]);
    empty.hidden = next.weights.length > 0;
    content.hidden = next.weights.length === 0;
    written.textContent = '';
    list.show(next);
    if (next.weights.length > 0) void open(Math.min(selected, next.weights.length - 1));
  }

  /** Small weights are few milliseconds each; the list shows their numbers without being asked. */
  async function fillList(mine: number): Promise<void> {
    const weights = shown?.weights ?? [];
    let left = MAX_VALUES_AT_ONCE;
    for (const [i, { shape, isNumeric }] of weights.slice(0, MAX_WEIGHTS_AT_ONCE).entries()) {
      left -= countOf(shape);
      if (left < 0 || mine !== sequence) return;
      // Cancelled, or asked for something else: the next weight that is opened goes on.
      if (isNumeric && !(await statisticsOf(i)).ok) return;
    }
  }

  function statisticsOf(weight: number): Promise<Result<WeightStatistics>> {
    const mine = sequence;
    const known = statistics.get(weight);
    if (known !== undefined) return known;
    const asked = host.call('weightStatistics', weight).then((answer) => {
      if (mine !== sequence) return answer;
      if (answer.ok) list.setStatistics(weight, answer.value);
      else statistics.delete(weight);
      return answer;
    });
    statistics.set(weight, asked);
    return asked;
  }

  async function open(weight: number): Promise<void> {
    const chosen = shown?.weights[weight];
    if (shown === null || chosen === undefined) return;
    const mine = sequence;
    selected = weight;
    list.select(weight);
    heading.textContent = labelOf(shown.layer, chosen);
    detail.hidden = !chosen.isNumeric;
    if (!chosen.isNumeric) return fillList(mine);
    filters.hidden = chosen.filters === null;
    vectors.hidden = chosen.filters !== null;
    fill(facts);
    detail.classList.add('outdated');
    redraw();
    page.onBusy(l10n.t('Reading the weight'));
    const answer = await statisticsOf(weight);
    if (mine !== sequence || weight !== selected) return;
    page.onBusy(null);
    detail.classList.remove('outdated');
    if (!answer.ok) return page.onError(answer.error);
    const { stats, norm, filters: found } = answer.value;
    if (stats !== null) {
      table.show([{ head: chosen.name, stats }]);
      histogram.show(stats.histogram);
    }
    grid.mark(found);
    fill(facts, ...findings(norm, answer.value));
    await fillList(mine);
  }

  /** Another weight, order or scale. */
  function redraw(): void {
    orders.setValue(order);
    scales.setValue(scale);
    page.keep({ order, scale });
    const chosen = shown?.weights[selected];
    if (shown === null || chosen === undefined) return;
    if (chosen.filters !== null) {
      grid.mark(null);
      grid.reset(chosen.filters);
      void statistics.get(selected)?.then((answer) => {
        if (answer.ok && shown?.weights[selected] === chosen) grid.mark(answer.value.filters);
      });
      return;
    }
    // The vectors of one layer stand side by side: gamma, beta, mean and variance of each channel.
    const length = countOf(chosen.shape);
    const beside = shown.weights
      .map(({ name, path, shape, filters: own, isNumeric }, weight) => ({
        ...{ name, weight },
        fits: isNumeric && own === null && path === chosen.path && countOf(shape) === length,
      }))
      .filter(({ fits }) => fits);
    values.show(beside, length);
  }

  async function exportWeights(weight: number | null): Promise<void> {
    written.textContent = '';
    const answer = await host.call('exportWeights', weight);
    if (!answer.ok) return page.onError(answer.error);
    if (answer.value === null) return;
    const { files, folder } = answer.value;
    const [only = ''] = files;
    written.textContent =
      files.length === 1 ? l10n.t('Wrote {0}', only) : l10n.t('Wrote {0} files to {1}', files.length, folder);
  }

  return {
    element,
    show: () => void load(),
    clear() {
      sequence += 1;
      page.onBusy(null);
    },
  };
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Listed by number; all are counted. */
const MAX_NAMED = 6;

function findings(norm: number | null, { filters }: WeightStatistics): HTMLElement[] {
  const fact = (value: string, text: string, isBad = false) =>
    el(
      'li',
      { class: isBad ? 'bad' : null },
      el('span', { class: 'fact-value' }, value),
      el('span', { class: 'quiet' }, text),
    );
  const listed = (all: readonly (number | string)[], count: number): string =>
    count === 0 ? '' : `: ${all.slice(0, MAX_NAMED).join(', ')}${count > MAX_NAMED ? ', …' : ''}`;
  const facts = norm === null ? [] : [fact(formatNumber(norm), l10n.t('norm of all finite values'))];
  if (filters === null) return facts;
  const { count, dead, deadCount, nonFinite, nonFiniteCount, duplicates, duplicateCount } = filters;
  const pairs = duplicates.map(({ first, second, negated }) => `${first} = ${negated ? '-' : ''}${second}`);
  return [
    ...facts,
    fact(
      l10n.t('{0} of {1}', formatCount(deadCount), formatCount(count)),
      `${l10n.t('dead filters, all 0')}${listed(dead, deadCount)}`,
      deadCount > 0,
    ),
    fact(
      formatCount(duplicateCount),
      `${l10n.t('pairs of equal or negated filters')}${listed(pairs, duplicateCount)}`,
      duplicateCount > 0,
    ),
    ...(nonFiniteCount > 0
      ? [
          fact(
            formatCount(nonFiniteCount),
            `${l10n.t('filters with NaN or infinities')}${listed(nonFinite, nonFiniteCount)}`,
            true,
          ),
        ]
      : []),
  ];
}
