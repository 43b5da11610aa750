import type { DoctorFinding } from '../../../shared/results/doctor';
import type { ExaminedNode } from '../health/examine';
import { filtersOf, neverPositiveUnits } from './filters';
import type { Check, Patient } from './patient';

/** Positions from which on a channel that is 0 everywhere says something. */
const MIN_POSITIONS = 16;
/** Of the channels of a map for one input. Trained networks have up to about two thirds. */
const MANY = 0.9;
/** Half of the units of a vector are 0 by chance: so many are not all 0 by chance. */
const MIN_UNITS = 16;
const MIN_CHANNELS = 8;
/** Of the channels, where they are 0 for any input of the same size. */
const MANY_FOR_ANY_INPUT = 0.25;

/** The first rectifier after which too many channels are 0. */
export const dead: Check = async (patient) => {
  for (const examined of patient.nodes) {
    const [first] = examined.outputs;
    if (
      examined.deadChannels === null ||
      examined.deadChannels === 0 ||
      !first ||
      !hasInput(patient, examined)
    )
      continue;
    await patient.pause();
    const found = (await deadForAnyInput(patient, examined)) ?? deadNow(examined);
    if (found) return found;
  }
  return null;
};

/** Whether something reaches the layer: after a layer of zeros, zeros are no news. */
const hasInput = ({ output }: Patient, { node }: ExaminedNode): boolean =>
  node.inputs.some((ref) => {
    const stats = output(ref)?.stats;
    return stats !== undefined && stats.zero < stats.count;
  });

function deadNow({ node, deadChannels, outputs }: ExaminedNode): DoctorFinding | null {
  const [first] = outputs;
  if (!first || deadChannels === null) return null;
  const { channelCount: all, channels } = first;
  const isMap = (channels?.size ?? 0) >= MIN_POSITIONS;
  const isDead =
    (deadChannels === all && (isMap || all >= MIN_UNITS)) ||
    (isMap && all >= MIN_CHANNELS && deadChannels >= MANY * all);
  if (!isDead) return null;
  return finding(node.path, deadChannels, all, 'their values are 0 for this input');
}

/** Units that the weights show to be 0 for any input that is at most twice as large as this one. */
async function deadForAnyInput(
  { trace, output }: Patient,
  { node, activation, outputs }: ExaminedNode,
): Promise<DoctorFinding | null> {
  const [ref] = node.inputs;
  const given = ref && output(ref)?.stats;
  const filters = activation === null || !given ? null : await filtersOf(trace, node);
  if (!given || filters === null) return null;
  const [low, high] = [Math.min(0, 2 * given.min), Math.max(0, 2 * given.max)];
  const count = neverPositiveUnits(filters, low, high);
  const all = outputs[0]?.channelCount ?? filters.units;
  if (count === 0 || count < MANY_FOR_ANY_INPUT * all) return null;
  return finding(node.path, count, all, 'their values are 0 for any input of this size');
}

const finding = (layer: string, count: number, all: number, why: string): DoctorFinding => ({
  kind: 'dead',
  layer,
  sentence: `${count === all ? `All ${all}` : `${count} of ${all}`} channels of ${layer} are dead: ${why}.`,
});
