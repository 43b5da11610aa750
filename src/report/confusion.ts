import * as l10n from '@vscode/l10n';
import type { BatchReport } from '../shared/batch/batchReport';
import { el } from '../webview/dom';
import { formatCount } from '../webview/format';
import { button } from './controls';
import { className } from './data';
import { type Confusion, confusionOf } from './figures';

/** A matrix of more classes would be read by nobody. */
const MAX_CLASSES = 20;
const MAX_PAIRS = 30;

/** How often each class is taken for another one; null without labelled inputs. @param onChoose shows the inputs of a cell */
export function confusionSection(
  report: BatchReport,
  onChoose: (truth: number, predicted: number) => void,
): HTMLElement | null {
  const confusion = confusionOf(report);
  if (confusion === null) return null;
  const table =
    confusion.classes.length <= MAX_CLASSES
      ? matrix(report, confusion, onChoose)
      : pairs(report, confusion, onChoose);
  return el('section', { 'aria-label': l10n.t('Confusion matrix') }, ...table);
}

function cell(
  report: BatchReport,
  count: number,
  truth: number,
  predicted: number,
  onChoose: (truth: number, predicted: number) => void,
): HTMLElement | string {
  if (count === 0) return '0';
  const names = [className(report, truth), className(report, predicted)] as const;
  return button(
    formatCount(count),
    () => onChoose(truth, predicted),
    l10n.t('{0}: labelled {1}, predicted {2}', formatCount(count), ...names),
  );
}

function matrix(
  report: BatchReport,
  { classes, count }: Confusion,
  onChoose: (truth: number, predicted: number) => void,
): HTMLElement[] {
  const names = classes.map((at) => className(report, at));
  const rows = classes.map((truth, i) => {
    const counts = classes.map((predicted) => count(truth, predicted));
    const sum = counts.reduce((a, b) => a + b, 0);
    const cells = classes.map((predicted, j) => {
      const own = counts[j] ?? 0;
      const td = el(
        'td',
        { class: own === 0 ? 'none' : truth === predicted ? 'right' : 'wrong' },
        cell(report, own, truth, predicted, onChoose),
      );
      td.style.setProperty('--share', String(sum === 0 ? 0 : own / sum));
      return td;
    });
    return el('tr', {}, el('th', { scope: 'row' }, names[i] ?? ''), ...cells);
  });
  return [
    el('h2', {}, l10n.t('Confusion matrix')),
    el(
      'p',
      { class: 'quiet' },
      l10n.t('Rows: as labelled. Columns: as predicted. Choose a number to see its inputs.'),
    ),
    el(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'region', 'aria-label': l10n.t('Confusion matrix') },
      el(
        'table',
        { class: 'matrix' },
        el('thead', {}, el('tr', {}, el('td'), ...names.map((name) => el('th', { scope: 'col' }, name)))),
        el('tbody', {}, ...rows),
      ),
    ),
  ];
}

function pairs(
  report: BatchReport,
  { mistakes }: Confusion,
  onChoose: (truth: number, predicted: number) => void,
): HTMLElement[] {
  return [
    el('h2', {}, l10n.t('Most frequent confusions')),
    el(
      'table',
      { class: 'pairs' },
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ...[l10n.t('Labelled as'), l10n.t('Predicted as'), l10n.t('Inputs')].map((name) =>
            el('th', { scope: 'col' }, name),
          ),
        ),
      ),
      el(
        'tbody',
        {},
        ...mistakes
          .slice(0, MAX_PAIRS)
          .map(({ truth, predicted, count }) =>
            el(
              'tr',
              {},
              el('td', {}, className(report, truth)),
              el('td', {}, className(report, predicted)),
              el('td', { class: 'wrong' }, cell(report, count, truth, predicted, onChoose)),
            ),
          ),
      ),
    ),
  ];
}
