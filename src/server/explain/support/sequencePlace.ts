import type { AxisPlacement } from '../../../shared/explanation';
import type { GraphNode, TensorRef } from '../../graph/graph';
import { findKind, isBuiltIn } from '../../kinds/registry';
import type { Trace } from '../../run/trace';
import { spatialLayout } from '../layerChoice';
import { layerPlacement, plainName } from '../maps/layerPlacement';
import { carriersOf, placementsOn } from '../maps/placement';
import { shapesOf, spatialSizes } from '../shapedGraph';

/** Where the positions of a sequence inside a model are on one of its inputs. */
export interface SequencePlace {
  /** Index of the model input. */
  readonly input: number;
  /** Sizes of the axes whose positions the sequence holds, in row-major order: [length], or [height, width] of patches. */
  readonly grid: readonly number[];
  /** Positions of the sequence before and after those of the grid, such as a class token. */
  readonly before: number;
  readonly after: number;
  /** Where the cells of the grid are on the input. */
  readonly placement: readonly AxisPlacement[];
  /** Layers of the user's own that keep the length of the sequence, and are taken to keep its order. */
  readonly customLayers: readonly string[];
}

type Place = Omit<SequencePlace, 'input'>;

/**
 * The place of a value [batch, positions, features] (or with several axes of positions) on the first input that it can be
 * followed back to: through layers whose placement is known, a Reshape of a grid into a sequence, tokens put before or
 * behind it, and layers that keep the positions.
 * @returns null where a layer in between moves or joins positions in another way
 */
export function sequencePlace(trace: Trace, ref: TensorRef): SequencePlace | null {
  if (ref.output !== 0) return null;
  for (const [index, input] of trace.graph.inputs.entries()) {
    const place = placeOn(trace, ref.node, input);
    if (place !== null) return { input: index, ...place };
  }
  return null;
}

function placeOn(trace: Trace, path: string, input: string): Place | null {
  const shapes = shapesOf(trace);
  const placements = placementsOn(trace, input, path);
  const found = new Map<string, Place>();
  for (const node of trace.graph.nodes.values()) {
    const placement = placements.get(node.path);
    const grid = placement ? spatialSizes(shapes, { node: node.path, output: 0 }) : null;
    const place =
      placement && grid
        ? { grid, before: 0, after: 0, placement, customLayers: [] }
        : placements.has(node.path)
          ? carried(trace, node, found)
          : null;
    if (place !== null) found.set(node.path, place);
    if (node.path === path) break;
  }
  return found.get(path) ?? null;
}

/** The place of a node's output from those of its inputs. */
function carried(trace: Trace, node: GraphNode, found: ReadonlyMap<string, Place>): Place | null {
  const output = trace.values.get(node.path)?.outputs[0]?.shape ?? [];
  if (output.length !== 3) return null;
  const known = carriersOf(node, node.inputs).filter((ref) => ref.output === 0 && found.has(ref.node));
  const [first, ...others] = known.flatMap((ref) => found.get(ref.node) ?? []);
  const [ref] = known;
  const input = ref && trace.values.get(ref.node)?.outputs[0]?.shape;
  if (first === undefined || ref === undefined || input === undefined) return null;
  const name = plainName(node);
  if (name === 'reshape') return isFlattened(trace, ref, input, output) ? first : null;
  if (name.startsWith('concat') && output[1] !== input[1])
    return others.length === 0 ? amongTokens(trace, node, first, ref) : null;
  if (output[1] !== input[1] || others.some((other) => !isAt(other, first))) return null;
  if (!isBuiltIn(node.className) && findKind(node.className))
    return { ...first, customLayers: [...first.customLayers, node.path] };
  const [length = 1] = output.slice(1);
  const sizes = { input: [length], output: [length] };
  const own = name.startsWith('concat') ? 'same' : layerPlacement(node, sizes);
  if (own === 'same') return first;
  // Other positions count as well: what a cell sees of the input is not known.
  const isMixed = own === 'mixed';
  return isMixed ? { ...first, placement: first.placement.map((axis) => ({ ...axis, window: null })) } : null;
}

/** Whether a Reshape makes a sequence of the positions of [batch, ...grid, features], in their order. */
function isFlattened(
  { graph }: Trace,
  ref: TensorRef,
  input: readonly number[],
  output: readonly number[],
): boolean {
  const node = graph.nodes.get(ref.node);
  const isLast = node !== undefined && spatialLayout(graph, node, input.length).channel !== 1;
  const positions = input.slice(1, -1).reduce((a, b) => a * b, 1);
  return isLast && input.length > 2 && output[1] === positions && output[2] === input.at(-1);
}

/** The place in a sequence that is put together along its positions from tokens and the sequence at `ref`. */
function amongTokens(trace: Trace, { inputs }: GraphNode, place: Place, ref: TensorRef): Place {
  const lengths = inputs.map(({ node, output }) => trace.values.get(node)?.outputs[output]?.shape[1] ?? 0);
  const at = inputs.indexOf(ref);
  const sum = (from: number, to: number) => lengths.slice(from, to).reduce((a, b) => a + b, 0);
  return {
    ...place,
    before: place.before + sum(0, at),
    after: place.after + sum(at + 1, lengths.length),
  };
}

const isAt = (a: Place, b: Place): boolean =>
  a.before === b.before && a.after === b.after && a.grid.join() === b.grid.join();
