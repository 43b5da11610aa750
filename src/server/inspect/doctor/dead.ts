import * as l10n from '@vscode/l10n';
import type { DoctorFinding } from '../../../shared/results/doctor';
import type { GraphNode } from '../../graph/graph';
import type { Trace } from '../../run/trace';
import type { ExaminedNode } from '../health/examine';
import { filtersOf, grownUnits, neverPositiveUnits } from './filters';
import type { Check, Patient } from './patient';

/** Positions from which on a channel that is 0 everywhere says something. */
const MIN_POSITIONS = 16;
/** Half of the units of a vector are 0 by chance: so many are not all 0 by chance. */
const MIN_UNITS = 16;
/** Of a map: trained networks have up to 95 % of dead channels for unusual images. */
const MIN_CHANNELS = 2;
/** Of the channels, where they are 0 for any input of the same size. */
const MANY_FOR_ANY_INPUT = 0.25;

/** The first rectifier after which all channels are 0, or many that have weights are 0 for any input. */
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
  if (deadChannels < all || all < (isMap ? MIN_CHANNELS : MIN_UNITS)) return null;
  return finding(
    node.path,
    deadChannels === all
      ? l10n.t('All {0} channels of {1} are dead: their values are 0 for this input.', all, node.path)
      : l10n.t(
          '{0} of {1} channels of {2} are dead: their values are 0 for this input.',
          ...[deadChannels, all, node.path],
        ),
  );
}

/** Units that the weights show to be 0 for any input that is at most twice as large as this one. */
async function deadForAnyInput(
  { trace, output }: Patient,
  { node, activation, outputs }: ExaminedNode,
): Promise<DoctorFinding | null> {
  const summed = weightedSum(trace, node, activation);
  const [ref] = summed?.inputs ?? [];
  const given = ref && output(ref)?.stats;
  // Of a black image nothing can be said about others.
  const filters = summed && given && given.zero < given.count ? await filtersOf(trace, summed) : null;
  if (!given || filters === null) return null;
  const [low, high] = [Math.min(0, 2 * given.min), Math.max(0, 2 * given.max)];
  const never = neverPositiveUnits(filters, low, high);
  const grown = grownUnits(filters);
  const count = never.filter((isNever, unit) => isNever && grown[unit]).length;
  const all = outputs[0]?.channelCount ?? filters.units;
  if (count === 0 || count < MANY_FOR_ANY_INPUT * all) return null;
  return finding(
    node.path,
    count === all
      ? l10n.t(
          'All {0} channels of {1} are dead: their values are 0 for any input of this size.',
          all,
          node.path,
        )
      : l10n.t(
          '{0} of {1} channels of {2} are dead: their values are 0 for any input of this size.',
          ...[count, all, node.path],
        ),
  );
}

/** The layer that computes what a rectifier gets: itself, or one without an activation before it. */
function weightedSum({ graph }: Trace, node: GraphNode, activation: string | null): GraphNode | null {
  if (activation === null) return null;
  const [ref] = node.inputs;
  const before = ref && graph.nodes.get(ref.node);
  if (!/^(Activation|ReLU)$/.test(node.className) || !before) return node;
  const own = before.config.raw('activation') ?? 'linear';
  return own === 'linear' ? before : null;
}

const finding = (layer: string, sentence: string): DoctorFinding => ({ kind: 'dead', layer, sentence });
