import * as l10n from '@vscode/l10n';
import type { LayerRow } from './model';

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** A count with three significant digits: `841`, `1.85 G`; `unknown` for `null`. */
export function shortCount(count: number | null): string {
  if (count === null) return l10n.t('unknown');
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  // 999,999 is 1 M, not 1000 k.
  const rounded = Number((count / 1000 ** power).toPrecision(3));
  const [value, unit] =
    rounded >= 1000 && power < UNITS.length - 1 ? [rounded / 1000, power + 1] : [rounded, power];
  return unit === 0 ? String(value) : `${value} ${UNITS[unit]}`;
}

/** A size in bytes with decimal units: `3.21 MB`; `unknown` for `null`. */
export function byteText(bytes: number | null): string {
  const text = shortCount(bytes);
  if (bytes === null) return text;
  return text.includes(' ') ? `${text}B` : `${text} B`;
}

/** A count in full, `15,470,264,320`; `unknown` for `null`. */
export const fullCount = (count: number | null): string =>
  count === null ? l10n.t('unknown') : count.toLocaleString('en-US');

/** A parameter count: `448`, `at least 448` where there may be more, `unknown` where none is counted. */
export function parameterText(count: number, isLowerBound = false): string {
  if (!isLowerBound) return fullCount(count);
  return count === 0 ? l10n.t('unknown') : l10n.t('at least {0}', fullCount(count));
}

/** Which of a layer's parameters are trainable: `, trainable`, `, frozen` or `, 12 trainable`; empty without parameters. */
export function trainableText({
  params,
  trainableParams,
  undeterminedParams = 0,
}: Pick<LayerRow, 'params' | 'trainableParams' | 'undeterminedParams'>): string {
  if (undeterminedParams > 0)
    return undeterminedParams === params
      ? ''
      : `, ${l10n.t('{0} or more trainable', fullCount(trainableParams))}`;
  if (params === 0 || trainableParams === params) return params === 0 ? '' : `, ${l10n.t('trainable')}`;
  return trainableParams === 0
    ? `, ${l10n.t('frozen')}`
    : `, ${l10n.t('{0} trainable', fullCount(trainableParams))}`;
}

/** A duration of more than a moment: `8 s`, `3 min`, `2 h`, `5 days`. @param ms milliseconds */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 2 * 3600) return l10n.t('{0} min', Math.round(seconds / 60));
  return seconds < 48 * 3600
    ? `${Math.round(seconds / 3600)} h`
    : l10n.t('{0} days', Math.round(seconds / 86_400));
}
