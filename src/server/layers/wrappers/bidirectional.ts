import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { sumOf } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { LayerContext, LayerKind, Tensor } from '../kind';
import { convLstmLayers } from '../recurrent/convLstm';
import { isTimeMajor, recurrentLayers } from '../recurrent/recurrent';
import { type InitialState, recurrentCall, recurrentSlots } from '../recurrent/recurrentCall';
import { isFloat, tensorAt } from '../support/layerInputs';
import { withValues } from '../support/records';
import { shapesMatch, shapeText } from '../support/shapeMatching';
import { wrappedLayer } from '../support/wrappedLayer';

interface Direction {
  readonly className: string;
  readonly kind: LayerKind;
  readonly config: LayerConfig;
  readonly trainable: boolean;
}

/** A Map, so that a class called `constructor` is not found. */
const KINDS: ReadonlyMap<string, LayerKind> = new Map([
  ...Object.entries(recurrentLayers),
  ...Object.entries(convLstmLayers),
]);

const MODES = ['concat', 'sum', 'ave', 'mul'] as const;

/** A recurrent layer and a second one that reads the sequence in reverse; their outputs are merged or both returned. */
export const bidirectional: LayerKind = {
  outputShapes(config, inputs, call = { args: [], kwargs: {} }) {
    const { states: given, mask } = recurrentSlots(config, call, inputs);
    const half = given.length / 2;
    let count = 0;
    const [[forwards = [], ...states], [backwards = [], ...backStates]] = both(config, (layer) => {
      const own = count++ === 0 ? given.slice(0, half) : given.slice(half);
      const initial_state = own.map((state) => ('input' in state ? state : state.constant));
      const kwargs = { initial_state, ...(mask === undefined ? {} : { mask: { input: mask } }) };
      return layer.kind.outputShapes(layer.config, inputs, { args: [], kwargs });
    });
    return [...mergedShapes(config, forwards, backwards), ...states, ...backStates];
  },
  weights(config, inputs) {
    const [forwards, backwards] = both(config, (layer) => specsOf(layer, inputs));
    return [...under('forward_layer', forwards), ...under('backward_layer', backwards)];
  },
  multiplyAdds: (config, inputs, outputs) =>
    sumOf(both(config, ({ kind, config: own }) => kind.multiplyAdds?.(own, inputs, outputs) ?? null)),
  work: (config, inputs, outputs) =>
    sumOf(both(config, ({ kind, config: own }) => kind.work?.(own, inputs, outputs) ?? null)),
  workspace: (config, inputs, outputs) =>
    sumOf(both(config, ({ kind, config: own }) => kind.workspace?.(own, inputs, outputs) ?? null)),
  forward(ctx, inputs) {
    const [[y, ...states], [yBack, ...backStates]] = bothForward(ctx, inputs);
    return [...merged(ctx, y, yBack), ...states, ...backStates];
  },
  backward(ctx, { inputs, outputs, gradients }) {
    const { tf, config } = ctx;
    const mode = modeOf(config);
    const mergedCount = mode === null ? 2 : 1;
    const stateCount = (outputs.length - mergedCount) / 2;
    const [toY, toYBack] = unmerged(ctx, inputs, gradients.slice(0, mergedCount));
    const toStates = gradients.slice(mergedCount);
    const toOutputs: readonly (readonly (Tensor | null)[])[] = [
      [toY, ...toStates.slice(0, stateCount)],
      [toYBack, ...toStates.slice(stateCount)],
    ];
    const totals = inputs.map((): Tensor | null => null);
    for (const [i, { kind, part, positions, mask }] of parts(ctx, inputs).entries()) {
      const own = taken(ctx, inputs, positions, mask);
      // Recurrent layers recompute their outputs in the backward pass.
      const step = { inputs: own, outputs: [], gradients: toOutputs[i] ?? [] };
      if (!step.gradients.some((gradient) => gradient)) continue;
      for (const [at, gradient] of kind.backward(part, step).entries()) {
        const position = positions[at];
        if (position === undefined || !gradient) continue;
        const before = totals[position];
        totals[position] = before ? tf.add(before, gradient) : gradient;
      }
    }
    return totals.map((total, i) => (total && isFloat(tensorAt(config, inputs, i)) ? total : null));
  },
  mask: (ctx, inputs) =>
    wrappedLayer(ctx.config, 'layer').config.bool('return_sequences', false)
      ? recurrentCall(ctx, inputs).outputMask
      : undefined,
  maskedOutputs: (config) => (modeOf(config) === null ? 2 : 1),
};

