import { numberText, shareText } from '../shared/numberText';
import type { DoctorFinding } from '../shared/results/doctor';
import { firstBadText, type HealthRow, type ModelHealth } from '../shared/results/health';
import { visible } from '../shared/text';

const HEADS = [
  ...['layer', 'stage', 'shape', 'min', 'max', 'mean', 'std', 'negative', 'zero', 'NaN', 'Inf', 'dead'],
  'saturated',
];
/** Columns of text; the others are aligned to the right. */
const TEXT_COLUMNS = 3;

/** A table of all layers, then where NaN or infinities begin. */
export function statsLines(
  { layers, firstBad, unknown }: ModelHealth,
  notices: readonly string[],
): readonly string[] {
  const rows = [HEADS, ...layers.map(cells)];
  const widths = HEADS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i < TEXT_COLUMNS ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const because = [...new Set(unknown.map((one) => one.because))];
  return [
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    ...lines,
    ...(because.length === 0
      ? []
      : [
          visible(
            `Note: The values of ${unknown.length} layers are unknown because of ${because.join(', ')}.`,
          ),
        ]),
    firstBad === null ? 'All values are finite.' : visible(firstBadText(firstBad)),
  ];
}

function cells(row: HealthRow): string[] {
  const count = row.shape.reduce((a, b) => a * b, 1);
  const { deadChannels, channels, saturated } = row;
  return [
    visible(row.path),
    row.output === 0 ? row.stage : `${row.stage} ${row.output}`,
    `(${row.shape.join(', ')})`,
    ...[row.min, row.max, row.mean, row.std].map((value) => numberText(value)),
    ...[row.negative, row.zero].map((part) => shareText(count === 0 ? 0 : part / count)),
    ...[row.nan, row.inf].map(String),
    deadChannels === null ? '' : `${deadChannels} of ${channels ?? 0}`,
    saturated === null ? '' : shareText(saturated),
  ];
}

/** The sentence of the doctor, unless it is the one about the first NaN, and what may help. */
export const doctorLines = (finding: DoctorFinding | null): readonly string[] =>
  finding === null || finding.kind === 'non-finite-values'
    ? []
    : [
        visible(finding.sentence),
        ...(finding.action ? [visible(`  Try --preprocess ${finding.action.preprocessing.name}`)] : []),
      ];
