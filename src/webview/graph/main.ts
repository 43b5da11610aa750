import '../language';
import * as l10n from '@vscode/l10n';
import { allGroups, groupsAround, indexOf, unfoldedAtFirst } from '../../shared/graphView/fold';
import type { GraphChoice, GraphContext, GraphHost, GraphPage } from '../../shared/graphView/graphPage';
import { type GraphLayout, GraphLayouter, type Rect } from '../../shared/graphView/layout';
import type { ViewGraph } from '../../shared/graphView/viewGraph';
import { el, fill, pageRoot, setAttributes } from '../dom';
import { formatCount } from '../format';
import { errorPanel } from '../messages';
import { connect } from '../rpc';
import { saveState } from '../state';
import { button, field, select } from '../ui';
import { type Amounts, amountsOf, COLOURING_LABELS, COLOURINGS, needsRun, type OfRun } from './amounts';
import { canvasView } from './canvasView';
import { BoxColouring } from './colouring';
import { legendEntries } from './legend';
import { minimap } from './minimap';
import { type Direction, found, neighbour } from './navigation';
import { nodeList, spoken } from './nodeList';
import { ofRunView } from './ofRun';
import { type Palette, readPalette } from './palette';
import { searchField } from './search';
import { groupsAt, savedView } from './state';
import './style.css';

const host = connect<GraphHost, GraphPage>({
  progress: (progress) => ofRunShown.progress(progress),
  runChanged: () => askOfRun(),
  targetChanged: () => {
    if (colouring === 'gradient') askOfRun();
  },
  setContext: (context) => {
    errors.show(null);
    enter(context);
  },
  mark: (layer) => markPath(layer),
  serverDown: (error) => errors.show(error),
});

const saved = savedView();
let choice: GraphChoice | null = null;
let layouter: GraphLayouter | null = null;
let layout: GraphLayout | null = null;
let unfolded: Set<number> = new Set();
let colouring = saved.colouring;
let isListOpen = saved.list ?? window.innerWidth >= 1000;
let ofRun: OfRun | null = null;
let amounts: Amounts | null = null;
let matches: ReadonlySet<number> = new Set();
let marked: number | null = null;
let hovered: number | null = null;
/** What minimap and legend show; `null` after a change of the theme. */
let drawn: {
  readonly layout: GraphLayout;
  readonly palette: Palette;
  readonly amounts: Amounts | null;
  readonly colours: BoxColouring;
} | null = null;

const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    void start();
  },
  onShowLog: () => void host.call('showLog'),
});
const title = el('h1');
const count = el('span', { class: 'quiet' });
const status = el('p', { class: 'hidden-text', role: 'status' });
const loading = el('p', { class: 'loading quiet', role: 'status' }, l10n.t('Reading the model…'));
const legend = el('ul', { class: 'legend', 'aria-label': l10n.t('Colours') });
const view = canvasView({
  onPress: (node, isHeading) => press(node, isHeading),
  onHover: (node) => {
    if (node === hovered) return;
    hovered = node;
    const { path = '', className = '' } = node === null ? {} : (graph()?.nodes[node] ?? {});
    view.element.title = node === null ? '' : `${path}\n${className}`;
    draw();
  },
  onView: (rect) => map.look(rect),
});
const map = minimap((x, y) => view.centre(x, y));
const list = nodeList((node) => choose(node, true));
const search = searchField({
  find: (query) => {
    const shown = graph();
    const nodes = shown === null ? [] : found(shown, query);
    matches = new Set(nodes);
    draw();
    return nodes;
  },
  go: (node) => choose(node, false),
});
const colouringSelect = select(
  COLOURINGS.map((value) => ({ value, label: COLOURING_LABELS[value] })),
  (next) => {
    colouring = next;
    remember();
    measure();
    askOfRun();
  },
);
colouringSelect.setValue(colouring);
const ofRunShown = ofRunView(host, {
  onFound: (found) => {
    ofRun = found;
    measure();
  },
  onError: (error) => errors.show(error),
});
const zoomButton = (label: string, content: string, title: string, by: number) =>
  button({ label, content, title, onPress: () => view.zoom(by) });
