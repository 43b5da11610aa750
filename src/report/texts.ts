import * as l10n from '@vscode/l10n';
import type { BatchReport, ReportRow } from '../shared/batch/batchReport';
import { formatNumber, formatProbability } from '../webview/format';
import { className } from './data';

/** `cat 0.97`: a class with its probability, or the value of an output without classes. */
export function predictionText(report: BatchReport, row: ReportRow, place = 0): string {
  const found = row.predictions[place];
  if (found === undefined) return '';
  const { index, logit, probability } = found;
  if (row.kind === 'number') return formatNumber(logit);
  const value = probability === null ? formatNumber(logit) : formatProbability(probability);
  return `${className(report, index)} ${value}`;
}

/** What the caption of an input says below its name. */
export function verdictText(report: BatchReport, row: ReportRow): string {
  if (row.error !== null) return l10n.t('Failed');
  if (row.truth === null || row.correct === null) return '';
  return row.correct ? l10n.t('Right') : l10n.t('Wrong: it is {0}', className(report, row.truth));
}
