import * as l10n from '@vscode/l10n';
import type { UnitGate, UnitSource } from '../../../shared/results/unit';
import type { TensorRef } from '../../graph/graph';
import { activationOf } from '../../layers/activations/activations';
import { isJoint } from '../../layers/activations/joint';
import type { Activation, Tensor } from '../../layers/kind';
import { CELLS } from '../../layers/recurrent/cellChain';
import { recurrentCall } from '../../layers/recurrent/recurrentCall';
import type { CellStep } from '../../layers/recurrent/recurrentCell';
import { withValues } from '../../layers/support/records';
import { withFallback } from '../../run/backends/fallback';
import { withLayerErrors } from '../../run/layerErrors';
import { tidy } from '../../run/tidy';
import { callLayer } from '../callLayer';
import { columnOf } from '../filter';
import { type RecurrentLayer, recurrentLayer } from './recurrentLayer';
import { sumUp, type Terms, termsOf } from './terms';
import { type Found, flatIndex, sourceAt, type UnitAt, valuesOf } from './unitAt';

/** One step of a cell: what it reads, and what it computed. */
interface Step {
  readonly layer: RecurrentLayer;
  /** The input at this step and the states before it, of the first example. */
  readonly input: ArrayLike<number>;
  readonly states: readonly ArrayLike<number>[];
  /** What the cell computed for the unit. */
  readonly after: readonly number[];
  memo(name: string): number;
  /** All units of a value that the cell computed. */
  all(name: string): ArrayLike<number>;
  inputSource(feature: number): UnitSource | null;
  stateSource(unit: number): UnitSource | null;
}

/** A step of SimpleRNN, LSTM or GRU: the state, and the gates that it is computed by. */
export async function recurrentUnit(at: UnitAt): Promise<Found | null> {
  const layer = recurrentLayer(at);
  const { activation, gate } = layer ? activationsOf(layer) : { activation: null, gate: null };
  if (!layer || [activation, gate].some((one) => one && isJoint(one))) return null;
  if (await isMasked(layer)) return heldState(at, layer);
  const step = await stepOf(at, layer);
  if (step === null) return null;
  switch (layer.cell.className) {
    case 'SimpleRNNCell':
      return simpleRnn(at, step, activation);
    case 'LSTMCell':
      return lstm(at, step, activation, gate);
    case 'GRUCell':
      return gru(at, step, activation, gate);
    default:
      return null;
  }
}

const activationsOf = ({ cell: { config } }: RecurrentLayer) => ({
  activation: activationOf(config),
  gate: activationOf(config, 'recurrent_activation'),
});

const nameOf = (activation: Activation | null): string | null => activation?.name ?? null;

/** The input that a step reads. */
const inputStep = ({ isReversed, steps }: RecurrentLayer, step: number): number =>
  isReversed ? steps - 1 - step : step;

/** Whether Keras's mask leaves the step out. */
async function isMasked({ ctx, inputs, ...layer }: RecurrentLayer): Promise<boolean> {
  const { mask } = recurrentCall(ctx, inputs);
  if (!mask) return false;
  const flags = await mask.data();
  return mask.rank === 2 && flags[inputStep({ ctx, inputs, ...layer }, layer.step)] === 0;
}

function heldState({ ref, post, flat }: UnitAt, layer: RecurrentLayer): Found | null {
  if (flat === null) return null;
  const { step } = layer;
  const from = step === 0 ? null : hiddenSource(ref, layer, layer.unit, step - 1);
  const isZero = post === 0;
  return {
    form: 'value',
    bias: null,
    activation: null,
    terms: termsOf(isZero ? [] : [{ input: post, weight: 1, from, name: l10n.t('state before') }]),
    notices: [l10n.t('The step is masked: the cell keeps its state.')],
  };
}

/** A unit of the same layer at another step. */
const hiddenSource = (
  { node, output }: TensorRef,
  { firstUnit, position }: RecurrentLayer,
  unit: number,
  step: number,
): UnitSource => ({
  layer: node,
  ...(output === 0 ? {} : { output }),
  unit: firstUnit + unit,
  position: [position(step)],
  index: null,
});

