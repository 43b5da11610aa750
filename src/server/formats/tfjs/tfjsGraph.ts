import { Failure } from '../../../shared/errors';
import { foreignOps } from '../foreignOps';
import type { GraphConstant, ModelFile, WeightEntry, WeightStore } from '../modelFile';
import { isRecord } from '../topology';
import { tfjsWeights } from './tfjsWeights';

/** Constants up to this size may be shapes, axes or paddings, which determine the output shapes of operations. */
const MAX_ARGUMENTS = 1024;

/**
 * Opens a TensorFlow.js graph model: operations in `modelTopology`, their constants in the shards. Integers and scalars are
 * read immediately, because shapes depend on them; where their shard is missing they stay unknown.
 * @param json the whole `model.json`.
 * @throws Failure `bad-weights`.
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
  const fromMetadata = isRecord(json.userDefinedMetadata) ? json.userDefinedMetadata.signature : undefined;
  return {
    path,
    format: 'tfjs-graph',
    kerasVersion: null,
    topology,
    foreignCode: foreignOps(topology),
    graph: { signature: json.signature ?? fromMetadata, constants },
    weights,
    close: () => {},
  };
}

async function constantOf({ key, shape, dtype }: WeightEntry, weights: WeightStore): Promise<GraphConstant> {
  const isInteger = /^(u?int\d*|bool)$/.test(dtype);
  const size = shape.reduce((a, b) => a * b, 1);
  const type = dtype === 'bool' ? 'bool' : isInteger ? 'int32' : 'float32';
  const isArgument = isInteger ? size <= MAX_ARGUMENTS : shape.length === 0;
  return { shape, dtype: type, values: isArgument ? await valuesOf(key, weights) : null };
}

async function valuesOf(key: string, weights: WeightStore): Promise<readonly number[] | null> {
  try {
    return [...(await weights.read(key))];
  } catch (thrown) {
    // The structure is known without the shards; running the model reports which one is missing.
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}
