import * as l10n from '@vscode/l10n';
import type { StageValues } from './stageValues';

/** What each axis of a value is, batch first, as files name it. */
export function axisNames({ shape, spatial, channel, stage }: StageValues): string[] {
  if (stage === 'attention') return ['batch', 'head', 'query', 'key'];
  const places = NAMES[spatial.length] ?? [];
  return shape.map((_, axis) => {
    if (axis === 0) return 'batch';
    if (axis === channel) return 'channel';
    if (channel < 0 && shape.length === 2) return 'unit';
    return places[spatial.indexOf(axis)] ?? `axis ${axis}`;
  });
}

const LABELS: Readonly<Record<string, string>> = {
  batch: l10n.t('batch'),
  channel: l10n.t('channel'),
  depth: l10n.t('depth'),
  head: l10n.t('head'),
  height: l10n.t('height'),
  key: l10n.t('key'),
  position: l10n.t('position'),
  query: l10n.t('query'),
  unit: l10n.t('unit'),
  width: l10n.t('width'),
};

/** The same in the language of the user. */
export const axisLabels = (values: StageValues): string[] =>
  axisNames(values).map((name, axis) => LABELS[name] ?? l10n.t('axis {0}', axis));

/** Names of the axes of space or time, by their number. */
const NAMES: Readonly<Record<number, readonly string[]>> = {
  1: ['position'],
  2: ['height', 'width'],
  3: ['depth', 'height', 'width'],
};

/** The axes that a table shows first: an image, positions by channel, or the units below each other. */
export function firstAxes({ shape, spatial, channel }: StageValues): {
  readonly rowAxis: number | null;
  readonly columnAxis: number | null;
} {
  if (shape.length === 0) return { rowAxis: null, columnAxis: null };
  if (shape.length === 1) return { rowAxis: 0, columnAxis: null };
  if (shape.length === 2) return { rowAxis: 1, columnAxis: null };
  const [row = 1, column = 2] = spatial.length > 1 ? spatial.slice(-2) : [spatial[0] ?? 1, channel];
  return { rowAxis: row, columnAxis: column };
}