const zoomButtons = [
  zoomButton(l10n.t('Zoom Out'), '−', l10n.t('Zoom out (-)'), 1 / 1.3),
  zoomButton(l10n.t('Zoom In'), '+', l10n.t('Zoom in (+)'), 1.3),
  button({ label: l10n.t('Fit'), title: l10n.t('Show the whole graph (0)'), onPress: () => view.fit() }),
];
const unfoldAll = button({
  label: l10n.t('Unfold All'),
  onPress: () => layouter && refold(allGroups(layouter.index), null),
});
const foldAll = button({ label: l10n.t('Fold All'), onPress: () => refold(new Set(), null) });
const listToggle = button({ label: l10n.t('List'), onPress: () => toggleList() });
const folding = el('div', { class: 'joined' }, unfoldAll.element, foldAll.element);
const content = el(
  'div',
  { class: 'page', hidden: true },
  el('header', { class: 'bar' }, title, count, ofRunShown.bar),
  el(
    'div',
    { class: 'tools' },
    search.element,
    field(l10n.t('Colour by'), colouringSelect.element),
    ofRunShown.field,
    folding,
    el('div', { class: 'joined' }, ...zoomButtons.map(({ element }) => element)),
    listToggle.element,
  ),
  legend,
  el('div', { class: 'split' }, el('div', { class: 'frame' }, view.element, map.element), list.element),
  status,
);
pageRoot().append(errors.element, loading, content);

view.element.addEventListener('keydown', onKey);
for (const name of ['focus', 'blur']) view.element.addEventListener(name, () => draw());
// VS Code changes the class of the body and the variables of the root element when the theme changes.
const themes = new MutationObserver(() => {
  drawn = null;
  draw();
});
for (const element of [document.documentElement, document.body]) {
  themes.observe(element, { attributes: true, attributeFilter: ['class', 'style'] });
}
void start();

async function start(): Promise<void> {
  errors.show(null);
  loading.hidden = !content.hidden;
  const answer = await host.call('ready');
  loading.hidden = true;
  if (!answer.ok) return errors.show(answer.error);
  enter(answer.value);
}

function graph(): ViewGraph | null {
  return layouter?.index.graph ?? null;
}

function enter(context: GraphContext): void {
  const before = unfoldedPaths();
  choice = context.choice;
  const index = indexOf(context.graph);
  layouter = new GraphLayouter(index);
  const paths = before ?? saved.unfolded;
  unfolded = paths === null ? unfoldedAtFirst(index) : groupsAt(context.graph, paths);
  content.hidden = false;
  title.textContent = context.fileName;
  setAttributes(view.element, {
    'aria-label': l10n.t(
      'Graph of {0}. Arrow keys follow the connections, Enter shows the values, Space folds and unfolds.',
      context.fileName,
    ),
  });
  folding.hidden = index.children.size === 0;
  marked = null;
  ofRun = null;
  layout = null;
  showList();
  measure();
  arrange(true);
  search.repeat();
  if (choice.layer !== null) markPath(choice.layer);
  askOfRun();
}

/** What the boxes are coloured by has changed, or what is known of it. */
function measure(): void {
  const shown = graph();
  if (shown === null) return;
  amounts = amountsOf(colouring, shown, ofRun);
  draw();
}

function askOfRun(): void {
  errors.show(null);
  if (needsRun(colouring)) void ofRunShown.ask(colouring);
  else ofRunShown.hide();
}

/** Lays out what is unfolded now. */
function arrange(isNew: boolean): void {
  if (layouter === null) return;
  layout = layouter.layout(unfolded);
  const { boxes, frames } = layout.folded;
  const all = layouter.index.graph.nodes.length - layouter.index.children.size;
  count.textContent = l10n.t('{0} of {1} boxes shown', formatCount(boxes.length), formatCount(all));
  unfoldAll.setEnabled(frames.length < layouter.index.children.size);
  foldAll.setEnabled(frames.length > 0);
  draw(isNew);
}

function draw(isNew = false): void {
  const shown = graph();
  if (shown === null || layout === null) return;
  if (drawn?.layout !== layout || drawn.amounts !== amounts) {
    const palette = drawn?.palette ?? readPalette(content);
    const colours = new BoxColouring(amounts, shown, layout.folded.boxes, palette);
    drawn = { layout, palette, amounts, colours };
    list.show(shown, layout, amounts);
    list.mark(marked);
    map.show(layout, drawn.colours, palette);
    fill(legend, ...legendEntries(amounts?.note ?? null, drawn.colours.legend()));
  }
  const { palette, colours } = drawn;
  const marks = { matches: shownMatches(), marked, hovered, hasFocus: view.hasFocus() };
  view.show({ graph: shown, layout, colouring: colours, palette, ...marks }, isNew);
}

/** A folded group counts as found if something in it is. */
function shownMatches(): ReadonlySet<number> {
  const shownBy = layout?.folded.shownBy;
  return new Set([...matches].map((node) => shownBy?.[node] ?? node));
}

