import type { Graph } from '../../src/server/graph/graph';
import type { Tensor } from '../../src/server/layers/kind';
import type { Runtime } from '../../src/server/run/backends/backend';
import { BackwardWalk } from '../../src/server/run/backward';
import { NO_CONTROL } from '../../src/server/run/control';
import { runForward } from '../../src/server/run/trace';
import type { Weights } from '../../src/server/run/weights/weights';
import { Failure } from '../../src/shared/errors';

/**
 * On a backend that records what a layer computes and repeats it for the next input, runs a model on other values first: its inputs in
 * reverse order. What is compared afterwards was then recorded with them, and what wrongly depends on values differs from Keras.
 * @param cotangent the gradient at the first output, for a walk back to all inputs
 */
export async function rehearse(
  runtime: Runtime,
  graph: Graph,
  weights: Weights,
  inputs: readonly Tensor[],
  cotangent: Tensor | null,
): Promise<void> {
  if (!runtime.lazy) return;
  const others = inputs.map((input) => reversed(runtime, input));
  const trace = await runForward(runtime, graph, weights, others, NO_CONTROL).catch(refusal);
  if (trace === null) return;
  const [scored] = graph.outputs;
  if (cotangent && scored) {
    const gradient = reversed(runtime, cotangent);
    const walk = new BackwardWalk(trace, { ...scored, stage: 'post', gradient });
    for (const path of graph.inputs) {
      const found = await walk.at(path, 0, NO_CONTROL).catch(refusal);
      found?.dataSync();
    }
    walk.dispose();
  }
  for (const { node, output } of graph.outputs) trace.values.get(node)?.outputs[output]?.dataSync();
  trace.dispose();
  for (const other of others) other.dispose();
}

const reversed = ({ tf }: Runtime, tensor: Tensor): Tensor =>
  tf.tensor(tensor.dataSync().slice().reverse(), tensor.shape, tensor.dtype);

/** Not every layer takes the values in reverse order. */
function refusal(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.error.kind !== 'internal') return null;
  throw thrown;
}
