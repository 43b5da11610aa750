import * as l10n from '@vscode/l10n';
import type { DoctorFinding } from '../../../shared/results/doctor';
import type { ExaminedNode } from '../health/examine';
import { filtersOf, hasOnlyZeroKernels, hasOnlyZeros } from './filters';
import type { Check, Patient } from './patient';

const MIN_POSITIONS = 16;

/** The first layer with weights all of whose channels have the same value everywhere, although its input varies. */
export const constant: Check = async (patient) => {
  for (const examined of patient.nodes) {
    const { node } = examined;
    if (node.inputs.length === 0 || (await patient.trace.weights.of(node)).length === 0) continue;
    await patient.pause();
    const found =
      constantMaps(patient, examined) ??
      (await zeroFilters(patient, examined)) ??
      (await zeroWeights(patient, examined));
    if (found) return found;
  }
  return null;
};

function constantMaps(patient: Patient, { node, activation, outputs }: ExaminedNode): DoctorFinding | null {
  const channels = outputs[0]?.channels;
  if (!channels || channels.size < MIN_POSITIONS || !variesOverPositions(patient, node.inputs)) return null;
  // What a rectifier made 0 is dead, not constant.
  const count = [...channels.min].filter(
    (min, c) => min === channels.max[c] && (activation === null || min !== 0),
  ).length;
  if (count === 0 || count < channels.count) return null;
  return finding(
    node.path,
    count === 1
      ? l10n.t('The only channel of {0} is constant: the same value at every position.', node.path)
      : l10n.t('All {0} channels of {1} are constant: the same value at every position.', count, node.path),
  );
}

/** Whether some channel of every input has more than one value. */
const variesOverPositions = (
  { output }: Patient,
  inputs: readonly { readonly node: string; readonly output: number }[],
): boolean =>
  inputs.every((ref) => {
    const { channels, stats } = output(ref) ?? {};
    if (channels && channels.size > 1) return channels.min.some((min, c) => min < (channels.max[c] ?? min));
    return stats !== undefined && stats.min < stats.max;
  });

async function zeroFilters({ trace }: Patient, { node }: ExaminedNode): Promise<DoctorFinding | null> {
  const filters = await filtersOf(trace, node);
  if (filters === null || !hasOnlyZeros(filters)) return null;
  return finding(
    node.path,
    filters.units === 1
      ? l10n.t(
          'The only channel of {0} is constant: its weights are 0, so that it ignores the input.',
          node.path,
        )
      : l10n.t(
          'All {0} channels of {1} are constant: their weights are 0, so that they ignore the input.',
          ...[filters.units, node.path],
        ),
  );
}

/** Of other layers with kernels or embeddings: whether all of those are 0. */
async function zeroWeights({ trace }: Patient, { node }: ExaminedNode): Promise<DoctorFinding | null> {
  if (!(await hasOnlyZeroKernels(trace, node))) return null;
  return {
    kind: 'constant',
    layer: node.path,
    sentence: l10n.t('All weights of {0} are 0, so that it ignores its input.', node.path),
  };
}

const finding = (layer: string, sentence: string): DoctorFinding => ({ kind: 'constant', layer, sentence });
