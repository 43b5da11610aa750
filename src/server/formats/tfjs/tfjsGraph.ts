import { Failure } from '../../../shared/errors';
import { foreignOps } from '../foreignOps';
import type { GraphConstant, ModelFile, WeightEntry, WeightStore } from '../modelFile';
import { isRecord } from '../topology';
import { tfjsWeights } from './tfjsWeights';

/** Constants up to this size may be shapes, axes or paddings, which decide what the operations that take them give. */
const MAX_ARGUMENTS = 1024;

/**
 * A TensorFlow.js graph model: operations in `modelTopology`, their constants in the shards. Whole numbers and single
 * values are read at once, because shapes depend on them; where their shard is missing they stay unknown.
 * @param json the whole `model.json`. Throws `bad-weights`.
 */
export async function openTfjsGraph(
  json: Readonly<Record<string, unknown>>,
  topology: unknown,
  path: string,
): Promise<ModelFile> {
  const weights = tfjsWeights(json.weightsManifest ?? [], path, 'graph');
  const { entries } = await weights.index();
  const constants = new Map<string, GraphConstant>();
  for (const entry of entries.values()) {
    constants.set(entry.key, await constantOf(entry, weights));
  }
  const described = isRecord(json.userDefinedMetadata) ? json.userDefinedMetadata.signature : undefined;
  return {
    path,
    format: 'tfjs-graph',
    kerasVersion: null,
    topology,
    foreignCode: foreignOps(topology),
    graph: { signature: json.signature ?? described, constants },
    weights,
    close: () => {},
  };
}

async function constantOf({ key, shape, dtype }: WeightEntry, weights: WeightStore): Promise<GraphConstant> {
  const isWhole = /^(u?int\d*|bool)$/.test(dtype);
  const size = shape.reduce((a, b) => a * b, 1);
  const type = dtype === 'bool' ? 'bool' : isWhole ? 'int32' : 'float32';
  const isArgument = isWhole ? size <= MAX_ARGUMENTS : shape.length === 0;
  return { shape, dtype: type, values: isArgument ? await valuesOf(key, weights) : null };
}

async function valuesOf(key: string, weights: WeightStore): Promise<readonly number[] | null> {
  try {
    return [...(await weights.read(key))];
  } catch (thrown) {
    // The structure is there without the shards; running says which is missing.
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}