/** The states before a step, [batch, units] each; `null` where a constant of the file starts them. */
async function statesBefore(
  { trace, node }: UnitAt,
  layer: RecurrentLayer,
): Promise<readonly Tensor[] | null> {
  const { tf } = trace.runtime;
  const { kind, ctx, inputs, steps, step, isReversed } = layer;
  const call = recurrentCall(ctx, inputs);
  const [sequence] = inputs;
  if (!sequence) return null;
  if (step === 0) {
    const count = layer.cell.className === 'LSTMCell' ? 2 : 1;
    const [batch = 1] = sequence.shape;
    const units = layer.cell.config.int('units');
    if (call.states.length === 0) return Array.from({ length: count }, () => tf.zeros([batch, units]));
    const given = call.states.map((state) => ('input' in state ? inputs[state.input] : undefined));
    const known = given.filter((state) => state !== undefined);
    return known.length === count ? known.map((state) => tf.cast(state, 'float32')) : null;
  }
  // The layer itself, on the steps before.
  const part = (tensor: Tensor): Tensor => {
    const [batch = 1, , ...rest] = tensor.shape;
    const from = isReversed ? steps - step : 0;
    return tf.slice(tensor, [0, from, ...rest.map(() => 0)], [batch, step, ...rest]);
  };
  const config = withValues(ctx.config, {
    ...ctx.config.values,
    return_sequences: false,
    return_state: true,
  });
  const states = call.states.flatMap((state) => ('input' in state ? [state.input] : []));
  const [mask] = ctx.masks;
  const own = { ...ctx, config, masks: mask ? [part(mask), ...ctx.masks.slice(1)] : ctx.masks };
  // What is neither a state nor the sequence is the mask of the call.
  const shortened = inputs.map((tensor, i) => (states.includes(i) ? tensor : part(tensor)));
  const values = callLayer(trace, node, kind, own, shortened);
  values.pre?.dispose();
  values.mask?.dispose();
  const [last, ...before] = values.outputs;
  last?.dispose();
  for (const [i, tensor] of shortened.entries()) if (tensor !== inputs[i]) tensor.dispose();
  return before;
}

/** Computes the step with the layer's own cell. */
async function stepOf(at: UnitAt, layer: RecurrentLayer): Promise<Step | null> {
  const { trace, node } = at;
  const { tf } = trace.runtime;
  const { cell, ctx, inputs, unit } = layer;
  const [sequence] = inputs;
  const rule = CELLS.get(cell.className);
  const states = await statesBefore(at, layer);
  if (!rule || !sequence || states === null) return null;
  const read = inputStep(layer, layer.step);
  const [batch = 1, , features = 1] = sequence.shape;
  const input = tf.tidy(() =>
    tf.reshape(tf.cast(tf.slice(sequence, [0, read, 0], [batch, 1, features]), 'float32'), [batch, features]),
  );
  const computed = withLayerErrors(node, () =>
    withFallback(trace.runtime, () =>
      tidy(tf, (): CellStep => {
        const bound = rule.bind(ctx, cell.config, ctx.weights);
        const { states: after, memo } = bound.step(bound.project(input), states);
        return { states: after.map((state) => tf.clone(state)), memo };
      }),
    ),
  );
  const memo = new Map<string, ArrayLike<number>>();
  for (const [name, tensor] of Object.entries(computed.memo)) memo.set(name, await tensor.data());
  const after = await Promise.all(
    computed.states.map(async (state) => (await state.data())[unit] ?? Number.NaN),
  );
  const before = await Promise.all(states.map((state) => state.data()));
  const own = await input.data();
  for (const tensor of new Set([input, ...states, ...computed.states, ...Object.values(computed.memo)]))
    if (!inputs.includes(tensor)) tensor.dispose();
  const [from] = node.inputs;
  const map = from && (await valuesOf(trace, from));
  const all = (name: string): ArrayLike<number> => memo.get(name) ?? [];
  return {
    layer,
    input: own,
    states: before,
    after,
    all,
    memo: (name) => all(name)[unit] ?? Number.NaN,
    inputSource: (feature) => (map ? sourceAt(map.ref, map, flatIndex(map.shape, [read, feature])) : null),
    stateSource: (other) => (layer.step === 0 ? null : hiddenSource(at.ref, layer, other, layer.step - 1)),
  };
}

interface Block {
  readonly index: number;
  readonly count: number;
  /** Factors of the recurrent weights, one for each unit of the state. */
  readonly recurrentFactor?: (unit: number) => number;
}

/** The sum of one gate: input x kernel, state x recurrent kernel, and the bias, for one block of columns. */
async function gateSum(at: UnitAt, step: Step, { index, count, recurrentFactor }: Block) {
  const { ctx, cell, unit } = step.layer;
  const [kernel, recurrent, bias] = ctx.weights;
  const units = cell.config.int('units');
  const width = count * units;
  const column = index * units + unit;
  const [w, r, b] = await Promise.all([
    kernel ? columnOf(at.trace, kernel, width, column) : [],
    recurrent ? columnOf(at.trace, recurrent, width, column) : [],
    bias?.data(),
  ]);
  const [h = []] = step.states;
  const features = w.length;
  const factor = recurrentFactor ?? (() => 1);
  const terms: Terms = {
    inputs: [
      ...Array.from(w, (_, i) => step.input[i] ?? Number.NaN),
      ...Array.from(r, (_, j) => h[j] ?? Number.NaN),
    ],
    weights: [...w, ...Array.from(r, (weight, j) => weight * factor(j))],
    describe(term) {
      if (term < features) return { from: step.inputSource(term) };
      const from = step.stateSource(term - features);
      return { from, name: from === null ? l10n.t('initial state') : l10n.t('state before') };
    },
  };
  // A bias of two rows is that of the input and that of the state.
  const second = bias?.rank === 2 ? (b?.[width + column] ?? 0) : 0;
  return { terms, bias: b ? { input: b[column] ?? 0, state: second } : null };
}

