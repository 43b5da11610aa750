import { plainName } from '../../explain/maps/layerPlacement';
import type { GraphNode, TensorRef } from '../../graph/graph';
import type { LayerConfig } from '../../graph/layerConfig';
import { CELLS } from '../../layers/recurrent/cellChain';
import { isTimeMajor } from '../../layers/recurrent/recurrent';
import { wrappedLayer } from '../../layers/support/wrappedLayer';
import { type DirectionCall, directions } from '../../layers/wrappers/bidirectional';
import type { Trace } from '../../run/trace';
import { inputTensors, type UnitAt } from './unitAt';

/** The cell of a recurrent layer, by its class. */
interface LayerCell {
  readonly className: string;
  readonly config: LayerConfig;
}

/** One direction of a recurrent layer with a single cell, and the place of the value in it. */
export interface RecurrentLayer extends DirectionCall {
  readonly cell: LayerCell;
  readonly steps: number;
  /** The unit of the direction's own cell. */
  readonly unit: number;
  /** In the order of processing. */
  readonly step: number;
  /** Where unit 0 of this direction is among those of the layer. */
  readonly firstUnit: number;
  /** Whether the last input is processed first. */
  readonly isReversed: boolean;
  /** The layer's position of a step of this direction. */
  position(step: number): number;
}

const CELLS_OF_LAYERS: ReadonlyMap<string, string> = new Map([
  ['simplernn', 'SimpleRNNCell'],
  ['lstm', 'LSTMCell'],
  ['gru', 'GRUCell'],
]);

/** Of a layer with one known cell; an `RNN` has the cell in its config, the other layers share theirs with it. */
function cellOf({ className, config }: Pick<DirectionCall, 'className'> & LayerCell): LayerCell | null {
  const name = plainName({ className });
  if (name === 'rnn') {
    const cell = wrappedLayer(config, 'cell');
    return CELLS.has(cell.className) ? cell : null;
  }
  const cell = CELLS_OF_LAYERS.get(name);
  return cell === undefined ? null : { className: cell, config };
}

const isBoth = (node: GraphNode): boolean => plainName(node) === 'bidirectional';

/** The recurrent layer that a node is, or that it runs in both directions and whose outputs it concatenates. */
function layerOf(node: GraphNode): LayerCell | null {
  const { className, config } = node;
  if (!isBoth(node))
    return CELLS_OF_LAYERS.has(plainName(node)) || plainName(node) === 'rnn' ? { className, config } : null;
  const isJoined =
    config.choice('merge_mode', ['concat', 'sum', 'ave', 'mul', 'none'], 'concat') === 'concat';
  return isJoined && config.raw('merge_mode') !== null ? wrappedLayer(config, 'layer') : null;
}

const returnsSequences = (config: LayerConfig): boolean => config.bool('return_sequences', false);

/** The steps of a layer that returns the last one only; `null` for another layer. */
export function hiddenSteps(
  trace: Trace,
  node: GraphNode,
  ref: TensorRef,
): { readonly count: number; readonly last: number } | null {
  const layer = layerOf(node);
  const [from] = node.inputs;
  if (!layer || !cellOf(layer) || !from || ref.output !== 0 || returnsSequences(layer.config)) return null;
  const count = trace.tensorAt(from).shape[1] ?? 0;
  return count === 0 ? null : { count, last: count - 1 };
}

/** The direction and the step that compute a value; `null` for a layer whose steps are not laid open. */
export function recurrentLayer(at: UnitAt): RecurrentLayer | null {
  const { node, kind, ctx } = at;
  const layer = layerOf(node);
  const inputs = inputTensors(at);
  const [sequence] = inputs;
  const steps = sequence?.shape[1] ?? 0;
  const [place] = at.position;
  if (
    !layer ||
    sequence?.rank !== 3 ||
    at.ref.output !== 0 ||
    place === undefined ||
    isTimeMajor(layer.config)
  )
    return null;
  const all: readonly DirectionCall[] = isBoth(node)
    ? directions(ctx, inputs)
    : [{ className: node.className, kind, ctx, inputs }];
  let firstUnit = 0;
  for (const [i, called] of all.entries()) {
    const cell = cellOf({ className: called.className, config: called.ctx.config });
    if (!cell) return null;
    const units = cell.config.int('units');
    if (at.unit < firstUnit + units) {
      // The sequence of the second direction is returned in the order of the first.
      const isTurned = i > 0 && returnsSequences(layer.config);
      const position = (step: number): number => (isTurned ? steps - 1 - step : step);
      const isReversed = called.ctx.config.bool('go_backwards', false);
      return {
        ...called,
        ...{ cell, steps, unit: at.unit - firstUnit, step: position(place), firstUnit, isReversed, position },
      };
    }
    firstUnit += units;
  }
  return null;
}
