import { callsFor } from './plan';
import { type Call, createValue, REPEAT, type Recording, SCAN, sizeOf, type Value } from './value';

let count = 0;

/**
 * @param placeholders one per operand that is not a constant; `null` for any other
 * @param outputs what the recorded work gave
 * @param keepsAll whether operands that no output depends on are parameters, too
 */
export function createRecording(
  placeholders: readonly (Value | null)[],
  outputs: readonly (Value | null)[],
  keepsAll = false,
): Recording {
  const results = new Set(outputs.filter((value) => value !== null && value.origin !== null));
  const computed = [...results].filter((value) => value !== null);
  const calls = callsFor(computed);
  const needed = new Set(calls.flatMap(({ operands }) => operands));
  for (const value of outputs) if (value !== null) needed.add(value);
  const constants = new Set([...needed].filter(({ values }) => values !== null));
  // What the work made of no operand, such as a number or a list of zeros, is as good as a weight.
  for (const value of constants) value.weight ??= value;
  const parameters: Value[] = [];
  const positions: number[] = [];
  for (const [i, value] of placeholders.entries()) {
    if (value === null || !(keepsAll || needed.has(value))) continue;
    parameters.push(value);
    positions.push(i);
  }
  count += 1;
  return { id: count, parameters, positions, calls, results: computed, outputs, constants };
}

/** The outputs of a recording for other operands, as values that one call computes. */
export function repeat(recording: Recording, given: readonly (Value | null)[]): (Value | null)[] {
  const { id, parameters, positions, results, outputs } = recording;
  const operands = positions.map((position) => {
    const value = given[position];
    if (!value) throw new RangeError('A recording lacks an operand.');
    return value;
  });
  const call: Call = {
    name: REPEAT,
    recording,
    inputs: {},
    operands,
    attributes: {},
    outputs: [],
    key: `r${id}`,
  };
  const known = new Map<Value, Value>(parameters.flatMap((value, i) => [[value, operands[i] ?? value]]));
  for (const result of results) {
    const value = createValue(result.shape, result.dtype, null, call);
    known.set(result, value);
    call.outputs.push(value);
  }
  return outputs.map((value) => value && (known.get(value) ?? value));
}

/**
 * Makes a recording of one step for every step of some sequences, in one call.
 * @param step its parameters are the states and one slice of each sequence, its outputs the states after the step and what is stacked
 * @param states before the first step
 * @param sequences of shapes [time, ...]
 * @param isReversed whether the last step comes first; what is stacked stays where its slices are
 * @returns the states after the last step, then what was stacked, [time, ...] each; `null` where the states change their shapes
 */
export function scan(
  step: Recording,
  states: readonly Value[],
  sequences: readonly Value[],
  isReversed: boolean,
): Value[] | null {
  const time = sequences[0]?.shape[0] ?? 0;
  const operands = [...states, ...sequences, ...step.constants];
  const attributes = { states: states.length, sequences: sequences.length, isReversed };
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
    for (const inner of calls)
      for (const value of inner.outputs) if (value.weight === null) value.values = null;
  }
  for (const parameter of parameters) parameter.values = null;
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
 * The calls behind some values with those of recordings in their place, as copies.
 * @returns the values that stand for `targets` in them; what the calls need and do not compute is the same value as before
 */
export function expand(targets: readonly Value[]): Value[] {
  const copies = new Map<Value, Value>();
  for (const call of callsFor(targets)) {
    if (call.recording === null || call.name !== REPEAT) copy(call, copies);
    else {
      const inside = new Map<Value, Value>();
      for (const [i, parameter] of call.recording.parameters.entries()) {
        const operand = call.operands[i] ?? parameter;
        inside.set(parameter, copies.get(operand) ?? operand);
      }
      for (const recorded of call.recording.calls) copy(recorded, inside);
      for (const [i, result] of call.recording.results.entries()) {
        const [output, value] = [call.outputs[i], inside.get(result)];
        if (output && value) copies.set(output, value);
      }
    }
  }
  return targets.map((value) => copies.get(value) ?? value);
}

/** Adds a copy of a call on the copies of its operands. An output that is known stays itself. */
function copy(call: Call, copies: Map<Value, Value>): void {
  const replaced = (value: Value): Value => copies.get(value) ?? value;
  const inputs = Object.fromEntries(
    Object.entries(call.inputs).map(([key, value]) => [key, replaced(value)]),
  );
  const outputs: Value[] = [];
  const made: Call = { ...call, inputs, operands: call.operands.map(replaced), outputs };
  for (const output of call.outputs) {
    const value = output.values === null ? createValue(output.shape, output.dtype, null, made) : output;
    outputs.push(value);
    copies.set(output, value);
  }
}