const total = (bias: { readonly input: number; readonly state: number } | null): number | null =>
  bias === null ? null : bias.input + bias.state;

async function simpleRnn(at: UnitAt, step: Step, activation: Activation | null): Promise<Found> {
  const { terms, bias } = await gateSum(at, step, { index: 0, count: 1 });
  const [post = Number.NaN] = step.after;
  return {
    form: 'sum',
    bias: total(bias),
    terms,
    pre: step.memo('pre'),
    post,
    activation: nameOf(activation),
  };
}

interface GateName {
  readonly name: string;
  readonly pre: string;
  readonly post: string;
  readonly activation: Activation | null;
}

async function gatesOf(
  at: UnitAt,
  step: Step,
  names: readonly (GateName & { readonly sum?: (block: Block) => ReturnType<typeof gateSum> })[],
): Promise<UnitGate[]> {
  return Promise.all(
    names.map(async ({ name, pre, post, activation, sum }, index): Promise<UnitGate> => {
      const block = { index, count: names.length };
      const { terms, bias } = await (sum ? sum(block) : gateSum(at, step, block));
      return {
        name,
        activation: nameOf(activation),
        post: step.memo(post),
        ...sumUp(step.memo(pre), total(bias), terms),
      };
    }),
  );
}

/** c' = f c + i g, and h' = o activation(c'). */
async function lstm(
  at: UnitAt,
  step: Step,
  activation: Activation | null,
  gate: Activation | null,
): Promise<Found> {
  const { unit } = step.layer;
  const [, carried = []] = step.states;
  const from = step.stateSource(unit);
  const [post = Number.NaN, carry = Number.NaN] = step.after;
  return {
    form: 'gates',
    bias: null,
    terms: termsOf([
      {
        input: carried[unit] ?? Number.NaN,
        weight: step.memo('f'),
        from,
        name:
          from === null
            ? l10n.t('initial cell state x forget gate')
            : l10n.t('cell state before x forget gate'),
      },
      { input: step.memo('g'), weight: step.memo('i'), from: null, name: l10n.t('candidate x input gate') },
    ]),
    ...{ pre: carry, post, activation: nameOf(activation) },
    gates: await gatesOf(at, step, [
      { name: 'input', pre: 'preI', post: 'i', activation: gate },
      { name: 'forget', pre: 'preF', post: 'f', activation: gate },
      { name: 'candidate', pre: 'preG', post: 'g', activation },
      { name: 'output', pre: 'preO', post: 'o', activation: gate },
    ]),
    notices: [
      l10n.t(
        'The sum is the new cell state; the value is output gate x {0}(cell state).',
        nameOf(activation) ?? 'linear',
      ),
    ],
  };
}

/** h' = z h + (1 - z) g. */
async function gru(
  at: UnitAt,
  step: Step,
  activation: Activation | null,
  gate: Activation | null,
): Promise<Found> {
  const { unit, cell } = step.layer;
  const [h = []] = step.states;
  const from = step.stateSource(unit);
  const update = step.memo('z');
  const reset = step.memo('r');
  const resets = step.all('r');
  const isAfter = cell.config.bool('reset_after', false);
  const candidate = async (block: Block) => {
    const { terms, bias } = await gateSum(at, step, {
      ...block,
      recurrentFactor: isAfter ? () => reset : (other) => resets[other] ?? Number.NaN,
    });
    // The reset gate also multiplies the bias of the state.
    return { terms, bias: bias && { input: bias.input, state: isAfter ? reset * bias.state : bias.state } };
  };
  const [post = Number.NaN] = step.after;
  return {
    form: 'gates',
    bias: null,
    terms: termsOf([
      {
        input: h[unit] ?? Number.NaN,
        weight: update,
        from,
        name: from === null ? l10n.t('initial state x update gate') : l10n.t('state before x update gate'),
      },
      {
        input: step.memo('g'),
        weight: 1 - update,
        from: null,
        name: l10n.t('candidate x (1 - update gate)'),
      },
    ]),
    ...{ pre: post, post, activation: null },
    gates: await gatesOf(at, step, [
      { name: 'update', pre: 'preZ', post: 'z', activation: gate },
      { name: 'reset', pre: 'preR', post: 'r', activation: gate },
      { name: 'candidate', pre: 'preG', post: 'g', activation, sum: candidate },
    ]),
    notices: [
      l10n.t('In the sum of the candidate, the weights of the state are multiplied by the reset gate.'),
    ],
  };
}
