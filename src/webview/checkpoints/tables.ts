import * as l10n from '@vscode/l10n';
import { changeText } from '../../shared/checkpoints/wrongTurnText';
import {
  deadChannels,
  distanceMoved,
  type EpochReport,
  type LayerNorm,
  mostSaturated,
  nonFiniteCount,
  normChange,
  weightNorm,
} from '../../shared/results/checkpoints';
import { type Child, el, fill } from '../dom';
import { formatNumber, formatProbability, formatShare } from '../format';
import { icon } from '../icons';
import { fadingEdges } from '../scrolling/fadingEdges';
import type { Shown, ShownEpoch } from './shown';

interface Head {
  readonly label: string;
  readonly isText?: boolean;
}

const headRow = (heads: readonly Head[]): HTMLElement =>
  el(
    'thead',
    {},
    el(
      'tr',
      {},
      ...heads.map(({ label, isText }) => el('th', { scope: 'col', class: isText ? null : 'number' }, label)),
    ),
  );

const row = (heads: readonly Head[], cells: readonly Child[], attributes = {}): HTMLElement =>
  el(
    'tr',
    attributes,
    ...cells.map((cell, i) =>
      i === 0
        ? el('th', { scope: 'row' }, cell)
        : el('td', { class: heads[i]?.isText ? null : 'number' }, cell),
    ),
  );

function tableFrame(table: HTMLElement): HTMLElement {
  const frame = el('div', { class: 'table-frame', tabindex: 0 }, table);
  fadingEdges(frame);
  return frame;
}

/** The numbers of all epochs: what the chart and the strip show, as text. */
export function epochTable(): { readonly element: HTMLElement; show(shown: Shown): void } {
  const heading = el('h2', {}, l10n.t('All epochs'));
  const table = el('table', { class: 'epoch-table', 'aria-label': l10n.t('All epochs') });
  return {
    element: el('section', {}, heading, tableFrame(table)),
    show(shown) {
      const { target, nameOf, isProbability } = shown;
      const ofTarget = target === null ? '' : nameOf(target);
      const heads: Head[] = [
        { label: l10n.t('File'), isText: true },
        { label: l10n.t('Predicted'), isText: true },
        { label: isProbability ? l10n.t('Probability') : l10n.t('Value') },
        { label: l10n.t('Class {0}', ofTarget) },
        { label: l10n.t('Dead channels') },
        { label: l10n.t('Most saturated'), isText: true },
        { label: l10n.t('NaN or infinite') },
        { label: l10n.t('First bad layer'), isText: true },
        { label: l10n.t('Norm of weights') },
        { label: l10n.t('Change') },
        { label: l10n.t('Weights moved by') },
      ];
      fill(
        table,
        headRow(heads),
        el('tbody', {}, ...shown.epochs.map((epoch) => epochRow(heads, epoch, shown))),
      );
    },
  };
}

function epochRow(heads: readonly Head[], epoch: ShownEpoch, shown: Shown): HTMLElement {
  const { file, report, error, index } = epoch;
  const isWrong = shown.wrongTurn?.index === index;
  const name = el(
    'span',
    {},
    isWrong ? icon('warning') : null,
    `${isWrong ? ' ' : ''}${file.name}`,
    isWrong ? el('span', { class: 'hidden-text' }, `, ${l10n.t('First wrong turn')}`) : null,
  );
  if (report === null)
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      el('td', { colspan: heads.length - 1, class: 'quiet' }, error?.message ?? l10n.t('Not computed yet')),
    );
  return row(heads, [name, ...reportCells(report, epoch, shown)], { class: isWrong ? 'wrong' : null });
}

function reportCells(report: EpochReport, { before, score }: ShownEpoch, shown: Shown): Child[] {
  const [first] = report.predictions;
  const { dead, channels } = deadChannels(report);
  const most = mostSaturated(report);
  const number = (value: number): string =>
    report.isProbability ? formatProbability(value) : formatNumber(value);
  return [
    report.predicted === null ? l10n.t('nothing') : shown.nameOf(report.predicted),
    number(first?.probability ?? first?.logit ?? Number.NaN),
    score === null ? '' : number(score),
    channels === 0 ? '' : l10n.t('{0} of {1}', dead, channels),
    most?.saturated === null || most === null ? '' : `${most.path}: ${formatShare(most.saturated)}`,
    String(nonFiniteCount(report)),
    report.firstBad?.path ?? '',
    formatNumber(weightNorm(report)),
    changeText(normChange(report, before)),
    distanceText(distanceMoved(report)),
  ];
}

/** The layers of one epoch that can be dead, saturated or not finite, or have weights. */
export function layerTable(): { readonly element: HTMLElement; show(epoch: ShownEpoch | undefined): void } {
  const heading = el('h2', {});
  const table = el('table', { class: 'layer-table' });
  const element = el('section', { hidden: true }, heading, tableFrame(table));
  const heads: readonly Head[] = [
    { label: l10n.t('Layer'), isText: true },
    { label: l10n.t('Dead channels') },
    { label: l10n.t('Saturated') },
    { label: l10n.t('NaN') },
    { label: l10n.t('Inf') },
    { label: l10n.t('Norm of weights') },
    { label: l10n.t('Change') },
    { label: l10n.t('Weights moved by') },
  ];
  return {
    element,
    show(epoch) {
      const { report = null, before, file } = epoch ?? {};
      element.hidden = report === null;
      if (report === null || file === undefined) return;
      const title = l10n.t('Layers of {0}', file.name);
      heading.textContent = title;
      table.setAttribute('aria-label', title);
      const norms = new Map(report.weights.map((one) => [one.layer, one]));
      const moved = new Map((report.changes ?? []).map(({ layer, distance }) => [layer, distance]));
      const earlier = new Map((before?.weights ?? []).map((one) => [one.layer, one]));
      const paths = new Set(report.layers.map(({ path }) => path));
      const shown = report.layers.filter(
        ({ path, channels, saturated, nan, inf }) =>
          channels !== null || saturated !== null || nan + inf > 0 || norms.has(path),
      );
      const others = report.weights.filter(({ layer }) => !paths.has(layer));
      fill(
        table,
        headRow(heads),
        el(
          'tbody',
          {},
          ...shown.map(({ path, dead, channels, saturated, nan, inf }) =>
            row(
              heads,
              [
                path,
                channels === null ? '' : l10n.t('{0} of {1}', dead ?? 0, channels),
                saturated === null ? '' : formatShare(saturated),
                String(nan),
                String(inf),
                ...normCells(norms.get(path), earlier.get(path)),
                distanceText(moved.get(path)),
              ],
              { class: report.firstBad?.path === path ? 'wrong' : null },
            ),
          ),
          ...others.map((norm) =>
            row(heads, [
              norm.layer,
              ...['', '', '', ''],
              ...normCells(norm, earlier.get(norm.layer)),
              distanceText(moved.get(norm.layer)),
            ]),
          ),
        ),
      );
    },
  };
}

const distanceText = (distance: number | null | undefined): string =>
  distance == null ? '' : formatNumber(distance);

function normCells(norm: LayerNorm | undefined, before: LayerNorm | undefined): string[] {
  if (norm === undefined) return ['', ''];
  const change = before !== undefined && before.norm > 0 ? norm.norm / before.norm - 1 : null;
  return [formatNumber(norm.norm), changeText(change)];
}
