import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import { type OpenFile, readBytes } from './bytes';
import type { ModelFile } from './modelFile';
import { openTfjsGraph } from './tfjsGraph';
import { CONVERT, tfjsWeights } from './tfjsWeights';
import { isRecord, isTopology, MAX_TOPOLOGY_BYTES, parseJson, requireTopology } from './topology';

/**
 * Opens a TensorFlow.js model: `model.json` with `modelTopology` and, beside it, the shards that its
 * `weightsManifest` names. No shard of a layers model is touched before a weight is read.
 * Owns `file` and closes it: a `model.json` is read at once.
 * Throws `too-large`, `not-a-model`, `bad-config`.
 */
export async function openTfjs(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  try {
    const json = readJson(file);
    const found = isRecord(json) ? json.modelTopology : undefined;
    if (!isRecord(json) || found === undefined || found === null) failNoModel(json, path);
    if (json.format === 'graph-model' || (isRecord(found) && 'node' in found)) {
      return await openTfjsGraph(json, found, path);
    }
    // Converted models wrap the topology as the HDF5 attributes did; models that TensorFlow.js saved may not.
    const wrapped = isRecord(found) && !isTopology(found) && found.model_config !== undefined;
    const version = isRecord(found) ? found.keras_version : undefined;
    return {
      path,
      format: 'tfjs-layers',
      kerasVersion: typeof version === 'string' ? version : null,
      topology: requireTopology(wrapped ? found.model_config : found, path, 'modelTopology'),
      weights: tfjsWeights(json.weightsManifest, path),
      close: () => file.close(),
    };
  } finally {
    file.close();
  }
}

function readJson(file: OpenFile): unknown {
  const { path } = file;
  if (file.size > MAX_TOPOLOGY_BYTES) {
    fail(
      'too-large',
      `${basename(path)} is larger than ${MAX_TOPOLOGY_BYTES} bytes, too large for a model.json.`,
      {
        remedy: 'Choose the model.json of a TensorFlow.js layers model.',
        subject: path,
      },
    );
  }
  return parseJson(new TextDecoder().decode(readBytes(file, 0, file.size)), path, 'its content');
}

function failNoModel(json: unknown, path: string): never {
  if (isTopology(json)) {
    fail('not-a-model', `${basename(path)} holds only a topology (model.to_json()), not a saved model.`, {
      remedy: `Save the whole model with model.save('model.keras'); ${CONVERT}`,
      subject: path,
    });
  }
  fail('not-a-model', `${basename(path)} is JSON, but no TensorFlow.js layers model (no modelTopology).`, {
    remedy: `Choose the model.json of a layers model: ${CONVERT}`,
    subject: path,
  });
}
