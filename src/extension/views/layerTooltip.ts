import * as l10n from '@vscode/l10n';
import type { MarkdownString } from 'vscode';
import { byteText, fullCount, parameterText, trainableText } from '../../shared/amounts';
import { inputLabels, joinNames, outputCounts } from '../../shared/connections';
import type { LayerValues } from '../../shared/layerValues';
import type { LayerRow, TensorStats } from '../../shared/model';
import { numberText } from '../../shared/numberText';
import { shapeText } from '../shapeText';
import { Markdown } from '../ui';

/**
 * The tooltip of a row in the Layers view: class, shapes and parameters, and for the last run the statistics before and
 * after the activation. Names come from the file, so they are escaped.
 */
export function layerTooltip(
  row: LayerRow,
  rows: readonly LayerRow[],
  values: LayerValues | undefined,
): MarkdownString {
  const text = new Markdown();
  text.markup('**').text(row.path).markup('**\n\n');
  line(text, l10n.t('Class'), row.className);
  if (row.outputShapes.some((shape) => shape !== null))
    line(text, l10n.t('Output'), row.outputShapes.map(shapeText).join(', '));
  const count = parameterText(row.params, row.paramsAreLowerBound);
  line(text, l10n.t('Parameters'), `${count}${trainableText(row)}`);
  if (row.multiplyAdds !== 0 && row.multiplyAdds !== null)
    line(text, l10n.t('Multiply-adds'), fullCount(row.multiplyAdds));
  if (row.activationBytes !== null)
    line(text, l10n.t('Activation memory'), l10n.t('{0} for one example', byteText(row.activationBytes)));
  if (row.activation !== null) line(text, l10n.t('Activation'), row.activation);
  if (row.inbound.length > 0) line(text, l10n.t('Inputs'), joinNames(inputLabels(row, outputCounts(rows))));
  if (row.calls > 1) line(text, l10n.t('Called'), l10n.t('{0} times', row.calls));
  const unknown = unknownSentence(row);
  if (unknown !== '') text.markup('\n\n$(warning) ').text(unknown);
  if (row.notice !== undefined) {
    text.markup(isReason(row) ? '\n\n$(warning) ' : '\n\n$(info) ').text(row.notice);
  }
  if (values !== undefined) statistics(text, values);
  return text.value;
}

function line(text: Markdown, name: string, value: string): void {
  text.markup(`${name}: `).text(value).markup('  \n');
}

function statistics(text: Markdown, { pre, post, activation, check }: LayerValues): void {
  text.markup(`\n\n---\n\n${l10n.t('Statistics for the current input:')}\n\n`);
  const columns: [string, TensorStats][] =
    pre === null
      ? [[l10n.t('output'), post]]
      : [
          [l10n.t('before'), pre],
          [l10n.t('after'), post],
        ];
  const rows: [string, (stats: TensorStats) => string][] = [
    [l10n.t('min'), (s) => number(s.min)],
    [l10n.t('max'), (s) => number(s.max)],
    [l10n.t('mean'), (s) => number(s.mean)],
    [l10n.t('std'), (s) => number(s.std)],
    [l10n.t('negative'), (s) => share(s.negative, s.count)],
    [l10n.t('zero'), (s) => share(s.zero, s.count)],
  ];
  // VS Code's tables have no space between columns.
  const cells = (values: readonly string[]) => values.map((value) => `&nbsp;&nbsp;${value}`).join(' | ');
  text.markup(`| | ${cells(columns.map(([name]) => name))} |\n`);
  text.markup(`|---|${columns.map(() => '---:').join('|')}|\n`);
  for (const [name, value] of rows) {
    text.markup(`| ${name} | ${cells(columns.map(([, stats]) => value(stats)))} |\n`);
  }
  if (check === null) return;
  const name = activation ?? l10n.t('activation');
  const error = number(check.largestError);
  const verdict = check.agrees
    ? l10n.t('{0}(before) = after holds (largest error {1})', name, error)
    : l10n.t('{0}(before) = after does not hold (largest error {1})', name, error);
  text.markup('\n').text(verdict);
}

const number = (value: number): string => numberText(value, 5);

function share(count: number, of: number): string {
  return of === 0 ? '0 %' : `${((100 * count) / of).toFixed(1)} %`;
}

/** Whether the notice of a row already says why its values are unknown. */
const isReason = ({ path, status, unknownBecause, notice }: LayerRow): boolean =>
  notice !== undefined && (status === 'unknown' || unknownBecause === path);

/** Why a row has no values; empty where it has values, or where its notice gives the reason. */
export function unknownSentence(row: LayerRow): string {
  if (isReason(row)) return '';
  if (row.status === 'unknown') {
    return l10n.t('Layerglass does not know the class {0}, so it never runs it.', row.className);
  }
  if (row.unknownBecause === undefined) return '';
  return l10n.t('Shapes and values are unknown because of {0}.', row.unknownBecause);
}
