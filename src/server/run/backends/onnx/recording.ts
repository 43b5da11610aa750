import { sizeOf } from '../../../../shared/model';
import type { ValueCheck } from '../../../layers/kind';
import { callsFor } from './plan';
import { type Call, createValue, REPEAT, type Recording, type Value } from './value';

/** Work that makes larger constants of nothing, such as a map of zeros, would keep them for each layer and batch size. */
const MAX_OWN_VALUES = 2 ** 18;
/** Of a recorded call, without the values of its constants. */
const BYTES_PER_CALL = 800;

let count = 0;

/**
 * @param placeholders one per operand that is not a constant; `null` for any other
 * @param outputs what the recorded work gave
 * @param options.checks what rejects values of placeholders
 * @param options.keepsAll whether operands that no output depends on are parameters, too
 * @returns `null` where it would take too much memory
 */
export function createRecording(
  placeholders: readonly (Value | null)[],
  outputs: readonly (Value | null)[],
  {
    checks,
    keepsAll,
  }: { readonly checks: readonly (readonly [Value, ValueCheck])[]; readonly keepsAll: boolean },
): Recording | null {
  const results = new Set(outputs.filter((value) => value !== null && value.origin !== null));
  const computed = [...results].filter((value) => value !== null);
  const calls = callsFor(computed);
  const needed = new Set(calls.flatMap(({ operands }) => operands));
  for (const value of outputs) if (value !== null) needed.add(value);
  const constants = new Set([...needed].filter(({ values }) => values !== null));
  // What the work made of no operand, such as a number or a list of zeros, is as good as a weight.
  const own = [...constants].filter(({ weight }) => weight === null);
  const ownValues = own.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (ownValues > MAX_OWN_VALUES) return null;
  for (const value of own) value.weight = value;
  const parameters: Value[] = [];
  const positions: number[] = [];
  for (const [i, value] of placeholders.entries()) {
    if (value === null || !(keepsAll || needed.has(value))) continue;
    parameters.push(value);
    positions.push(i);
  }
  count += 1;
  return {
    id: count,
    parameters,
    positions,
    calls,
    results: computed,
    outputs,
    checks: checks.map(([value, check]) => ({ operand: placeholders.indexOf(value), check })),
    constants,
    weights: new Set([...constants].map(({ weight }) => weight)),
    bytes: calls.reduce((sum, call) => sum + BYTES_PER_CALL + (call.recording?.bytes ?? 0), 4 * ownValues),
  };
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
