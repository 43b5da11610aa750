import { GraphWriter } from './graphWriter';
import type { Call } from './value';

/**
 * Adds the node of a call of `scan` with the graph of one step (https://onnx.ai/onnx/operators/onnx__Scan.html). Constants of the step
 * are those of the graph around it.
 * @param write adds the nodes of calls
 */
export function writeScan(
  graph: GraphWriter,
  { recording, operands, attributes, outputs }: Call,
  write: (graph: GraphWriter, calls: readonly Call[]) => void,
): void {
  if (!recording) throw new RangeError('A scan has no steps.');
  const step = new GraphWriter(graph);
  for (const parameter of recording.parameters) step.addInput(parameter);
  write(step, recording.calls);
  for (const value of recording.outputs) if (value) step.addOutput(value);
  const states = Number(attributes.states);
  const sequences = Number(attributes.sequences);
  const direction = attributes.isReversed ? 1 : 0;
  const names = graph.addMany(
    'Scan',
    operands.slice(0, states + sequences).map((value) => graph.plain(value)),
    {
      body: { graph: step.finish() },
      num_scan_inputs: sequences,
      scan_input_directions: new Array<number>(sequences).fill(direction),
      scan_output_directions: new Array<number>(outputs.length - states).fill(direction),
    },
    outputs.length,
  );
  for (const [i, output] of outputs.entries()) graph.definePlain(output, names[i] ?? '');
}
