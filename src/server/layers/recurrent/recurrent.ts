import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import { times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { BackwardStep, KindTable, LayerContext, LayerKind, Tensor, TF } from '../kind';
import { arrayOf } from '../support/configArray';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { withValues } from '../support/records';
import { wrappedLayer } from '../support/wrappedLayer';
import {
  type CellChain,
  chainOf,
  chainProducts,
  chainShapes,
  chainWeights,
  inStateOrder,
  oneCell,
  shapesAlong,
  statesOfCells,
  weightsOfCells,
} from './cellChain';
import { cudnnGruCell, cudnnLstmCell } from './cudnnCells';
import { gruCell } from './gruCell';
import { lstmCell } from './lstmCell';
import { back, type OutputGradients, type Recurrence, type RecurrenceResult, run } from './recurrence';
import { checkSlots, type InitialState, recurrentCall, recurrentSlots } from './recurrentCall';
import type { CellRule } from './recurrentCell';
import { simpleRnnCell } from './simpleRnnCell';

type ChainOf = (config: LayerConfig) => CellChain;

const NO_CALL: CallArguments = { args: [], kwargs: {} };

/**
 * One step of one cell, besides its products: some thirty small operations, whose overhead outweighs their arithmetic, and the tensors
 * that are kept of it. Measured on wasm with a GRU of 4 units: 0.24 ms (with `WORK_PER_SECOND` of session/runCost.ts) and 6 KB.
 */
const STEP_WORK = 1e6;
const STEP_VALUES = 1500;

/**
 * [batch, time, ...] -> the last step's output, or every step's; then the final states with `return_state`. A stateful
 * layer starts from zeros like any other: a trace is a single sequence, and no file stores states.
 * @param rank of the input, with batch and time.
 */
export function recurrentLayer(chainOfConfig: ChainOf, rank: number): LayerKind {
  const cellStepsOf = (config: LayerConfig, inputs: readonly Shape[]): number | null =>
    times(sequenceShape(config, inputs, rank).time, chainOfConfig(config).cells.length);
  return {
    outputShapes(config, inputs, call = NO_CALL) {
      const { batch, time, step } = sequenceShape(config, inputs, rank);
      const { output, states } = chainShapes(chainOfConfig(config), step);
      checkSlots(config, recurrentSlots(config, call, inputs), inputs, states);
      const [, ...sizes] = output;
      const sequence = isTimeMajor(config) ? [time, batch, ...sizes] : [batch, time, ...sizes];
      const first = config.bool('return_sequences', false) ? sequence : output;
      return config.bool('return_state', false) ? [first, ...states] : [first];
    },
    weights: (config, inputs) =>
      chainWeights(chainOfConfig(config), sequenceShape(config, inputs, rank).step),
    multiplyAdds(config, inputs) {
      // The graph assumes that the first axis is the batch.
      if (isTimeMajor(config)) return null;
      const { time, step } = sequenceShape(config, inputs, rank);
      return times(time, chainProducts(chainOfConfig(config), step));
    },
    work: (config, inputs) => times(STEP_WORK, cellStepsOf(config, inputs)),
    workspace: (config, inputs) => times(STEP_VALUES, cellStepsOf(config, inputs)),
    forward(ctx, inputs) {
      const { tf, config } = ctx;
      const chain = chainOfConfig(config);
      const results = linksOf(ctx, inputs, chain).map((link) => link.result ?? run(ctx, link.recurrence));
      const result = results.at(-1);
      if (result === undefined) throw new RangeError('A recurrent layer has no cell.');
      const output = config.bool('return_sequences', false)
        ? timeFirst(tf, config, result.outputs)
        : tf.clone(result.last);
      const states = results.map((one) => one.states);
      return config.bool('return_state', false) ? [output, ...inStateOrder(chain, states)] : [output];
    },
    backward: (ctx, step) => backThroughTime(ctx, step, chainOfConfig(ctx.config)),
    mask: (ctx, inputs) =>
      ctx.config.bool('return_sequences', false) ? recurrentCall(ctx, inputs).outputMask : undefined,
  };
}

/** An argument of Keras 2: sequences and their masks are [time, batch, ...]. */
export const isTimeMajor = (config: LayerConfig): boolean => config.bool('time_major', false);

/** Converts between the layer's layout and [time, batch, ...]; its own inverse. */
function timeFirst(tf: TF, config: LayerConfig, sequence: Tensor): Tensor {
  if (isTimeMajor(config)) return sequence;
  return tf.transpose(sequence, [1, 0, ...sequence.shape.slice(2).map((_, i) => i + 2)]);
}

/** The sizes of input 0; further inputs are initial states or a mask and share its batch. */
function sequenceShape(config: LayerConfig, inputs: readonly Shape[], rank: number) {
  const [first = null, second = null, ...sizes] = onlyShape(config, inputs, rank);
  const [batch, time] = isTimeMajor(config) ? [second, first] : [first, second];
  return { batch, time, step: [batch, ...sizes] };
}

/** One cell over all steps. The result of the last cell is `null`: only the forward pass needs it. */
interface Link {
  readonly recurrence: Recurrence;
  /** Of the cell's input, [time, batch, ...]. */
  readonly shape: readonly number[];
  readonly result: RecurrenceResult | null;
}

/**
 * Runs the cells of a chain over time, one after the other: no cell depends on a later one. The outputs of an inner cell
 * in masked steps do not matter, since later cells keep their states there.
 */
function linksOf(ctx: LayerContext, inputs: readonly Tensor[], chain: CellChain): Link[] {
  const { tf, config } = ctx;
  const call = recurrentCall(ctx, inputs);
  let sequence = timeFirst(tf, config, tf.cast(tensorAt(config, inputs, 0), 'float32'));
  const [time = 0, batch = 1, ...sizes] = sequence.shape;
  if (time === 0) {
    return fail('wrong-shape', l10n.t('Layer "{0}" gets a sequence without steps.', config.path), {
      subject: config.path,
      remedy: l10n.t('Use an input with at least one step.'),
    });
  }
  const along = shapesAlong(chain, [batch, ...sizes]);
  const initial = initialStates(ctx, inputs, call.states, chain, along);
  const rank = along[0]?.states[0]?.length ?? 2;
  const mask = call.mask ? stepMasks(ctx, timeFirst(tf, config, call.mask), rank) : null;
  const weights = weightsOfCells(chain, along, ctx.weights);
  const links: Link[] = [];
  for (const [i, { rule, config: own }] of chain.cells.entries()) {
    const cell = rule.bind(ctx, own, weights[i] ?? []);
    const cellInput = sequence;
    const [, , ...inputSizes] = cellInput.shape;
    // All steps in one product.
    const projected = tf.tidy(() => {
      const all = cell.project(tf.reshape(cellInput, [time * batch, ...inputSizes]));
      return tf.reshape(all, [time, batch, ...all.shape.slice(1)]);
    });
    const isLast = i === chain.cells.length - 1;
    const recurrence: Recurrence = {
      cell,
      // The outputs of a cell are already in processing order.
      projected: i === 0 ? inOrder(tf, config, projected) : projected,
      input: () => (i === 0 ? inOrder(tf, config, cellInput) : cellInput),
      mask: mask && inOrder(tf, config, mask),
      initial: initial[i] ?? [],
      zeroOutputForMask: isLast && config.bool('zero_output_for_mask', false),
    };
    const result = isLast ? null : run(ctx, recurrence);
    links.push({ recurrence, shape: cellInput.shape, result });
    if (result) sequence = result.outputs;
  }
  return links;
}

type Along = ReturnType<typeof shapesAlong>;

/** A mask [time, batch, ...] as numbers of one more axis than the states have; `null` where nothing is masked, as far as that may be read. */
function stepMasks({ tf, scan }: LayerContext, mask: Tensor, rank: number): Tensor | null {
  const ones = new Array<number>(Math.max(0, rank + 1 - mask.rank)).fill(1);
  const numbers = tf.cast(tf.reshape(mask, [...mask.shape, ...ones]), 'float32');
  return scan || numbers.dataSync().includes(0) ? numbers : null;
}

/** A sequence [time, ...] in processing order; as in Keras, the outputs stay in that order. */
const inOrder = (tf: TF, config: LayerConfig, sequence: Tensor): Tensor =>
  config.bool('go_backwards', false) ? tf.reverse(sequence, 0) : sequence;

/** The initial states of each cell. */
function initialStates(
  { tf, config }: LayerContext,
  inputs: readonly Tensor[],
  given: readonly InitialState[],
  chain: CellChain,
  along: Along,
): Tensor[][] {
  const shapes = along.map(({ states }) => states.map((shape) => shape.map((size) => size ?? 1)));
  if (given.length === 0) return shapes.map((states) => states.map((shape) => tf.zeros(shape)));
  const counts = shapes.map((states) => states.length);
  const count = counts.reduce((a, b) => a + b, 0);
  if (given.length !== count) {
    return fail(
      'bad-config',
      l10n.t('Layer "{0}" has {1} states but gets {2} initial states.', config.path, count, given.length),
      { subject: config.path },
    );
  }
  return statesOfCells(chain, counts, given).map((states, i) =>
    states.map((state, k) =>
      'input' in state
        ? tf.cast(tensorAt(config, inputs, state.input), 'float32')
        : constantState(tf, config, state.constant, shapes[i]?.[k] ?? []),
    ),
  );
}

function constantState(tf: TF, config: LayerConfig, raw: unknown, shape: readonly number[]): Tensor {
  const constant = arrayOf(withValues(config, { initial_state: raw }), 'initial_state');
  if (constant.shape.join() === shape.join()) return tf.tensor(constant.values, [...shape], 'float32');
  return fail(
    'wrong-shape',
    l10n.t(
      'Layer "{0}" has a constant initial state of {1}, but its state is {2}.',
      config.path,
      constant.shape.join(' x '),
      shape.join(' x '),
    ),
    {
      subject: config.path,
      remedy: l10n.t(
        'The file contains initial states for {0} examples; use a batch of that size.',
        constant.shape[0] ?? 0,
      ),
    },
  );
}

/**
 * Backpropagation through time, equal to `tf.GradientTape` on Keras's loop. Written explicitly, so that it runs on every
 * backend and its memory grows linearly with the sequence length (the gradient of slicing grows quadratically).
 */
function backThroughTime(ctx: LayerContext, step: BackwardStep, chain: CellChain): (Tensor | null)[] {
  const { tf, config } = ctx;
  const { inputs, gradients } = step;
  const links = linksOf(ctx, inputs, chain);
  const [toOutput, ...toStates] = gradients;
  const counts = links.map(({ recurrence }) => recurrence.initial.length);
  const toStatesOfCells = statesOfCells(chain, counts, toStates);
  const toInitial: (readonly Tensor[])[] = chain.cells.map(() => []);
  let toOutputs = outputGradients(ctx, toOutput ?? null);
  let toSequence: Tensor | null = null;
  for (const [i, { recurrence, shape }] of [...links.entries()].reverse()) {
    const through = back(ctx, recurrence, toOutputs, toStatesOfCells[i] ?? []);
    toInitial[i] = through.initial;
    const [time = 1, batch = 1, ...sizes] = shape;
    toSequence = tf.tidy(() => {
      const all = i === 0 ? inOrder(tf, config, through.projected) : through.projected;
      const flat = tf.reshape(all, [time * batch, ...all.shape.slice(2)]);
      return tf.reshape(recurrence.cell.unproject(flat, [time * batch, ...sizes]), [...shape]);
    });
    toOutputs = { sequence: toSequence, last: null };
  }
  const { states } = recurrentCall(ctx, inputs);
  const initial = inStateOrder(chain, toInitial);
  return inputs.map((input, i) => {
    if (!isFloat(input)) return null;
    if (i === 0) return toSequence && timeFirst(tf, config, toSequence);
    const position = states.findIndex((state) => 'input' in state && state.input === i);
    return initial[position] ?? null;
  });
}

function outputGradients({ tf, config }: LayerContext, gradient: Tensor | null): OutputGradients {
  if (gradient && config.bool('return_sequences', false))
    return { sequence: timeFirst(tf, config, gradient), last: null };
  return { sequence: null, last: gradient };
}

const ofOneCell = (rule: CellRule): LayerKind =>
  recurrentLayer((config) => oneCell(rule, config, 'cell/'), 3);

/** Recurrent layers. Their activations act inside each step, so there is no separate value before the activation. */
export const recurrentLayers: KindTable = {
  SimpleRNN: ofOneCell(simpleRnnCell),
  LSTM: ofOneCell(lstmCell),
  GRU: ofOneCell(gruCell),
  CuDNNLSTM: ofOneCell(cudnnLstmCell),
  CuDNNGRU: ofOneCell(cudnnGruCell),
  RNN: recurrentLayer((config) => chainOf(wrappedLayer(config, 'cell'), 'cell/'), 3),
};
