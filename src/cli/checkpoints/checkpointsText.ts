import { Buffer } from 'node:buffer';
import type { Reference, WrongTurn } from '../../shared/checkpoints/wrongTurn';
import {
  changeText,
  namesOf,
  noWrongTurnText,
  orderText,
  reasonText,
  referenceText,
  wrongTurnTitle,
} from '../../shared/checkpoints/wrongTurnText';
import type { Result } from '../../shared/errors';
import { numberText } from '../../shared/numberText';
import {
  type CheckpointList,
  deadChannels,
  distanceMoved,
  type EpochReport,
  nonFiniteCount,
  normChange,
  weightNorm,
} from '../../shared/results/checkpoints';
import { visible } from '../../shared/text';

/** The epochs of a folder as they were computed. */
export interface Strip {
  readonly list: CheckpointList;
  /** One for each file. */
  readonly reports: readonly Result<EpochReport>[];
  readonly reference: Reference | null;
  readonly wrongTurn: WrongTurn | null;
  readonly labels: readonly string[];
  readonly notices: readonly string[];
}

const scoresOf = ({ scores }: EpochReport): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(scores.data, 'base64')).buffer);

/** The last epoch before this one that was computed. */
const before = (reports: Strip['reports'], index: number): EpochReport | undefined =>
  reports.slice(0, index).findLast((report) => report.ok)?.value;

export function checkpointsJson({ list, reports, ...strip }: Strip): unknown {
  const { folder, orderedBy, others, cut, files } = list;
  const { reference, wrongTurn, notices } = strip;
  return {
    folder,
    orderedBy,
    others,
    cut,
    reference,
    wrongTurn: wrongTurn && { file: files[wrongTurn.index]?.name ?? '', ...wrongTurn },
    notices,
    epochs: files.map(({ name, number, modified }, i) => {
      const file = { file: name, number, modified: new Date(modified).toISOString() };
      const report = reports[i];
      if (report === undefined || !report.ok) return { ...file, error: report?.error };
      const { map, scores: _, ...epoch } = report.value;
      return {
        ...file,
        ...epoch,
        scores: [...scoresOf(report.value)],
        map: map && { method: map.method, layer: map.layer, target: map.target, top: map.top },
        ...deadChannels(report.value),
        nonFinite: nonFiniteCount(report.value),
        norm: weightNorm(report.value),
        normChange: normChange(report.value, before(reports, i)),
        distance: distanceMoved(report.value),
      };
    }),
  };
}

const NUMBERS_FROM = 2;

/** A table of the epochs, then the first wrong turn. @param target the class whose score is listed; the right one if `null` */
export function checkpointsLines(strip: Strip, target: number | null): readonly string[] {
  const { list, reports, reference, wrongTurn, labels, notices } = strip;
  const nameOf = namesOf(labels);
  const shown = target ?? reference?.index ?? 0;
  const isProbability = reports.some((report) => report.ok && report.value.isProbability);
  const score = isProbability ? 'p' : 'value';
  const rows = [
    [
      'file',
      'predicted',
      score,
      `${score} of ${nameOf(shown)}`,
      'dead',
      'not finite',
      'norm',
      'change',
      'moved by',
    ],
    ...list.files.map(({ name }, i) => {
      const report = reports[i];
      const file = `${wrongTurn?.index === i ? '! ' : '  '}${visible(name)}`;
      if (report === undefined || !report.ok) return [file, visible(report?.error.message ?? '')];
      return [file, ...cells(report.value, before(reports, i), { shown, labels })];
    }),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.filter((row) => row.length > 2).map((row) => row[column]?.length ?? 0)),
  );
  const wrong = wrongTurn && list.files[wrongTurn.index];
  return [
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    `${orderText(list)}.`,
    ...(list.cut > 0 ? [`Note: ${list.cut} further epochs are left out.`] : []),
    ...(list.others.length > 0
      ? [visible(`Note: not part of this training: ${list.others.join(', ')}.`)]
      : []),
    ...rows.map((row) =>
      row
        .map((cell, column) =>
          column < NUMBERS_FROM || row.length === NUMBERS_FROM
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    ),
    ...(reference ? [visible(referenceText(reference, nameOf))] : []),
    ...(wrongTurn && wrong
      ? [
          visible(wrongTurnTitle(wrong.name)),
          ...wrongTurn.reasons.map((reason) => visible(`  ${reasonText(reason, nameOf)}`)),
        ]
      : [noWrongTurnText()]),
  ];
}

function cells(
  report: EpochReport,
  previous: EpochReport | undefined,
  { shown, labels }: { readonly shown: number; readonly labels: readonly string[] },
): string[] {
  const { predicted } = report;
  const [first] = report.predictions;
  const { dead, channels } = deadChannels(report);
  const distance = distanceMoved(report);
  return [
    predicted === null ? 'nothing' : visible(namesOf(labels)(predicted)),
    numberText(first?.probability ?? first?.logit ?? Number.NaN),
    numberText(scoresOf(report)[shown] ?? Number.NaN),
    channels === 0 ? '' : `${dead} of ${channels}`,
    String(nonFiniteCount(report)),
    numberText(weightNorm(report)),
    changeText(normChange(report, previous)),
    distance === null ? '' : numberText(distance),
  ];
}
