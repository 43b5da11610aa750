import * as l10n from '@vscode/l10n';
import type { TensorStats } from '../../../shared/model';
import type { GraphNode } from '../../graph/graph';
import type { Activation, Tensor } from '../../layers/kind';
import { type Control, checkpoint } from '../../run/control';
import { activationOf, layerContext, runnableKind, type Trace } from '../../run/trace';
import {
  canHaveDeadChannels,
  channelAxis,
  countDeadChannels,
  saturatedShare,
  slopesOf,
} from '../activationShares';
import { batchesOf } from '../nodeBatches';
import { statsOf } from '../statistics';
import { type Channels, channelsOf } from './channels';

/** What the values of one layer call are like. */
export interface ExaminedNode {
  readonly node: GraphNode;
  readonly activation: string | null;
  readonly pre: TensorStats | null;
  /** `null` for text. */
  readonly outputs: readonly (ExaminedOutput | null)[];
  readonly deadChannels: number | null;
  readonly saturated: number | null;
}

export interface ExaminedOutput {
  readonly stats: TensorStats;
  /** Of maps, sequences and vectors. */
  readonly channels: Channels | null;
  readonly channelCount: number;
}

const known = new WeakMap<Trace, readonly ExaminedNode[]>();

/**
 * The statistics of every layer call whose values are known, in graph order. Values are read layer by layer; what was found is kept with the
 * trace.
 * @throws Failure `cancelled`
 */
export async function examine(trace: Trace, control: Control): Promise<readonly ExaminedNode[]> {
  const before = known.get(trace);
  if (before) return before;
  const found: ExaminedNode[] = [];
  for (const batch of batchesOf(trace, trace.graph.nodes.values())) {
    const reads: NodeRead[] = [];
    try {
      for (const node of batch) reads.push(await prepare(trace, node));
      const { lazy } = trace.runtime;
      if (lazy) {
        const missing = reads.flatMap(tensorsOf).filter((tensor) => !lazy.isComputed(tensor));
        // In one run of the model instead of one per layer.
        if (missing.length > 0) await lazy.computeAlong(async () => missing, true);
      }
      for (const read of reads) {
        await checkpoint(control, found.length / trace.values.size, l10n.t('Reading {0}', read.node.path));
        found.push(await examineNode(trace, read));
      }
    } finally {
      for (const { slopes } of reads) slopes?.dispose();
    }
  }
  known.set(trace, found);
  return found;
}

interface NodeRead {
  readonly node: GraphNode;
  readonly activation: Activation | null;
  readonly pre: Tensor | null;
  readonly outputs: readonly Tensor[];
  readonly slopes: Tensor | null;
}

async function prepare(trace: Trace, node: GraphNode): Promise<NodeRead> {
  const { pre, outputs } = trace.at(node.path);
  const kind = runnableKind(node);
  const activation =
    kind && pre ? activationOf(kind, layerContext(trace, node, await trace.weights.of(node))) : null;
  const [post] = outputs;
  return { node, activation, pre, outputs, slopes: post ? slopesOf(trace, activation, pre, post) : null };
}

const tensorsOf = ({ pre, outputs, slopes }: NodeRead): Tensor[] =>
  [pre, slopes, ...outputs].filter((tensor) => tensor !== null && tensor.dtype !== 'string') as Tensor[];

async function examineNode(trace: Trace, read: NodeRead): Promise<ExaminedNode> {
  const { node, activation, pre, slopes } = read;
  const outputs: (ExaminedOutput | null)[] = [];
  let deadChannels: number | null = null;
  for (const [i, tensor] of read.outputs.entries()) {
    if (tensor.dtype === 'string') {
      outputs.push(null);
      continue;
    }
    const values = await tensor.data();
    const axis = channelAxis(trace.graph, node, tensor.rank);
    outputs.push({
      stats: statsOf(values, tensor.shape),
      channels: tensor.rank >= 2 ? channelsOf(values, tensor.shape, axis) : null,
      channelCount: tensor.shape[axis] ?? 1,
    });
    if (i === 0 && canHaveDeadChannels(activation, tensor.rank))
      deadChannels = countDeadChannels(values, tensor.shape, axis);
  }
  const [first] = outputs;
  // Without an activation, both stages have the same values.
  const before = pre && (activation === null && first ? first.stats : statsOf(await pre.data(), pre.shape));
  const saturated = slopes && saturatedShare(await slopes.data());
  return { node, activation: activation?.name ?? null, pre: before, outputs, deadChannels, saturated };
}
