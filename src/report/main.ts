import '../webview/language';
import './style.css';
import './gallery.css';
import * as l10n from '@vscode/l10n';
import { accuracyOfRows } from '../shared/batch/batchFigures';
import { METHODS } from '../shared/methods';
import { el, fill, pageRoot } from '../webview/dom';
import { formatCount, formatShare } from '../webview/format';
import { confusionSection } from './confusion';
import { readReport } from './data';
import { examplePage } from './example';
import { type ReportFilter, shownRows } from './filter';
import { filterBar } from './filterBar';
import { grid } from './grid';
import type { PictureChoice } from './picture';
import { placesSection } from './places';

const report = readReport();
const [method = null] = report.methods;
const EVERYTHING: ReportFilter = {
  show: 'all',
  predicted: null,
  truth: null,
  place: null,
  method,
  search: '',
  order: 'listed',
};
const places = new Map(report.rows.map(({ name }, at) => [name, at]));

let filter = EVERYTHING;
let choice: PictureChoice = method ?? 'input';
let order: readonly number[] = [];
/** Name of the input whose page was left last: the focus returns to its tile. */
let left: string | null = null;

const tiles = grid(report);
const found = el('p', { class: 'quiet', role: 'status' });
const bar = filterBar(
  report,
  (part) => apply({ ...filter, ...part }),
  (next) => {
    choice = next;
    apply(filter);
  },
  () => apply(EVERYTHING),
);
const nothing = el('p', { class: 'empty' }, l10n.t('No input is like this. Choose other filters.'));

function apply(next: ReportFilter): void {
  filter = next;
  order = shownRows(report, filter);
  bar.show(filter, choice);
  found.textContent = l10n.t('{0} of {1} inputs', formatCount(order.length), formatCount(report.rows.length));
  nothing.hidden = order.length > 0;
  tiles.element.hidden = order.length === 0;
  tiles.show(order, choice);
}

/** Shows the inputs that a number stands for. */
function showInputs(part: Partial<ReportFilter>): void {
  apply({ ...EVERYTHING, ...part });
  gallery.scrollIntoView({ block: 'start' });
  galleryHeading.focus({ preventScroll: true });
}

function headerFacts(): HTMLElement {
  const failed = report.rows.filter(({ error }) => error !== null).length;
  const { correct, labelled } = accuracyOfRows(report.rows);
  const facts = [
    report.model,
    report.rows.length === 1 ? l10n.t('1 input') : l10n.t('{0} inputs', formatCount(report.rows.length)),
    labelled === 0
      ? null
      : l10n.t(
          '{0} of {1} right ({2})',
          formatCount(correct),
          formatCount(labelled),
          formatShare(correct / labelled),
        ),
    failed === 0 ? null : l10n.t('{0} failed', formatCount(failed)),
    ...report.methods.map((id) => METHODS[id].label),
  ];
  return el(
    'ul',
    { class: 'facts' },
    ...facts.flatMap((fact) => (fact === null ? [] : [el('li', {}, fact)])),
  );
}

const notices =
  report.notices.length === 0
    ? null
    : el(
        'details',
        {},
        el('summary', {}, l10n.t('Notes ({0})', report.notices.length)),
        el('ul', {}, ...report.notices.map((notice) => el('li', {}, notice))),
      );

const galleryHeading = el('h2', { tabindex: -1 }, l10n.t('Inputs'));
const gallery = el(
  'section',
  { class: 'gallery', 'aria-label': l10n.t('Inputs') },
  el('div', { class: 'heading' }, galleryHeading, found),
  bar.element,
  nothing,
  tiles.element,
);
const figures = [
  placesSection(report, method, (place, isMistake) =>
    showInputs({ place, show: isMistake ? 'wrong' : 'all' }),
  ),
  confusionSection(report, (truth, predicted) => showInputs({ truth, predicted })),
].filter((section) => section !== null);
const overview = el(
  'div',
  {},
  el('header', {}, el('h1', {}, report.input), headerFacts(), notices),
  figures.length === 0 ? null : el('div', { class: 'figures' }, ...figures),
  gallery,
);
const page = el('div', { class: 'page' });
pageRoot().append(overview, page);

/** The page of an input, or all of them, as the address says. */
function route(): void {
  const [, name] = /^#example=(.*)$/.exec(location.hash) ?? [];
  overview.hidden = name !== undefined;
  page.hidden = name === undefined;
  if (name === undefined) {
    fill(page);
    document.title = `${report.input}: ${report.model}`;
    tiles.refresh();
    if (left !== null) tiles.focus(order.indexOf(places.get(left) ?? -1));
    left = null;
    return;
  }
  left = decoded(name);
  fill(page, examplePage(report, places.get(left) ?? -1, order));
  document.title = left;
  scrollTo(0, 0);
  page.querySelector('h1')?.focus({ preventScroll: true });
}

/** An address may be typed by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

addEventListener('hashchange', route);
addEventListener('keydown', (event) => {
  if (page.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
  const links: Readonly<Record<string, string>> = {
    Escape: 'nav a',
    ArrowLeft: 'nav a[rel="prev"]',
    ArrowRight: 'nav a[rel="next"]',
  };
  const link = page.querySelector<HTMLAnchorElement>(links[event.key] ?? 'none');
  if (link) location.hash = new URL(link.href).hash;
});
apply(EVERYTHING);
route();
