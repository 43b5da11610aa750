import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Graph, GraphNode, TensorRef } from '../graph/graph';
import type { LayerKind, Tensor } from '../layers/kind';
import { withFallback } from '../run/backends/fallback';
import { withLayerErrors } from '../run/layerErrors';
import { tidy } from '../run/tidy';
import { layerContext, runnableKind, type Trace } from '../run/trace';

/** A layer between the node that computes a score and the model's output that changes no value. */
interface PassThroughLayer {
  readonly node: GraphNode;
  readonly kind: LayerKind;
  /** The input and output that the values pass through. */
  readonly input: number;
  readonly output: number;
}

/** Where the values of a model's output are computed, and the layers that they only pass through after that. */
export interface ScoreSource {
  /** The model's output. */
  readonly output: TensorRef;
  /** The last node that computes anything: its value before the activation is the logit. */
  readonly ref: TensorRef;
  /** From `ref` to the output. */
  readonly passThrough: readonly PassThroughLayer[];
}

/** Whether a layer passes values through unchanged, in any order. */
export function isPassThrough(graph: Graph, node: GraphNode): boolean {
  const kind = runnableKind(node);
  if (!kind?.isPassThrough) return false;
  const shapes = node.inputs.map((ref) => graph.nodes.get(ref.node)?.outputShapes[ref.output] ?? null);
  const known = shapes.filter((shape) => shape !== null);
  return known.length === shapes.length && kind.isPassThrough(node.config, known, node.call);
}

/**
 * Skips the layers at the end that only pass values of output `index` through (Reshape, Dropout, a linear Activation, ...).
 * @throws Failure `no-such-target`.
 */
export function findScoreSource(graph: Graph, index: number): ScoreSource {
  const output = graph.outputs[index];
  if (!output) {
    return fail(
      'no-such-target',
      l10n.t('The model has {0} outputs; there is no output {1}.', graph.outputs.length, index),
    );
  }
  let ref = output;
  const passed: PassThroughLayer[] = [];
  for (let node = graph.nodes.get(ref.node); node; node = graph.nodes.get(ref.node)) {
    const kind = runnableKind(node);
    const input = node.inputs.length === 1 ? 0 : ref.output;
    const before = node.inputs[input];
    if (!kind || !before || !isPassThrough(graph, node)) break;
    passed.unshift({ node, kind, input, output: ref.output });
    ref = before;
  }
  return { output, ref, passThrough: passed };
}

/** Applies the pass-through layers to another value of the score's node: the caller disposes the result. */
export function forwardToOutput(trace: Trace, { passThrough: passed }: ScoreSource, value: Tensor): Tensor {
  const { tf } = trace.runtime;
  return tidy(tf, () =>
    passed.reduce((carried, { node, kind, input, output }) => {
      const inputs = inputsOf(trace, node).with(input, carried);
      const outputs = compute(trace, node, () => kind.forward(layerContext(trace, node, []), inputs));
      return (
        outputs[output] ?? fail('internal', l10n.t('Layer "{0}" lost its output {1}.', node.path, output))
      );
    }, tf.clone(value)),
  );
}

/** The gradient at the score's node, from that at the model's output: the caller disposes it. */
export function backwardFromOutput(
  trace: Trace,
  { passThrough: passed }: ScoreSource,
  gradient: Tensor,
): Tensor {
  const { tf } = trace.runtime;
  return tidy(tf, () =>
    passed.reduceRight((carried, { node, kind, input, output }) => {
      const { outputs } = trace.at(node.path);
      const step = {
        inputs: inputsOf(trace, node),
        outputs,
        gradients: outputs.map((_, i) => (i === output ? carried : null)),
      };
      const toInputs = compute(trace, node, () => kind.backward(layerContext(trace, node, []), step));
      return toInputs[input] ?? fail('internal', l10n.t('Layer "{0}" lost the gradient.', node.path));
    }, tf.clone(gradient)),
  );
}

const inputsOf = (trace: Trace, node: GraphNode): Tensor[] =>
  node.inputs.map(
    ({ node: path, output }) =>
      trace.at(path).outputs[output] ??
      fail('internal', l10n.t('Layer "{0}" lost its output {1}.', path, output)),
  );

const compute = <T>(trace: Trace, node: GraphNode, work: () => T): T =>
  withLayerErrors(node, () => withFallback(trace.runtime, work));
