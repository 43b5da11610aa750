import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import { type OpenFile, readBytes } from './bytes';
import { castInto, ELEMENT_BYTES } from './floats';
import type { ModelFile, WeightStore } from './modelFile';
import { type ShardGroup, shardGroup } from './shards';
import { type Manifest, type ManifestWeight, readManifest } from './tfjsManifest';
import { isRecord, isTopology, MAX_TOPOLOGY_BYTES, parseJson, requireTopology } from './topology';

const CONVERT = 'tensorflowjs_converter --input_format=keras, or model.save in TensorFlow.js, writes one.';

/**
 * Opens a TensorFlow.js layers model: `model.json` with `modelTopology` and, beside it, the shards that its
 * `weightsManifest` names. No shard is touched before a weight is read.
 * Owns `file` and closes it: a `model.json` is read at once.
 * Throws `too-large`, `not-a-model`, `unsupported-format` (graph models), `bad-config`.
 */
export function openTfjsLayers(file: OpenFile): ModelFile {
  const { path } = file;
  try {
    const json = readJson(file);
    const found = isRecord(json) ? json.modelTopology : undefined;
    if (!isRecord(json) || found === undefined || found === null) failNoModel(json, path);
    if (json.format === 'graph-model' || (isRecord(found) && ('node' in found || 'library' in found))) {
      fail(
        'unsupported-format',
        `${basename(path)} is a TensorFlow.js graph model, which has no Keras layers.`,
        {
          remedy: 'Convert the Keras model itself to a layers model, or open its .keras or .h5 file.',
          subject: path,
        },
      );
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

function tfjsWeights(source: unknown, path: string): WeightStore {
  let opened: { manifest: Manifest; shards: readonly ShardGroup[] } | null = null;
  const open = () => {
    if (source === undefined || source === null) {
      fail('no-weights', `${basename(path)} holds a topology but no weights (no weightsManifest).`, {
        remedy: `Choose a complete layers model: ${CONVERT}`,
        subject: path,
      });
    }
    if (opened === null) {
      const manifest = readManifest(source, path);
      opened = { manifest, shards: manifest.groups.map((names) => shardGroup(path, names)) };
    }
    return opened;
  };
  return {
    async index() {
      const { weights } = open().manifest;
      const entries = [...weights].map(([key, { shape, dtype }]) => [key, { key, shape, dtype }] as const);
      return { layout: 'tfjs', entries: new Map(entries), groups: new Map() };
    },
    async read(key) {
      const { manifest, shards } = open();
      const weight = manifest.weights.get(key);
      const group = weight && shards[weight.group];
      if (weight === undefined || group === undefined) {
        fail('bad-weights', `${basename(path)} holds no weight ${key}.`, {
          remedy: 'The topology and the weights do not belong together; convert the model again.',
          subject: path,
        });
      }
      // Reading first bounds what the shape claims by what the shards hold.
      return toFloats(group.read(weight.start, weight.length), weight);
    },
  };
}

function toFloats(bytes: Uint8Array, { stored, affine, dtype }: ManifestWeight): Float32Array {
  const values = new Float32Array(bytes.byteLength / ELEMENT_BYTES[stored]);
  castInto(values, 0, bytes, stored);
  if (affine !== null) {
    // As tfjs-core `decodeWeights`: integers are rounded.
    const whole = dtype === 'int32';
    for (let i = 0; i < values.length; i++) {
      const value = (values[i] ?? 0) * affine.scale + affine.min;
      values[i] = whole ? Math.round(value) : value;
    }
  }
  return values;
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
