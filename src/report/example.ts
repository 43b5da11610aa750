import * as l10n from '@vscode/l10n';
import type { BatchReport, ReportRow } from '../shared/batch/batchReport';
import type { BatchMap } from '../shared/batch/batchRow';
import { placeName, strongestPart } from '../shared/batch/evidence';
import { METHODS } from '../shared/methods';
import { el } from '../webview/dom';
import { formatNumber, formatProbability, formatShare } from '../webview/format';
import { className } from './data';
import { exampleHash } from './grid';
import { image } from './picture';
import { verdictText } from './texts';

/**
 * The page of one input: its pictures, what is predicted and what is true.
 * @param order of the gallery, whose neighbours can be opened
 */
export function examplePage(report: BatchReport, at: number, order: readonly number[]): HTMLElement {
  const row = report.rows[at];
  if (row === undefined) return missingPage();
  const place = order.indexOf(at);
  const neighbour = (step: number, text: string): HTMLElement | null => {
    const other = place < 0 ? undefined : report.rows[order[place + step] ?? -1];
    return other ? el('a', { href: exampleHash(other.name), rel: step < 0 ? 'prev' : 'next' }, text) : null;
  };
  const heading = el('h1', { tabindex: -1 }, row.name);
  const state = row.error !== null ? 'failed' : row.correct === false ? 'wrong' : 'right';
  return el(
    'article',
    { class: 'example' },
    el(
      'nav',
      { 'aria-label': l10n.t('Inputs') },
      el('a', { href: '#' }, l10n.t('All inputs')),
      neighbour(-1, l10n.t('Previous')),
      neighbour(1, l10n.t('Next')),
    ),
    heading,
    el('p', { class: `verdict ${state}` }, verdictText(report, row)),
    row.error === null ? null : el('p', { class: 'failure' }, row.error),
    row.nonFinite > 0
      ? el('p', { class: 'failure' }, l10n.t('{0} values of the output are NaN or infinite.', row.nonFinite))
      : null,
    predictionTable(report, row),
    el('div', { class: 'pictures' }, inputFigure(row), ...row.maps.flatMap((map) => mapFigures(row, map))),
    ...row.maps.map(trustFigure),
  );
}

const missingPage = (): HTMLElement =>
  el(
    'article',
    { class: 'example' },
    el('h1', { tabindex: -1 }, l10n.t('There is no such input in this report.')),
    el('p', {}, el('a', { href: '#' }, l10n.t('All inputs'))),
  );

function predictionTable(report: BatchReport, row: ReportRow): HTMLElement | null {
  if (row.predictions.length === 0) return null;
  const isNumber = row.kind === 'number';
  const heads = isNumber
    ? [l10n.t('Output'), l10n.t('Value')]
    : [l10n.t('Class'), l10n.t('Probability'), l10n.t('Value before the activation')];
  return el(
    'table',
    { class: 'predictions' },
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el(
      'tbody',
      {},
      ...row.predictions.map(({ index, logit, probability }) =>
        el(
          'tr',
          { class: row.truth === index && !isNumber ? 'true' : null },
          el('th', { scope: 'row' }, className(report, index)),
          isNumber ? null : el('td', {}, probability === null ? '' : formatProbability(probability)),
          el('td', {}, formatNumber(logit)),
        ),
      ),
    ),
  );
}

/** What was examined about the map, in words. */
function trustFigure({ method, trust }: BatchMap): HTMLElement | null {
  if (trust === null) return null;
  const word = {
    believe: l10n.t('Believe'),
    doubt: l10n.t('Doubt'),
    'no-evidence': l10n.t('No evidence'),
  }[trust.verdict];
  const heading = `${METHODS[method].label}: ${word}`;
  return el(
    'section',
    { class: `trust ${trust.verdict}`, 'aria-label': heading },
    el('p', { class: 'quiet' }, l10n.t('How far to trust it')),
    el('h2', {}, heading),
    el('ul', {}, ...trust.reasons.map((reason) => el('li', {}, reason))),
  );
}

function inputFigure({ name, picture, text }: ReportRow): HTMLElement | null {
  if (picture === null && text === null) return null;
  const shown = picture === null ? el('p', { class: 'text' }, text) : image(picture, name);
  return el('figure', {}, shown, el('figcaption', {}, l10n.t('Input')));
}

function mapFigures(
  { name }: ReportRow,
  { method, overlays, heatMaps, evidence, error }: BatchMap,
): HTMLElement[] {
  const { label } = METHODS[method];
  if (error !== null)
    return [el('figure', {}, el('p', { class: 'failure' }, error), el('figcaption', {}, label))];
  const part = strongestPart(evidence);
  const where =
    part === null || evidence === null
      ? null
      : el(
          'span',
          { class: 'quiet' },
          l10n.t(
            'Most evidence: {0} ({1})',
            placeName(part, evidence.length),
            formatShare(evidence[part] ?? 0),
          ),
        );
  return [
    ...overlays.map((file, i) =>
      el(
        'figure',
        {},
        image(file, l10n.t('{0} over {1}', label, name)),
        el('figcaption', {}, label, i === 0 && where ? ' ' : null, i === 0 ? where : null),
      ),
    ),
    ...heatMaps.map((file) =>
      el(
        'figure',
        {},
        image(file, l10n.t('{0} alone', label)),
        el('figcaption', {}, l10n.t('{0} alone', label)),
      ),
    ),
  ];
}
