import { sizeOf } from '../../../../shared/model';
import type { LoopOperator } from '../../../layers/kind';
import { GraphWriter } from './graphWriter';
import { type Call, createValue, type Recording, SCAN, type Value } from './value';

// A loop over time: how it is recorded, written as a node of ONNX, and computed by TF.js's kernels.

/** An operator of ONNX in place of a loop: its input and weights, as in `LoopOperator`. */
export interface ScanOperator extends Pick<LoopOperator, 'name' | 'resetsAfter'> {
  readonly operands: readonly Value[];
}

/**
 * Makes a recording of one step for every step of some sequences, in one call.
 * @param step its parameters are the states and one slice of each sequence, its outputs the states after the step and what is stacked
 * @param states before the first step
 * @param sequences of shapes [time, ...]
 * @param isReversed whether the last step comes first; what is stacked stays where its slices are
 * @param operator what ONNX computes it by, with its tensors as values
 * @returns the states after the last step, then what was stacked, [time, ...] each; `null` where the states change their shapes
 */
export function scan(
  step: Recording,
  states: readonly Value[],
  sequences: readonly Value[],
  isReversed: boolean,
  operator: ScanOperator | null,
): Value[] | null {
  const time = sequences[0]?.shape[0] ?? 0;
  const operands = [...states, ...sequences, ...step.constants, ...(operator?.operands ?? [])];
  const attributes = {
    states: states.length,
    sequences: sequences.length,
    isReversed,
    ...(operator && { operator: operator.name, resetsAfter: operator.resetsAfter === true }),
  };
  const { id } = step;
  const call: Call = {
    name: SCAN,
    recording: step,
    inputs: {},
    operands,
    attributes,
    outputs: [],
    key: `scan${id}`,
  };
  for (const [i, value] of step.outputs.entries()) {
    const state = states[i];
    if (value?.dtype !== 'float32' || (state && state.shape.join() !== value.shape.join())) return null;
    const shape = state ? state.shape : [time, ...value.shape];
    call.outputs.push(createValue(shape, value.dtype, null, call));
  }
  return call.outputs;
}

/** Computes a call of `scan`. @param compute computes a call of a kernel whose operands are known */
export function computeScan(call: Call, compute: (call: Call) => void): Float32Array[] {
  const { recording, operands, attributes, outputs } = call;
  if (!recording) throw new RangeError('A scan has no steps.');
  const { parameters, calls } = recording;
  const count = Number(attributes.states);
  const slices = parameters.slice(count);
  const time = operands[count]?.shape[0] ?? 0;
  let states = operands.slice(0, count).map(({ values }) => values);
  const stacked = outputs.slice(count).map(({ shape }) => new Float32Array(sizeOf(shape)));
  const ofStep = [...parameters, ...calls.flatMap((inner) => inner.outputs)];
  const forget = (): void => {
    for (const value of ofStep) if (value.weight === null) value.values = null;
  };
  try {
    for (let done = 0; done < time; done++) {
      const t = attributes.isReversed ? time - 1 - done : done;
      for (const [i, state] of states.entries()) setValues(parameters[i], state);
      for (const [i, slice] of slices.entries()) {
        const size = sizeOf(slice.shape);
        setValues(slice, numbersOf(operands[count + i]).slice(t * size, (t + 1) * size));
      }
      for (const inner of calls) compute(inner);
      const made = recording.outputs.map((value) => numbersOf(value ?? undefined));
      states = made.slice(0, count);
      for (const [i, values] of made.slice(count).entries()) stacked[i]?.set(values, t * values.length);
      forget();
    }
  } finally {
    // Also after a failure: the steps of the next run must not find what is left of this one.
    forget();
  }
  return [...states.map((values) => Float32Array.from(values as Float32Array)), ...stacked];
}

function setValues(parameter: Value | undefined, values: Value['values']): void {
  if (parameter) parameter.values = values;
}

function numbersOf(value: Value | undefined): Float32Array {
  if (!(value?.values instanceof Float32Array)) throw new RangeError('A step of a scan was not computed.');
  return value.values;
}

/**
 * Adds the node of a call of `scan` with the graph of one step (https://onnx.ai/onnx/operators/onnx__Scan.html). Constants of the step
 * are those of the graph around it.
 * @param write adds the nodes of calls
 */
export function writeScan(
  graph: GraphWriter,
  call: Call,
  write: (graph: GraphWriter, calls: readonly Call[]) => void,
): void {
  const { recording, operands, attributes, outputs } = call;
  if (!recording) throw new RangeError('A scan has no steps.');
  if (attributes.operator) {
    writeOperator(graph, call, recording);
    return;
  }
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

/** Adds the operator of ONNX that gives what the steps of a call give: https://onnx.ai/onnx/operators/onnx__GRU.html. */
function writeOperator(
  graph: GraphWriter,
  { operands, attributes, outputs }: Call,
  { constants }: Recording,
): void {
  const states = Number(attributes.states);
  const given = operands.slice(states + Number(attributes.sequences) + constants.size);
  const [input = '', kernel = '', recurrent = '', bias = ''] = given.map((value) => graph.plain(value));
  const [batch = 1, units = 1] = operands[0]?.shape ?? [];
  const initial = operands
    .slice(0, states)
    .map((value) => graph.reshape(graph.plain(value), [1, batch, units]));
  const name = String(attributes.operator);
  const [sequence = '', ...last] = graph.addMany(
    name,
    [input, kernel, recurrent, bias, '', ...initial],
    { hidden_size: units, ...(name === 'GRU' && { linear_before_reset: attributes.resetsAfter ? 1 : 0 }) },
    1 + states,
  );
  for (const [i, output] of outputs.entries())
    graph.definePlain(output, graph.reshape(last[i] ?? sequence, output.shape));
}
