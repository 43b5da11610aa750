import type { CheckpointsContext } from '../../shared/checkpoints/checkpointsView';
import { type Reference, referenceOf, type WrongTurn, wrongTurnOf } from '../../shared/checkpoints/wrongTurn';
import { type NameOf, namesOf } from '../../shared/checkpoints/wrongTurnText';
import type { LayerglassError, Result } from '../../shared/errors';
import { type CheckpointFile, distanceMoved, type EpochReport } from '../../shared/results/checkpoints';
import { tensorValues } from '../tensor';

/** One epoch as it is known so far. */
export interface ShownEpoch {
  readonly index: number;
  readonly file: CheckpointFile;
  /** `null` before it is computed, and where it could not be. */
  readonly report: EpochReport | null;
  readonly error: LayerglassError | null;
  /** The last epoch before it that was computed. */
  readonly before: EpochReport | undefined;
  /** Of the class whose line is drawn; `null` where it is unknown. */
  readonly score: number | null;
}

/** All that the page shows, made anew with each epoch. */
export interface Shown {
  readonly epochs: readonly ShownEpoch[];
  readonly reference: Reference | null;
  readonly wrongTurn: WrongTurn | null;
  /** The class whose score is drawn: the target, else the right class. */
  readonly target: number | null;
  readonly isProbability: boolean;
  readonly nameOf: NameOf;
  /** The largest value of all maps, for one colour scale; `null` for a scale of its own for each. */
  readonly top: number | null;
  readonly classes: number;
  /** The largest distance by which the weights moved in one epoch; 0 where none is known. */
  readonly farthest: number;
}

/** @param results one for each file of the list; `undefined` before it is computed */
export function shownOf(
  { choice, list, labels }: CheckpointsContext,
  results: readonly (Result<EpochReport> | undefined)[],
): Shown {
  const reports = list.files.map((_, i) => {
    const result = results[i];
    return result?.ok === true ? result.value : null;
  });
  const reference = referenceOf(reports, choice.label);
  const target = choice.target === 'auto' ? (reference?.index ?? null) : choice.target;
  const [first] = reports.flatMap((report) => report ?? []);
  return {
    epochs: list.files.map((file, index) => {
      const report = reports[index] ?? null;
      const result = results[index];
      return {
        index,
        file,
        report,
        error: result?.ok === false ? result.error : null,
        before: reports.slice(0, index).findLast((one) => one !== null) ?? undefined,
        score: report === null || target === null ? null : (tensorValues(report.scores)[target] ?? null),
      };
    }),
    reference,
    wrongTurn: wrongTurnOf(reports, reference),
    target,
    isProbability: first?.isProbability ?? true,
    nameOf: namesOf(labels),
    top: choice.isOneScale ? Math.max(0, ...reports.map((report) => report?.map?.top ?? 0)) : null,
    classes: first?.scores.shape[0] ?? 0,
    farthest: Math.max(0, ...reports.map((report) => (report && distanceMoved(report)) ?? 0)),
  };
}
