import * as l10n from '@vscode/l10n';
import type { Result } from '../../../shared/errors';
import { COLOUR_MAPS, type ColourMapName } from '../../../shared/maps/colourMaps';
import type {
  ChannelKind,
  ChannelMap,
  ChannelSource,
  LayerChannels,
  Range,
} from '../../../shared/results/channels';
import type { LayerChoice, Stage } from '../../../shared/view';
import { el } from '../../dom';
import { formatCount, formatNumber } from '../../format';
import { tensorValues } from '../../tensor';
import { field, segments, select } from '../../ui';
import { savedView } from '../state';
import type { TabPage } from '../tab';
import { channelGrid, type PointedCell } from './channelGrid';
import { type ChannelRanges, type ChannelSort, orderOf, rangesOf, wholeRange } from './channelOrder';
import { paintTile, scaleOf } from './channelPaint';
import { channelView } from './channelView';
import { fieldCard } from './fieldCard';
import { scaleLegend } from './scaleLegend';
import { unitBars } from './unitBars';

const STAGES: readonly { readonly value: Stage; readonly label: string }[] = [
  { value: 'pre', label: l10n.t('Before') },
  { value: 'post', label: l10n.t('After') },
  { value: 'attention', label: l10n.t('Attention') },
];
const SORTS: readonly { readonly value: ChannelSort; readonly label: string }[] = [
  { value: 'index', label: l10n.t('index') },
  { value: 'mean', label: l10n.t('mean') },
  { value: 'maximum', label: l10n.t('maximum') },
  { value: 'attribution', label: l10n.t('gradient x activation') },
];

interface Words {
  readonly heading: string;
  readonly one: string;
  /** Names of the rows and columns of one. */
  readonly axes: readonly [string | null, string];
}
const WORDS: Readonly<Record<ChannelKind, Words>> = {
  maps: { heading: l10n.t('Feature maps'), one: l10n.t('Channel'), axes: [l10n.t('row'), l10n.t('column')] },
  strips: {
    heading: l10n.t('Channels over positions'),
    one: l10n.t('Channel'),
    axes: [null, l10n.t('position')],
  },
  sequence: {
    heading: l10n.t('Values over time'),
    one: l10n.t('All units'),
    axes: [l10n.t('time'), l10n.t('unit')],
  },
  units: { heading: l10n.t('Units'), one: l10n.t('Unit'), axes: [null, l10n.t('unit')] },
  heads: { heading: l10n.t('Attention heads'), one: l10n.t('Head'), axes: [l10n.t('query'), l10n.t('key')] },
};