function modeOf(config: LayerConfig): (typeof MODES)[number] | null {
  return config.raw('merge_mode') === null ? null : config.choice('merge_mode', MODES, 'concat');
}

function both<T>(config: LayerConfig, work: (layer: Direction) => T): [T, T] {
  const forwards = direction(config, 'layer', {});
  const backwards = config.has('backward_layer')
    ? direction(config, 'backward_layer', {})
    : direction(config, 'layer', { go_backwards: !forwards.config.bool('go_backwards', false) });
  return [work(forwards), work(backwards)];
}

function direction(config: LayerConfig, key: string, changes: Readonly<Record<string, unknown>>): Direction {
  const layer = wrappedLayer(config, key);
  const kind = KINDS.get(layer.className);
  if (!kind) {
    return fail(
      'unknown-layer',
      l10n.t(
        'Layer "{0}" runs a "{1}" in both directions, which Layerglass does not know.',
        config.path,
        layer.className,
      ),
      { subject: config.path, remedy: l10n.t('Supported layers: {0}.', [...KINDS.keys()].join(', ')) },
    );
  }
  // Keras overrides this argument of both layers, so that the two directions agree in masked steps.
  const zero_output_for_mask = layer.config.bool('return_sequences', false);
  const values = { ...layer.config.values, ...changes, zero_output_for_mask };
  const { className, trainable } = layer;
  return { className, kind, config: withValues(layer.config, values), trainable };
}

const specsOf = ({ kind, config, trainable }: Direction, inputs: readonly Shape[]): WeightSpec[] =>
  (kind.weights?.(config, inputs.slice(0, 1)) ?? []).map((spec) => ({
    ...spec,
    trainable: spec.trainable && trainable,
  }));

const under = (folder: string, specs: readonly WeightSpec[]): WeightSpec[] =>
  specs.map((spec, i) => ({ ...spec, at: `${folder}/${spec.at ?? `vars/${i}`}` }));

interface Part {
  readonly className: string;
  readonly kind: LayerKind;
  /** The context of this direction's layer. */
  readonly part: LayerContext;
  /** Its inputs among the wrapper's: the sequence, then its half of the initial states. */
  readonly positions: readonly number[];
  /** Passed as a further input, as by `layer(x, mask=...)`. */
  readonly mask: Tensor | undefined;
}

function parts(ctx: LayerContext, inputs: readonly Tensor[]): [Part, Part] {
  const { states, mask } = recurrentCall(ctx, inputs);
  const half = states.length / 2;
  const shapes = inputs.map((input) => input.shape);
  let first = 0;
  let count = 0;
  return both(ctx.config, (layer): Part => {
    const size = specsOf(layer, shapes).length;
    const weights = ctx.weights.slice(first, first + size);
    first += size;
    const own = count++ === 0 ? states.slice(0, half) : states.slice(half);
    const positions = [0, ...own.flatMap((state) => ('input' in state ? [state.input] : []))];
    const call = { args: [], kwargs: callArguments(own, positions, mask) };
    const part = { ...ctx, config: layer.config, weights, masks: [], call };
    return { className: layer.className, kind: layer.kind, part, positions, mask };
  });
}

/** One of the two layers, as it is called. */
export interface DirectionCall {
  readonly className: string;
  readonly kind: LayerKind;
  readonly ctx: LayerContext;
  readonly inputs: readonly Tensor[];
}

/** The layer that reads the sequence forwards, and the one that reads it in reverse. */
export const directions = (ctx: LayerContext, inputs: readonly Tensor[]): readonly DirectionCall[] =>
  parts(ctx, inputs).map(({ className, kind, part, positions, mask }) => ({
    ...{ className, kind, ctx: part },
    inputs: taken(ctx, inputs, positions, mask),
  }));

/** The arguments of a call on the inputs at `positions`, followed by the mask. */
function callArguments(
  states: readonly InitialState[],
  positions: readonly number[],
  mask: Tensor | undefined,
): Record<string, unknown> {
  const initial_state = states.map((state) =>
    'input' in state ? { input: positions.indexOf(state.input) } : state.constant,
  );
  return {
    ...(states.length > 0 ? { initial_state } : {}),
    ...(mask ? { mask: { input: positions.length } } : {}),
  };
}