/** Unfolds and folds; what is at `anchor` stays in place. */
function refold(next: Set<number>, anchor: number | null): void {
  const before = anchor === null ? null : rectOf(anchor);
  unfolded = next;
  arrange(false);
  const after = anchor === null ? null : rectOf(anchor);
  if (before && after) view.shift(after.x - before.x, after.y - before.y);
  else view.fit();
  if (marked !== null && rectOf(marked) === null) marked = layout?.folded.shownBy[marked] ?? null;
  list.mark(marked);
  draw();
  remember();
}

function toggle(group: number): void {
  const next = new Set(unfolded);
  if (!next.delete(group)) next.add(group);
  refold(next, group);
}

function rectOf(node: number): Rect | null {
  return (
    layout?.boxes.find((box) => box.node === node) ??
    layout?.frames.find((frame) => frame.node === node) ??
    null
  );
}

function press(node: number | null, isHeading: boolean): void {
  if (node === null) {
    marked = null;
    list.mark(null);
    draw();
    return;
  }
  mark(node, false);
  const { kind, path } = graph()?.nodes[node] ?? {};
  if (isHeading || kind === 'group') {
    if (path !== undefined) void host.call('mark', path);
    toggle(node);
  } else open(node);
}

function open(node: number): void {
  const path = graph()?.nodes[node]?.path;
  if (path !== undefined) void host.call('openLayer', path);
}

/** Marks a box that the user chose, unfolds what is around it, and tells the Layers view. */
function choose(node: number, opens: boolean): void {
  mark(node, true);
  const path = graph()?.nodes[node]?.path;
  if (opens) open(node);
  else if (path !== undefined) void host.call('mark', path);
}

function mark(node: number, reveals: boolean): void {
  const shown = graph();
  if (shown === null) return;
  const around = groupsAround(shown, node).filter((group) => !unfolded.has(group));
  if (around.length > 0) {
    unfolded = new Set([...unfolded, ...around]);
    arrange(false);
  }
  marked = node;
  const rect = rectOf(node);
  if (reveals && rect) view.reveal(rect);
  list.mark(node);
  if (layout) status.textContent = spoken(shown, layout, node, amounts);
  if (choice) choice = { ...choice, layer: shown.nodes[node]?.path ?? null };
  remember();
  draw();
}

/** A row of the Layers view was selected. */
function markPath(layer: string): void {
  const node = graph()?.nodes.findIndex(({ path, kind }) => path === layer && kind !== 'output') ?? -1;
  if (node >= 0 && node !== marked) mark(node, true);
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const PAN = 60;

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || layout === null) return;
  const arrow = ARROWS[event.key];
  if (arrow !== undefined) step(arrow, event.shiftKey);
  else if (event.key === '+' || event.key === '=') view.zoom(1.3);
  else if (event.key === '-') view.zoom(1 / 1.3);
  else if (event.key === '0') view.fit();
  else if (event.key === 'PageDown') view.pan(0, view.element.clientHeight * 0.8);
  else if (event.key === 'PageUp') view.pan(0, -view.element.clientHeight * 0.8);
  else if (event.key === 'Home') goTo(layout.folded.boxes[0]);
  else if (event.key === 'Enter' && marked !== null) open(marked);
  else if (event.key === ' ' && marked !== null) toggleAt(marked);
  else if (event.key === 'Escape') press(null, false);
  else return;
  event.preventDefault();
}

/** The group itself, or the one around a layer. */
function toggleAt(node: number): void {
  const { kind, parent = null } = graph()?.nodes[node] ?? {};
  if (kind === 'group') toggle(node);
  else if (parent !== null) toggle(parent);
}

const STEPS: Readonly<Record<Direction, readonly [number, number]>> = {
  up: [0, -PAN],
  down: [0, PAN],
  left: [-PAN, 0],
  right: [PAN, 0],
};

function step(direction: Direction, pans: boolean): void {
  if (layout === null) return;
  const isShown = marked !== null && rectOf(marked) !== null;
  if (pans) view.pan(...STEPS[direction]);
  else if (marked === null || !isShown) goTo(layout.folded.boxes[0]);
  else goTo(neighbour(layout, marked, direction) ?? undefined);
}

function goTo(node: number | undefined): void {
  if (node !== undefined) choose(node, false);
}

function toggleList(): void {
  isListOpen = !isListOpen;
  showList();
  remember();
}

function showList(): void {
  list.element.hidden = !isListOpen;
  setAttributes(listToggle.element, { 'aria-expanded': String(isListOpen) });
}

function unfoldedPaths(): string[] | null {
  const shown = graph();
  return shown === null ? null : [...unfolded].flatMap((group) => shown.nodes[group]?.path ?? []);
}

function remember(): void {
  if (choice !== null) saveState({ ...choice, unfolded: unfoldedPaths(), colouring, list: isListOpen });
}
