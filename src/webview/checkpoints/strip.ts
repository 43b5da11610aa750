import * as l10n from '@vscode/l10n';
import { changeText } from '../../shared/checkpoints/wrongTurnText';
import type { Prediction } from '../../shared/explanation';
import {
  deadChannels,
  distanceMoved,
  type EpochReport,
  nonFiniteCount,
  normChange,
} from '../../shared/results/checkpoints';
import { el, fill } from '../dom';
import { formatNumber, formatProbability } from '../format';
import { icon } from '../icons';
import { fadingEdges } from '../scrolling/fadingEdges';
import { chart } from './chart';
import type { Shown, ShownEpoch } from './shown';
import { stamp } from './stamp';

/** Width of a cell with its gap, as in the style sheet. */
const COLUMN = 176;
/** Predictions of a cell. */
const TOP = 3;

export interface StripActions {
  onSelect(index: number): void;
  onOpen(index: number): void;
}

/** The epochs side by side below their chart. One cell is in the tab order: the arrow keys, Home and End move, Enter opens it. */
export function strip(actions: StripActions): {
  readonly element: HTMLElement;
  /** Draws everything anew. */
  show(shown: Shown, selected: number): void;
} {
  const line = chart(COLUMN);
  const cells = el('ol', { class: 'cells', 'aria-label': l10n.t('Epochs') });
  const frame = el('div', { class: 'strip-frame' }, el('div', { class: 'strip' }, line.element, cells));
  fadingEdges(frame);
  let count = 0;
  let selected = 0;

  const cellAt = (index: number): HTMLElement | null =>
    cells.querySelector<HTMLElement>(`[data-index="${index}"]`);

  const select = (index: number) => {
    selected = Math.max(0, Math.min(count - 1, index));
    for (const cell of cells.querySelectorAll<HTMLElement>('[data-index]'))
      cell.tabIndex = Number(cell.dataset.index) === selected ? 0 : -1;
    const cell = cellAt(selected);
    cell?.focus();
    cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };

  cells.addEventListener('focusin', (event) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (cell?.dataset.index === undefined) return;
    selected = Number(cell.dataset.index);
    actions.onSelect(selected);
  });
  cells.addEventListener('click', (event) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (cell?.dataset.index !== undefined && cell.getAttribute('aria-disabled') !== 'true')
      actions.onOpen(Number(cell.dataset.index));
  });
  cells.addEventListener('keydown', (event) => {
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: selected - 1,
      ArrowRight: selected + 1,
      Home: 0,
      End: count - 1,
    };
    const index = to[event.key];
    if (index === undefined) return;
    event.preventDefault();
    select(index);
  });

  return {
    element: el('section', { class: 'epochs' }, line.legend, frame),
    show(shown, chosen) {
      const hadFocus = cells.contains(document.activeElement);
      count = shown.epochs.length;
      selected = chosen;
      frame.style.setProperty('--epochs', String(count));
      line.show(shown);
      fill(cells, ...shown.epochs.map((epoch) => el('li', {}, cell(epoch, shown, chosen))));
      if (hadFocus) cellAt(selected)?.focus({ preventScroll: true });
    },
  };
}

function cell(epoch: ShownEpoch, shown: Shown, selected: number): HTMLElement {
  const { index, file, report, error } = epoch;
  const isWrong = shown.wrongTurn?.index === index;
  const isAfter = shown.wrongTurn !== null && index > shown.wrongTurn.index;
  return el(
    'button',
    {
      type: 'button',
      class: ['cell', isWrong ? 'wrong' : '', isAfter ? 'after' : '', error === null ? '' : 'failed'].join(
        ' ',
      ),
      'data-index': index,
      tabindex: index === selected ? 0 : -1,
      'aria-disabled': String(report === null),
      title: report === null ? null : l10n.t('Explain {0} on this input', file.name),
    },
    el('span', { class: 'cell-name' }, file.name),
    // In every cell, so that the maps are on one line.
    el('span', { class: 'mark' }, ...(isWrong ? [icon('warning'), l10n.t('First wrong turn')] : [])),
    error === null ? null : el('span', { class: 'reason' }, icon('error'), el('span', {}, error.message)),
    report === null && error === null
      ? el('span', { class: 'waiting quiet' }, l10n.t('Not computed yet'))
      : null,
    ...(report === null ? [] : reportParts(report, epoch.before, shown)),
  );
}

function reportParts(report: EpochReport, before: EpochReport | undefined, shown: Shown): (Node | null)[] {
  const { map, mapProblem, predictions } = report;
  const { dead, channels } = deadChannels(report);
  const bad = nonFiniteCount(report);
  const change = normChange(report, before);
  const distance = distanceMoved(report);
  return [
    map === null
      ? el('span', { class: 'no-stamp quiet' }, mapProblem ?? '')
      : el('span', { class: 'stamp-frame' }, stamp(map, shown.top ?? map.top)),
    el(
      'span',
      { class: 'top' },
      ...predictions.slice(0, TOP).map((prediction) => predictionRow(prediction, shown)),
    ),
    el(
      'span',
      { class: 'facts' },
      channels === 0 ? null : fact(l10n.t('{0} of {1} channels dead', dead, channels), 2 * dead > channels),
      bad === 0 ? null : fact(l10n.t('{0} values NaN or infinite', bad), true),
      change === null ? null : fact(l10n.t('Weights {0}', changeText(change)), false),
      distance === null ? null : moved(distance, shown.farthest),
    ),
  ];
}

/** @param farthest the largest distance of all epochs, for the length of the bar */
function moved(distance: number, farthest: number): HTMLElement {
  const bar = el('span', { class: 'moved-bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', String(farthest > 0 ? distance / farthest : 0));
  return el('span', { class: 'moved quiet' }, l10n.t('Moved by {0}', formatNumber(distance)), bar);
}

const fact = (text: string, isBad: boolean): HTMLElement =>
  isBad
    ? el('span', { class: 'fact bad' }, icon('warning'), el('span', {}, text))
    : el('span', { class: 'fact quiet' }, text);

function predictionRow({ index, probability, logit }: Prediction, { nameOf, reference }: Shown): HTMLElement {
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', String(Math.max(0, Math.min(1, probability ?? 0))));
  return el(
    'span',
    { class: reference?.index === index ? 'prediction right' : 'prediction' },
    el('span', { class: 'class' }, nameOf(index)),
    el(
      'span',
      { class: 'score' },
      probability === null ? formatNumber(logit) : formatProbability(probability),
    ),
    probability === null ? null : bar,
  );
}