/** The channels of a layer: as images, as strips, as bars, or time by unit, whatever their form asks for. */
export function channelsSection(
  page: TabPage,
  onBusy: (busy: boolean) => void,
): {
  readonly element: HTMLElement;
  /** @returns whether the channels are shown; the requests for their images were sent */
  load(choice: LayerChoice): Promise<boolean>;
  /** Another target was explained. */
  follow(): void;
  /** Drops what is being fetched. */
  clear(): void;
} {
  const { host } = page;
  const saved = savedView();
  let { stage, colourMap, sort, isShared } = saved;
  let layer = '';
  let slice = 0;
  let shown: LayerChannels | null = null;
  let ranges: ChannelRanges = rangesOf(null);
  let attribution: ArrayLike<number> | null = null;
  let source: ChannelSource | null = null;
  /** The channel that is shown large. */
  let opened: number | null = null;
  /** The cell below the pointer. */
  let pointed: PointedCell | null = null;
  /** Requests for maps that are on their way: the last one cancels those before it. */
  let asking = 0;
  /** Counts requests, so that outdated results are dropped. */
  let sequence = 0;

  const grid = channelGrid({
    fetch: (channels, side) => host.call('tiles', shown?.stage ?? stage, slice, channels, side),
    paint: (canvas, channel, tile) =>
      paintTile(canvas, tile.bytes, tile, ranges.of(channel), scaleFor(channel), colourMap),
    describe: (channel) => ({ name: `${words().one} ${channel}`, range: rangeText(ranges.of(channel)) }),
    onOpen: (channel) => void open(channel),
    onPoint: (cell) => void point(cell),
    onError: (error) => {
      if (error.kind !== 'cancelled') page.onError(error);
    },
  });
  const view = channelView({
    onClose() {
      opened = null;
      grid.element.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    },
    onStep: (by) => {
      const order = orderNow();
      const next = order[order.indexOf(opened ?? 0) + by];
      if (next !== undefined) void open(next);
    },
  });
  const whole = channelView({ onClose: () => undefined, onStep: () => undefined }, false);
  const card = fieldCard();
  const bars = unitBars();
  const legend = scaleLegend();
  const heading = el('h2');
  const note = el('p', { class: 'quiet' });
  const stages = segments<Stage>(l10n.t('Values'), STAGES, (next) => {
    stage = next;
    page.keep({ stage });
    void ask();
  });
  const sorts = select<ChannelSort>(SORTS, (next) => {
    sort = next;
    page.keep({ sort });
    if (sort === 'attribution' && attribution === null) void ask();
    else reorder();
  });
  const scales = select<'own' | 'shared'>(
    [
      { value: 'own', label: l10n.t('each its own') },
      { value: 'shared', label: l10n.t('one for all') },
    ],
    (next) => {
      isShared = next === 'shared';
      page.keep({ isShared });
      repaint();
    },
  );
  const colours = select<ColourMapName>(
    COLOUR_MAPS.map((name) => ({ value: name, label: name })),
    (next) => {
      colourMap = next;
      page.keep({ colourMap });
      repaint();
    },
  );
  const slices = el('input', { type: 'range', min: 0, step: 1 });
  const sliceField = field(l10n.t('Slice'), slices);
  const sliceText = el('span', { class: 'quiet' });
  sliceField.append(sliceText);
  slices.addEventListener('input', () => {
    slice = Number(slices.value);
    showSlice();
    if (shown !== null) grid.reset(gridShape(shown), orderNow());
    if (opened !== null) void open(opened);
  });
  const sortField = field(l10n.t('Sort by'), sorts.element);
  const scaleField = field(l10n.t('Scale'), scales.element);
  const colourField = field(l10n.t('Colours'), colours.element);
  const element = el(
    'section',
    { class: 'channels fades', 'aria-label': l10n.t('Channels'), hidden: true },
    el(
      'div',
      { class: 'heading' },
      heading,
      el('div', { class: 'heading-tools' }, stages.element, sliceField, sortField, scaleField, colourField),
    ),
    note,
    legend.element,
    view.element,
    whole.element,
    bars.element,
    grid.element,
    card.element,
  );

  const words = (): Words => WORDS[shown?.kind ?? 'maps'];
  const orderNow = (): readonly number[] => orderOf(shown?.described ?? 0, ranges, attribution, sort);
  const scaleFor = (channel: number): Range =>
    scaleOf(isShared ? wholeRange(ranges) : ranges.of(channel), colourMap);
  const gridShape = ({ kind, rows, columns }: LayerChannels) => ({
    rows,
    columns,
    areStrips: kind === 'strips',
  });

  async function ask(): Promise<boolean> {
    sequence += 1;
    const mine = sequence;
    onBusy(true);
    const answer = await host.call('channels', stage, sort === 'attribution');
    if (mine !== sequence) return false;
    onBusy(false);
    if (answer.ok) show(answer.value);
    else page.onError(answer.error);
    return answer.ok;
  }

  function show(next: LayerChannels): void {
    shown = next;
    const { kind, total } = next;
    element.hidden = kind === null;
    if (kind === null) return;
    ranges = rangesOf(next);
    attribution = next.attribution && tensorValues(next.attribution.sums);
    slice = Math.floor(next.slices / 2);
    slices.max = String(next.slices - 1);
    slices.value = String(slice);
    sliceField.hidden = next.slices < 2;
    showSlice();
    stages.setShown(next.stages);
    stages.element.hidden = next.stages.length < 2;
    stages.setValue(next.stage);
    sorts.setValue(sort);
    scales.setValue(isShared ? 'shared' : 'own');
    colours.setValue(colourMap);
    const isOne = kind === 'sequence';
    sortField.hidden = isOne || total < 2;
    scaleField.hidden = isOne || kind === 'units' || total < 2;
    colourField.hidden = kind === 'units';
    grid.element.hidden = isOne || kind === 'units';
    bars.element.hidden = kind !== 'units';
    heading.textContent = isOne || total < 2 ? words().heading : `${words().heading} (${formatCount(total)})`;
    showNote();
    opened = null;
    view.close();
    if (isOne) void openWhole();
    else whole.close();
    showLegend();
    if (kind === 'units') bars.show(ranges.means, orderNow());
    else if (!isOne) grid.reset(gridShape(next), orderNow());
  }

  /** How many are shown, and what the score is of that they are sorted by. */
  function showNote(): void {
    const { described = 0, total = 0, kind = null, attribution: found = null } = shown ?? {};
    const sentences: string[] = [];
    if (described < total)
      sentences.push(l10n.t('The first {0} of {1} are shown.', formatCount(described), formatCount(total)));
    if (sort === 'attribution' && kind !== 'sequence')
      sentences.push(
        found === null
          ? l10n.t('There is no gradient to sort by: the score does not depend on these values.')
          : l10n.t('Sorted by gradient x activation for {0}, largest first.', found.target),
      );
    note.textContent = sentences.join(' ');
    note.hidden = sentences.length === 0;
  }

  function reorder(): void {
    showNote();
    if (shown?.kind === 'units') bars.show(ranges.means, orderNow());
    else grid.reorder(orderNow());
  }

  function repaint(): void {
    showLegend();
    grid.repaint();
    if (opened !== null) view.repaint(scaleFor(opened), colourMap);
    if (shown?.kind === 'sequence') whole.repaint(scaleFor(0), colourMap);
  }

  function showLegend(): void {
    const isOne = shown?.kind === 'sequence';
    legend.element.hidden = shown?.kind === 'units';
    legend.show(isShared || isOne ? scaleOf(wholeRange(ranges), colourMap) : null, colourMap);
  }

  function showSlice(): void {
    sliceText.textContent = l10n.t('{0} of 0 to {1}', slice, (shown?.slices ?? 1) - 1);
    slices.setAttribute('aria-valuetext', l10n.t('slice {0}', slice));
  }

  async function open(channel: number): Promise<void> {
    const isNew = opened === null;
    opened = channel;
    const mine = sequence;
    const answer = await askMap(channel);
    if (mine !== sequence || opened !== channel) return;
    if (!answer.ok) return page.onError(answer.error);
    source = answer.value.source ?? source;
    const ofSlice = shown !== null && shown.slices > 1 ? `, ${l10n.t('slice {0}', slice)}` : '';
    const isMap = shown?.kind === 'maps' || shown?.kind === 'strips';
    view.show(
      { ...answer.value, source: isMap ? source : null },
      {
        ...{ layer, axes: words().axes, scale: scaleFor(channel), colours: colourMap },
        title: `${words().one} ${channel}${ofSlice}: ${rangeText(ranges.of(channel))}`,
      },
    );
    if (isNew) {
      view.element.scrollIntoView({ block: 'nearest' });
      view.element.querySelector('canvas')?.focus({ preventScroll: true });
    }
  }

  async function askMap(channel: number): Promise<Result<ChannelMap>> {
    asking += 1;
    const answer = await host.call('channelMap', shown?.stage ?? stage, slice, channel, source === null);
    asking -= 1;
    return answer;
  }

  /** Shows what a cell sees of the input. */
  async function point(cell: PointedCell | null): Promise<void> {
    pointed = cell;
    if (cell === null || (shown?.kind !== 'maps' && shown?.kind !== 'strips')) return card.hide();
    if (source === null) {
      if (asking > 0) return;
      const mine = sequence;
      const answer = await askMap(cell.channel);
      // Without the input there is nothing to show; what is wrong with it is said where it is asked for.
      if (mine !== sequence || !answer.ok) return;
      source = answer.value.source ?? source;
    }
    if (pointed === null || source === null || source.field.kind !== 'window') return;
    const [rows, columns] = words().axes;
    const { channel, row, column, pointer } = pointed;
    const isStrip = rows === null;
    const places = [`${words().one} ${channel}`, isStrip ? null : `${rows} ${row}`, `${columns} ${column}`];
    const depth = source.size.length > 2 ? [slice] : [];
    card.show(
      source,
      {
        layer,
        place: places.filter((place) => place !== null).join(', '),
        position: isStrip ? [column] : [...depth, row, column],
      },
      pointer,
    );
  }

  async function openWhole(): Promise<void> {
    const mine = sequence;
    const answer = await host.call('channelMap', shown?.stage ?? stage, 0, 0, false);
    if (mine !== sequence) return;
    if (!answer.ok) return page.onError(answer.error);
    whole.show(answer.value, {
      ...{ layer, axes: words().axes, scale: scaleFor(0), colours: colourMap },
      title: l10n.t(
        '{0} steps x {1} units: {2}',
        answer.value.rows,
        answer.value.columns,
        rangeText(ranges.of(0)),
      ),
    });
  }

  return {
    element,
    load(choice) {
      layer = choice.layer;
      source = null;
      attribution = null;
      return ask();
    },
    follow() {
      attribution = null;
      if (sort === 'attribution') void ask();
    },
    clear() {
      sequence += 1;
      card.hide();
      onBusy(false);
    },
  };
}

const rangeText = ({ min, max }: Range): string =>
  min === max || Number.isNaN(min)
    ? formatNumber(min)
    : l10n.t('{0} to {1}', formatNumber(min), formatNumber(max));
