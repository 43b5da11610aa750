import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { OpenedUnit, UnitSource } from '../../../shared/results/unit';
import type { GraphNode, TensorRef } from '../../graph/graph';
import type { LayerContext, LayerKind } from '../../layers/kind';
import type { Trace } from '../../run/trace';
import { cellAt, type FeatureMap, indexOf, type MapLayout, mapLayout } from '../featureMap';
import type { Terms } from './terms';

/** The value that is taken apart. */
export interface UnitAt {
  readonly trace: Trace;
  readonly node: GraphNode;
  readonly kind: LayerKind;
  readonly ctx: LayerContext;
  readonly ref: TensorRef;
  readonly map: FeatureMap;
  readonly unit: number;
  readonly position: readonly number[];
  /** Among the values of the layer's output; `null` for a step of a layer that returns the last one only. */
  readonly flat: number | null;
  /** As the model computed them: before and after the activation. */
  readonly pre: number;
  readonly post: number;
}

/** How a family of layers computes a value. */
export interface Found
  extends Partial<Pick<OpenedUnit, 'window' | 'factors' | 'gates' | 'attention' | 'notices'>> {
  readonly form: OpenedUnit['form'];
  readonly bias: number | null;
  readonly terms: Terms;
  /** Where they are not those of the layer's output, as inside a recurrent cell. */
  readonly pre?: number;
  readonly post?: number;
  readonly activation?: string | null;
}

/** `null` where the layer computes the value in another way. */
export type UnitRule = (at: UnitAt) => Promise<Found | null>;

/** Indices along the axes of the first example; of a value without a batch axis none. */
export function indexWithoutBatch(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const size = shape[axis] ?? 1;
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

/** The inverse, for the first example. */
export const flatIndex = (shape: readonly number[], index: readonly number[]): number =>
  shape.slice(1).reduce((flat, size, axis) => flat * size + (index[axis] ?? 0), 0);

/** A value of a layer by its place among the values of its first example. */
export function sourceAt(ref: TensorRef, layout: MapLayout, flat: number): UnitSource {
  const { position, channel } = cellAt(layout, flat);
  return {
    layer: ref.node,
    ...(ref.output === 0 ? {} : { output: ref.output }),
    unit: channel,
    position,
    index: indexWithoutBatch(layout.shape, flat),
  };
}

/** A value of a map by its channel and position. */
export const sourceIn = (map: FeatureMap, channel: number, position: readonly number[]): UnitSource =>
  sourceAt(map.ref, map, indexOf(map, { position, channel }));

/** All values of a layer's output. @throws Failure `unknown-layer`. */
export async function valuesOf(trace: Trace, ref: TensorRef): Promise<FeatureMap> {
  const tensor = trace.tensorAt(ref);
  const node = trace.graph.nodes.get(ref.node);
  if (!node)
    return fail('no-such-layer', l10n.t('The model has no layer "{0}".', ref.node), { subject: ref.node });
  return { ref, data: await tensor.data(), ...mapLayout(trace, node, tensor.shape) };
}

/** The inputs of the layer, in its order. */
export const inputMaps = ({ trace, node }: UnitAt): Promise<FeatureMap[]> =>
  Promise.all(node.inputs.map((ref) => valuesOf(trace, ref)));

/** The tensors of the inputs. @throws Failure `unknown-layer`. */
export const inputTensors = ({ trace, node }: Pick<UnitAt, 'trace' | 'node'>) =>
  node.inputs.map((ref) => trace.tensorAt(ref));
