import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import { kernelProducts, sumOf, times } from '../../graph/cost';
import type { LayerConfig } from '../../graph/layerConfig';
import type { WeightSpec } from '../../graph/layerRule';
import type { Tensor } from '../kind';
import { objectNames } from '../support/objectNames';
import { type WrappedLayer, wrappedLayers } from '../support/wrappedLayer';
import { gruCell } from './gruCell';
import { lstmCell } from './lstmCell';
import type { CellRule } from './recurrentCell';
import { simpleRnnCell } from './simpleRnnCell';

/** One cell of a recurrent layer. */
export interface ChainedCell {
  readonly rule: CellRule;
  readonly config: LayerConfig;
  /** Its folder below the layer in a `.keras` file, with a slash at the end unless it is the layer itself. */
  readonly folder: string;
  readonly trainable: boolean;
}

/**
 * The cells of a recurrent layer, each fed by the previous one; nested stacks are flattened. `stateOrder` lists cell
 * indices in the order in which states are passed and returned.
 */
export interface CellChain {
  readonly cells: readonly ChainedCell[];
  readonly stateOrder: readonly number[];
}

/** The cell classes, usable in an `RNN` or as a layer of one step. */
export const CELLS: ReadonlyMap<string, CellRule> = new Map([
  ['SimpleRNNCell', simpleRnnCell],
  ['LSTMCell', lstmCell],
  ['GRUCell', gruCell],
]);

export const STACK = 'StackedRNNCells';

/** A chain of one cell that shares its config with the layer. */
export const oneCell = (rule: CellRule, config: LayerConfig, folder: string): CellChain => ({
  cells: [{ rule, config, folder, trainable: true }],
  stateOrder: [0],
});

/**
 * The chain of a cell or a stack of cells.
 * @throws Failure `unknown-layer` that names the class of an unknown cell.
 */
export function chainOf(layer: WrappedLayer, folder: string): CellChain {
  const { className, config, trainable } = layer;
  if (className === STACK) return stack(layer, folder);
  const rule = CELLS.get(className);
  if (rule) return { cells: [{ rule, config, folder, trainable }], stateOrder: [0] };
  return fail(
    'unknown-layer',
    l10n.t('Layer "{0}" runs a cell of class "{1}", which Layerglass does not know.', config.path, className),
    {
      subject: config.path,
      remedy: l10n.t(
        'Supported cells: {0}. Layers before this one can be explained.',
        [...CELLS.keys(), STACK].join(', '),
      ),
    },
  );
}

function stack({ config, trainable }: WrappedLayer, folder: string): CellChain {
  const layers = wrappedLayers(config, 'cells');
  const names = objectNames(layers);
  const chains = layers.map((layer, i) => chainOf(layer, `${folder}cells/${names[i]}/`));
  const cells: ChainedCell[] = [];
  const orders: number[][] = [];
  for (const chain of chains) {
    orders.push(chain.stateOrder.map((index) => index + cells.length));
    cells.push(...chain.cells.map((cell) => ({ ...cell, trainable: cell.trainable && trainable })));
  }
  // An argument of Keras 2, whose first versions list the states of the last cell first.
  if (config.bool('reverse_state_order', false)) orders.reverse();
  return { cells, stateOrder: orders.flat() };
}

/** For each cell the shapes of its input at one step and of its states, batch axis first. */
export function shapesAlong(
  { cells }: CellChain,
  input: Shape,
): { readonly input: Shape; readonly states: readonly Shape[] }[] {
  let cellInput = input;
  return cells.map(({ rule, config }) => {
    const shapes = { input: cellInput, states: rule.stateShapes(config, cellInput) };
    cellInput = shapes.states[0] ?? [];
    return shapes;
  });
}

/** Shapes of the output and of all states, in Keras's order. */
export function chainShapes(chain: CellChain, input: Shape): { output: Shape; states: Shape[] } {
  const along = shapesAlong(chain, input);
  return {
    output: along.at(-1)?.states[0] ?? [],
    states: chain.stateOrder.flatMap((index) => along[index]?.states ?? []),
  };
}

/** The weights of all cells, one after the other. */
export function chainWeights(chain: CellChain, input: Shape): WeightSpec[] {
  return shapesAlong(chain, input).flatMap((shapes, i) => {
    const cell = chain.cells[i];
    if (!cell) return [];
    return cell.rule.weights(cell.config, shapes.input).map((spec, position) => ({
      ...spec,
      trainable: spec.trainable && cell.trainable,
      at: `${cell.folder}${spec.at ?? `vars/${position}`}`,
    }));
  });
}

/** Multiply-adds of one step: every kernel is used once at each position of its cell's state. */
export function chainProducts(chain: CellChain, input: Shape): number | null {
  const products = shapesAlong(chain, input).map((shapes, i) => {
    const cell = chain.cells[i];
    const [state = []] = shapes.states;
    return cell
      ? times(...state.slice(0, -1), kernelProducts(cell.rule.weights(cell.config, shapes.input)))
      : 0;
  });
  return sumOf(products);
}

/** Splits a layer's weights by cell. @param along the result of `shapesAlong`. */
export function weightsOfCells(
  { cells }: CellChain,
  along: ReturnType<typeof shapesAlong>,
  weights: readonly Tensor[],
): Tensor[][] {
  let from = 0;
  return cells.map(({ rule, config }, i) => {
    const count = rule.weights(config, along[i]?.input ?? []).length;
    from += count;
    return weights.slice(from - count, from);
  });
}

/** Splits a list in state order by cell. */
export function statesOfCells<T>(chain: CellChain, counts: readonly number[], flat: readonly T[]): T[][] {
  const parts: T[][] = chain.cells.map(() => []);
  let from = 0;
  for (const index of chain.stateOrder) {
    const count = counts[index] ?? 0;
    parts[index] = flat.slice(from, from + count);
    from += count;
  }
  return parts;
}

/** The inverse of `statesOfCells`. */
export const inStateOrder = <T>(chain: CellChain, parts: readonly (readonly T[])[]): T[] =>
  chain.stateOrder.flatMap((index) => parts[index] ?? []);
