import { fail } from '../../shared/errors';
import type { Shape } from '../../shared/model';
import type { LayerConfig } from '../graph/layerConfig';
import type { WeightSpec } from '../graph/layerRule';
import { activationOf } from './activations';
import { gruCell } from './gruCell';
import type { BackwardStep, KindTable, LayerContext, LayerKind, Tensor, TF } from './kind';
import { knownSize } from './knownSize';
import { isFloat, onlyShape, tensorAt } from './layerInputs';
import { lstmCell } from './lstmCell';
import { back, type Recurrence, run } from './recurrence';
import { recurrentCall } from './recurrentCall';
import { at, type Cell } from './recurrentCell';
import { simpleRnnCell } from './simpleRnnCell';
import { timeSteps } from './timeSteps';

/** [batch, time, features] -> [batch, units], or [batch, time, units]; then the final states, where asked for. */
function recurrent(cellOf: (config: LayerConfig) => Cell): LayerKind {
  return {
    outputShapes(config, inputs) {
      const [batch = null, time = null] = sequenceShape(config, inputs);
      const units = config.int('units');
      const output = config.bool('return_sequences', false) ? [batch, time, units] : [batch, units];
      if (!config.bool('return_state', false)) return [output];
      return [output, ...Array.from({ length: cellOf(config).stateCount }, () => [batch, units])];
    },
    weights(config, inputs) {
      const features = knownSize(sequenceShape(config, inputs), 2, config);
      return weightSpecs(config, cellOf(config).gates, features);
    },
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const { outputs, states } = run(tf, recurrenceOf(ctx, inputs, cellOf(config)));
      const output = config.bool('return_sequences', false)
        ? tf.stack([...outputs], 1)
        : tf.clone(at(outputs, outputs.length - 1));
      return config.bool('return_state', false) ? [output, ...states] : [output];
    },
    backward: (ctx, step) => backThroughTime(ctx, step, cellOf(ctx.config)),
    mask: (ctx, inputs) =>
      ctx.config.bool('return_sequences', false) ? recurrentCall(ctx, inputs).passedOn : undefined,
  };
}

/** Further inputs are initial states or a mask; they share the sequence's batch. */
const sequenceShape = (config: LayerConfig, inputs: readonly Shape[]): Shape => {
  if (config.bool('time_major', false)) {
    return fail(
      'not-applicable',
      `Layer "${config.path}" takes time-major sequences, which Layerglass does not.`,
      {
        subject: config.path,
        remedy: 'Save the model with time_major=False.',
      },
    );
  }
  return onlyShape(config, inputs, 3);
};

function weightSpecs(config: LayerConfig, gates: number, features: number): WeightSpec[] {
  const units = config.int('units');
  const specs = [
    { name: 'kernel', shape: [features, gates * units] },
    { name: 'recurrent_kernel', shape: [units, gates * units] },
  ];
  if (config.bool('use_bias', true)) {
    // A GRU that resets after the product has a bias on either side of the gate.
    const shape = gates === 3 && resetsAfter(config) ? [2, gates * units] : [gates * units];
    specs.push({ name: 'bias', shape });
  }
  return specs.map((spec, i) => ({ ...spec, trainable: true, at: `cell/vars/${i}` }));
}

/** Keras 2 files from before the argument existed leave it out and mean false. */
const resetsAfter = (config: LayerConfig): boolean => config.bool('reset_after', false);

interface Weights {
  readonly kernel: Tensor;
  readonly bias: Tensor | null;
  readonly recurrent: Tensor;
  readonly recurrentBias: Tensor | null;
}

function weightsOf({ tf, config, weights }: LayerContext): Weights {
  const kernel = tensorAt(config, weights, 0);
  const recurrent = tensorAt(config, weights, 1);
  if (!config.bool('use_bias', true)) return { kernel, recurrent, bias: null, recurrentBias: null };
  const bias = tensorAt(config, weights, 2);
  if (bias.rank === 1) return { kernel, recurrent, bias, recurrentBias: null };
  const [input, inner] = tf.unstack(bias);
  return { kernel, recurrent, bias: input ?? null, recurrentBias: inner ?? null };
}

