import * as l10n from '@vscode/l10n';
import { numberText } from '../../../shared/numberText';
import type { DoctorFinding } from '../../../shared/results/doctor';
import type { Check, Patient } from './patient';
import { keepsStatistics, type StatisticsFit, statisticsFit } from './trainedStatistics';

/** In standard deviations of the training. An input of the trained kind is at about 1, an unusual one below 5. */
const FAR = 8;
/** A single channel, which may have been constant in the training. */
const FAR_CHANNEL = 1000;
/** Values that vary this little, compared with the training, are scaled down. */
const NARROW = 1 / 50;
/** Values that are this near to the mean of the training, in most of several channels. */
const FLAT = 1 / 100;
const MIN_CHANNELS = 4;
/** So that a spread over positions is one. */
const MIN_POSITIONS = 64;

/** The first normalisation whose statistics are far from the values that it gets, in a sentence that `withReason` ends. */
export const normalization: Check = async (patient) => {
  let isFirst = true;
  for (const { node } of patient.nodes) {
    if (!keepsStatistics(node)) continue;
    await patient.pause();
    const fit = await statisticsFit(patient.trace, node);
    if (fit === null) continue;
    // Deeper inside, whole branches are quiet for an image without what they look for.
    const isNarrow =
      isFirst &&
      hasContrast(patient) &&
      ((fit.spread < NARROW && fit.positions >= MIN_POSITIONS) ||
        (fit.size < FLAT && fit.channels >= MIN_CHANNELS));
    isFirst = false;
    if (!(fit.size > FAR || fit.largest > FAR_CHANNEL || isNarrow)) continue;
    return { kind: 'batch-normalization', layer: node.path, sentence: fitText(node.path, fit) };
  }
  return null;
};

/** Whether the inputs vary about as much as a picture does, so that hardly varying values after them are no surprise otherwise. */
function hasContrast({ trace, output }: Patient): boolean {
  return trace.graph.inputs.every((node) => {
    const stats = output({ node, output: 0 })?.stats;
    return stats !== undefined && stats.std > 0.1 * (stats.max - stats.min) && stats.max > stats.min;
  });
}

/** `bn_Conv1 was trained on mean 0.1 and gets 74`, or the same of the standard deviation where the means are alike. */
function fitText(path: string, { trained, given }: StatisticsFit): string {
  const isMean = Math.abs(given.mean - trained.mean) > 2 * Math.max(trained.std, 1e-12);
  return isMean
    ? l10n.t(
        '{0} was trained on mean {1} and gets {2}',
        ...[path, numberText(trained.mean, 2), numberText(given.mean, 2)],
      )
    : l10n.t(
        '{0} was trained on standard deviation {1} and gets {2}',
        ...[path, numberText(trained.std, 2), numberText(given.std, 2)],
      );
}

/** Ends the sentence of such a finding, which has no reason yet. */
export const withReason = (finding: DoctorFinding, reason: string): DoctorFinding => ({
  ...finding,
  sentence: l10n.t('{0}: {1}.', finding.sentence, reason),
});
