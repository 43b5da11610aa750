import * as l10n from '@vscode/l10n';
import type { LayerGradient, LayerGradients } from '../../shared/results/layerGradients';
import { type ExplainRequest, pictureOf, scoresOf, type Walks } from '../explain/explain';
import { classCount } from '../explain/score';
import { targetText } from '../explain/sentence';
import { walkOf } from '../explain/support/scoreWalk';
import { chooseTarget } from '../explain/target';
import type { GraphNode } from '../graph/graph';
import type { Tensor } from '../layers/kind';
import type { BackwardWalk } from '../run/backward';
import { type Control, checkpoint } from '../run/control';
import { GRADIENT } from '../run/rectifierRules';
import type { Trace } from '../run/trace';
import { batchesOf } from './nodeBatches';

/**
 * The size of the gradient of a score at the output of every layer call that the score depends on, of the first example.
 * @throws Failure `not-applicable`, `no-such-target`, `unknown-layer`, `cancelled`.
 */
export async function layerGradients(
  trace: Trace,
  walks: Walks,
  { target: choice, labels }: Pick<ExplainRequest, 'target' | 'labels'>,
  control: Control,
): Promise<LayerGradients> {
  const scores = await scoresOf(trace, choice);
  const { target, score } = chooseTarget(scores, choice, labels, pictureOf(trace));
  const walk = walkOf(trace, walks, choice, [{ scores, target, score }], GRADIENT);
  const found: LayerGradient[] = [];
  // The walk goes from the score to the inputs.
  const nodes = [...trace.graph.nodes.values()].reverse();
  for (const batch of batchesOf(trace, nodes)) {
    const reads = [];
    for (const node of batch) reads.push(await gradientsAt(walk, node, trace, control));
    const { lazy } = trace.runtime;
    const missing = reads.flatMap(({ tensors }) => tensors.filter((tensor) => !lazy?.isComputed(tensor)));
    // In one run of the model instead of one per layer.
    if (lazy && missing.length > 0) await lazy.computeAlong(async () => missing, true);
    for (const { path, tensors } of reads) {
      await checkpoint(control, found.length / nodes.length, l10n.t('Reading {0}', path));
      if (tensors.length > 0) found.push(await sizeOf(path, tensors));
    }
  }
  const output = trace.graph.outputs.length > 1 ? (choice.output ?? 0) : null;
  return {
    target: targetText(target, { units: classCount(scores), binary: scores.binary }, output),
    layers: found.reverse(),
  };
}

async function gradientsAt(
  walk: BackwardWalk,
  { path }: GraphNode,
  trace: Trace,
  control: Control,
): Promise<{ readonly path: string; readonly tensors: readonly Tensor[] }> {
  if (path === walk.scoredBefore) return { path, tensors: [] };
  const tensors: Tensor[] = [];
  for (const output of trace.at(path).outputs.keys()) {
    const gradient = await walk.at(path, output, control);
    if (gradient !== null) tensors.push(gradient);
  }
  return { path, tensors };
}

async function sizeOf(path: string, tensors: readonly Tensor[]): Promise<LayerGradient> {
  let squares = 0;
  let count = 0;
  for (const tensor of tensors) {
    // Only the first example of a batch is explained.
    const size = tensor.shape.slice(1).reduce((a, b) => a * b, 1);
    const values = (await tensor.data()).subarray(0, size);
    for (const value of values) squares += value * value;
    count += size;
  }
  return { path, squares, count };
}
