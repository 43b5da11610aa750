import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerContext, LayerKind, Tensor } from '../kind';
import { isFloat, onlyShape, tensorAt } from '../support/layerInputs';
import { noMask } from '../support/singleInput';
import {
  CELLS,
  type CellChain,
  chainOf,
  chainProducts,
  chainShapes,
  chainWeights,
  inStateOrder,
  STACK,
  shapesAlong,
  statesOfCells,
  weightsOfCells,
} from './cellChain';
import { checkSlots } from './recurrentCall';
import { at, type Cell, type CellStep } from './recurrentCell';

/** A recurrent cell called as a layer: `cell(x, states)` -> output, new states. One step, [batch, features]. */
function cellLayer(className: string): LayerKind {
  const chainIn = (config: LayerConfig): CellChain => chainOf({ className, config, trainable: true }, '');
  return {
    outputShapes(config, inputs) {
      const { output, states } = chainShapes(chainIn(config), onlyShape(config, inputs, 2));
      if (inputs.length !== states.length + 1) {
        return fail(
          'bad-config',
          l10n.t('Layer "{0}" has {1} states but gets {2}.', config.path, states.length, inputs.length - 1),
          { subject: config.path, remedy: l10n.t('Call a cell on its input and on each of its states.') },
        );
      }
      const given = inputs.slice(1).map((_, i) => ({ input: i + 1 }));
      checkSlots(config, { states: given, mask: undefined }, inputs, states);
      return [output, ...states];
    },
    weights: (config, inputs) => chainWeights(chainIn(config), onlyShape(config, inputs, 2)),
    multiplyAdds: (config, inputs) => chainProducts(chainIn(config), onlyShape(config, inputs, 2)),
    forward(ctx, inputs) {
      const chain = chainIn(ctx.config);
      const steps = stepsOf(ctx, inputs, chain);
      const states = steps.map(({ step }) => step.states);
      const output = at(states.at(-1) ?? [], 0);
      return [output, ...inStateOrder(chain, states)].map((tensor) => ctx.tf.clone(tensor));
    },
    backward(ctx, { inputs, gradients }) {
      const { tf, config } = ctx;
      const chain = chainIn(config);
      const steps = stepsOf(ctx, inputs, chain);
      const counts = steps.map(({ states }) => states.length);
      const [toOutput = null, ...rest] = gradients;
      const toStates = statesOfCells(chain, counts, rest);
      const toBefore: (readonly Tensor[])[] = steps.map(() => []);
      let into = toOutput;
      for (const [i, { cell, input, states, step }] of [...steps.entries()].reverse()) {
        const own = states.map((state, k) => {
          const given = toStates[i]?.[k] ?? tf.zerosLike(state);
          return k === 0 && into ? tf.add(given, into) : given;
        });
        const through = cell.back(step, states, own);
        toBefore[i] = through.states;
        into = cell.unproject(through.projected, input.shape);
      }
      const all = [into, ...inStateOrder(chain, toBefore)];
      return inputs.map((input, i) => (isFloat(input) ? (all[i] ?? null) : null));
    },
    mask: noMask,
  };
}

interface ChainStep {
  readonly cell: Cell;
  readonly input: Tensor;
  /** Before the step. */
  readonly states: readonly Tensor[];
  readonly step: CellStep;
}

function stepsOf(ctx: LayerContext, inputs: readonly Tensor[], chain: CellChain): ChainStep[] {
  const { tf, config } = ctx;
  let input = tf.cast(tensorAt(config, inputs, 0), 'float32');
  const along = shapesAlong(chain, input.shape);
  const counts = along.map(({ states }) => states.length);
  const before = statesOfCells(chain, counts, inputs.slice(1));
  const weights = weightsOfCells(chain, along, ctx.weights);
  return chain.cells.map(({ rule, config: own }, i) => {
    const cell = rule.bind(ctx, own, weights[i] ?? []);
    const states = (before[i] ?? []).map((state) => tf.cast(state, 'float32'));
    const taken = input;
    const step = cell.step(cell.project(taken), states);
    input = at(step.states, 0);
    return { cell, input: taken, states, step };
  });
}

/** Cells as layers of a functional model that is unrolled by hand: one time step each. */
export const cellLayers: KindTable = Object.fromEntries(
  [...CELLS.keys(), STACK].map((className) => [className, cellLayer(className)]),
);
