import type { Graph } from '../../../src/server/graph/graph';
import { buildGraph } from '../../../src/server/graph/keras/build';
import { findKind } from '../../../src/server/kinds/registry';
import { Failure, type LayerglassError } from '../../../src/shared/errors';
import type { LayerRow } from '../../../src/shared/model';

/** A layer as files write it. */
export interface LayerJson {
  readonly class_name: string;
  readonly name?: string;
  readonly config: Record<string, unknown>;
  readonly inbound_nodes?: readonly unknown[];
  readonly build_config?: Record<string, unknown>;
}

export const inputLayer = (name: string, shape: readonly (number | null)[]): LayerJson => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_shape: shape },
  inbound_nodes: [],
});

export const dense = (name: string, units: number, inbound: readonly unknown[]): LayerJson => ({
  class_name: 'Dense',
  name,
  config: { name, trainable: true, dtype: 'float32', units, activation: 'linear', use_bias: true },
  inbound_nodes: inbound,
});

/** A layer of `class_name` without arguments, called once on one output of each named layer, as Keras 2 writes it. */
export const merge = (className: string, name: string, from: readonly string[]): LayerJson => ({
  class_name: className,
  name,
  config: { name },
  inbound_nodes: [from.map((layer) => [layer, 0, 0, {}])],
});

export const functional = (
  name: string,
  layers: readonly LayerJson[],
  inputs: unknown,
  outputs: unknown,
  inbound: readonly unknown[] = [],
): LayerJson => ({
  class_name: 'Functional',
  name,
  config: { name, layers, input_layers: inputs, output_layers: outputs },
  inbound_nodes: inbound,
});

/** A tensor in a Keras 3 call. */
export const kerasTensor = (layer: string, call = 0, output = 0): unknown => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype: 'float32', keras_history: [layer, call, output] },
});

/** A Keras 3 call on one tensor. */
export const call3 = (layer: string, call = 0, output = 0): unknown => ({
  args: [kerasTensor(layer, call, output)],
  kwargs: {},
});

export const graphOf = (topology: unknown, kerasVersion: string | null = '2.15.0'): Graph =>
  buildGraph({ topology, format: 'hdf5', kerasVersion, path: 'model.h5' }, findKind);

export function failureOf(work: () => unknown): LayerglassError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error;
    throw thrown;
  }
  throw new Error('nothing failed');
}

export function row(graph: Graph, path: string): LayerRow {
  const found = graph.summary.layers.find((layer) => layer.path === path);
  if (!found)
    throw new Error(`no row ${path}: ${graph.summary.layers.map((layer) => layer.path).join(', ')}`);
  return found;
}