function taken(
  { config }: LayerContext,
  inputs: readonly Tensor[],
  positions: readonly number[],
  mask: Tensor | undefined,
): Tensor[] {
  return [...positions.map((i) => tensorAt(config, inputs, i)), ...(mask ? [mask] : [])];
}

type Outputs = readonly [Tensor, ...Tensor[]];

function bothForward(ctx: LayerContext, inputs: readonly Tensor[]): [Outputs, Outputs] {
  const [forwards, backwards] = parts(ctx, inputs);
  const run = ({ kind, part, positions, mask }: Part): Outputs => {
    const [output, ...states] = kind.forward(part, taken(ctx, inputs, positions, mask));
    return [tensorAt(ctx.config, output ? [output] : [], 0), ...states];
  };
  const [y, ...states] = run(forwards);
  const [yBack, ...backStates] = run(backwards);
  return [
    [y, ...states],
    [inForwardOrder(ctx, yBack), ...backStates],
  ];
}

/** Reverses a sequence of outputs; a single output is unchanged. */
function inForwardOrder({ tf, config }: LayerContext, y: Tensor): Tensor {
  const { config: layer } = wrappedLayer(config, 'layer');
  return layer.bool('return_sequences', false) ? tf.reverse(y, isTimeMajor(layer) ? 0 : 1) : y;
}

function mergedShapes(config: LayerConfig, y: Shape, yBack: Shape): Shape[] {
  const mode = modeOf(config);
  if (mode === null) return [y, yBack];
  if (!shapesMatch(y.slice(0, -1), yBack.slice(0, -1))) {
    return fail(
      'bad-config',
      l10n.t(
        'Layer "{0}" cannot {1} outputs of shapes {2} and {3}.',
        config.path,
        mode,
        shapeText(y),
        shapeText(yBack),
      ),
      { subject: config.path },
    );
  }
  const [units = null, backUnits = null] = [y.at(-1), yBack.at(-1)];
  if (mode !== 'concat') {
    if (units === backUnits) return [y];
    return fail(
      'bad-config',
      l10n.t(
        'Layer "{0}" cannot {1} outputs of {2} and {3} units.',
        config.path,
        mode,
        String(units),
        String(backUnits),
      ),
      {
        subject: config.path,
      },
    );
  }
  return [[...y.slice(0, -1), units === null || backUnits === null ? null : units + backUnits]];
}

function merged({ tf, config }: LayerContext, y: Tensor, yBack: Tensor): Tensor[] {
  switch (modeOf(config)) {
    case 'concat':
      return [tf.concat([y, yBack], -1)];
    case 'sum':
      return [tf.add(y, yBack)];
    case 'ave':
      return [tf.div(tf.add(y, yBack), 2)];
    case 'mul':
      return [tf.mul(y, yBack)];
    case null:
      return [y, yBack];
  }
}

/** The gradients of the two layers' outputs, each in its layer's order. */
function unmerged(
  ctx: LayerContext,
  inputs: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
): [Tensor | null, Tensor | null] {
  const { tf, config } = ctx;
  const [gradient = null, second = null] = gradients;
  const pair = (toY: Tensor | null, toYBack: Tensor | null): [Tensor | null, Tensor | null] => [
    toY,
    toYBack && inForwardOrder(ctx, toYBack),
  ];
  const mode = modeOf(config);
  if (mode === null) return pair(gradient, second);
  if (gradient === null) return [null, null];
  switch (mode) {
    case 'concat': {
      const shapes = inputs.slice(0, 1).map((input) => input.shape);
      const sizes = both(config, (layer) => layer.kind.outputShapes(layer.config, shapes)[0]?.at(-1) ?? 0);
      const [toY = null, toYBack = null] = tf.split(gradient, sizes, -1);
      return pair(toY, toYBack);
    }
    case 'sum':
      return pair(gradient, gradient);
    case 'ave': {
      const half = tf.div(gradient, 2);
      return pair(half, half);
    }
    case 'mul': {
      const [[y], [yBack]] = bothForward(ctx, inputs);
      return pair(tf.mul(gradient, yBack), tf.mul(gradient, y));
    }
  }
}