function recurrenceOf(ctx: LayerContext, inputs: readonly Tensor[], cell: Cell): Recurrence {
  const { tf, config } = ctx;
  const sequence = tf.cast(tensorAt(config, inputs, 0), 'float32');
  const [batch = 1, time = 0, features = 1] = sequence.shape;
  if (time === 0) {
    return fail('wrong-shape', `Layer "${config.path}" gets a sequence of no steps.`, {
      subject: config.path,
      remedy: 'Give it an input with at least one step.',
    });
  }
  const { kernel, bias, recurrent, recurrentBias } = weightsOf(ctx);
  // All steps in one product; only the pieces outlive it.
  const projected = tf.tidy(() => {
    const flat = tf.matMul(tf.reshape(sequence, [batch * time, features]), kernel);
    return timeSteps(tf, tf.reshape(bias ? tf.add(flat, bias) : flat, [batch, time, kernel.shape[1] ?? 1]));
  });
  const call = recurrentCall(ctx, inputs);
  return {
    cell,
    weights: { recurrent, recurrentBias },
    projected: inOrder(config, projected),
    masks: call.mask ? inOrder(config, stepMasks(tf, call.mask)) : null,
    initial: initialStates(ctx, inputs, call.states, cell, batch),
    zeroOutputForMask: config.bool('zero_output_for_mask', false),
  };
}

/** One mask a step, `null` where the step counts in the whole batch, as most do: a mask costs several operations. */
function stepMasks(tf: TF, mask: Tensor): (Tensor | null)[] {
  return timeSteps(tf, tf.expandDims(mask, 2)).map((step) => (step.dataSync().includes(0) ? step : null));
}

/** Steps in the order in which the layer meets them; its outputs stay in that order, as in Keras. */
function inOrder<T>(config: LayerConfig, steps: T[]): T[] {
  return config.bool('go_backwards', false) ? steps.reverse() : steps;
}

/** A stateful layer starts from zeros like any other: a trace is one sequence, not the next of many. */
function initialStates(
  { tf, config }: LayerContext,
  inputs: readonly Tensor[],
  given: readonly number[],
  cell: Cell,
  batch: number,
): Tensor[] {
  if (given.length === 0) {
    const zeros = tf.zeros([batch, config.int('units')]);
    return new Array<Tensor>(cell.stateCount).fill(zeros);
  }
  if (given.length !== cell.stateCount) {
    return fail(
      'bad-config',
      `Layer "${config.path}" has ${cell.stateCount} states but is given ${given.length} to start from.`,
      { subject: config.path },
    );
  }
  return given.map((i) => tensorAt(config, inputs, i));
}

/**
 * Back-propagation through time, as `tf.GradientTape` on Keras's loop. Written out, so that it runs on every backend and
 * in memory that grows with the length of the sequence, not with its square (as the gradient of slicing does).
 */
function backThroughTime(ctx: LayerContext, step: BackwardStep, cell: Cell): (Tensor | null)[] {
  const { tf, config } = ctx;
  const { inputs, gradients } = step;
  const recurrence = recurrenceOf(ctx, inputs, cell);
  const steps = recurrence.projected.length;
  const [toOutput, ...toStates] = gradients;
  const toOutputs = outputGradients(ctx, toOutput ?? null, steps);
  const through = back(tf, recurrence, toOutputs, toStates);

  const sequence = tensorAt(config, inputs, 0);
  const { kernel } = weightsOf(ctx);
  const inTime = tf.stack(inOrder(config, [...through.projected]), 1);
  const flat = tf.reshape(inTime, [-1, kernel.shape[1] ?? 1]);
  const toSequence = tf.reshape(tf.matMul(flat, kernel, false, true), sequence.shape);
  const { states } = recurrentCall(ctx, inputs);
  return inputs.map((input, i) => {
    if (!isFloat(input)) return null;
    return i === 0 ? toSequence : (through.initial[states.indexOf(i)] ?? null);
  });
}

function outputGradients(
  { tf, config }: LayerContext,
  gradient: Tensor | null,
  steps: number,
): (Tensor | null)[] {
  if (gradient && config.bool('return_sequences', false)) return timeSteps(tf, gradient);
  return Array.from({ length: steps }, (_, t) => (t === steps - 1 ? gradient : null));
}

/** Recurrent layers. Their activations act inside each step, so there is no value before the activation to keep. */
export const recurrents: KindTable = {
  SimpleRNN: recurrent((config) => simpleRnnCell(activationOf(config))),
  LSTM: recurrent((config) => lstmCell(activationOf(config), activationOf(config, 'recurrent_activation'))),
  GRU: recurrent((config) =>
    gruCell(activationOf(config), activationOf(config, 'recurrent_activation'), resetsAfter(config)),
  ),
};
