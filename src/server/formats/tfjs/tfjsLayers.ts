import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { MAX_JSON_BYTES } from '../../io/limits';
import { type OpenFile, readWhole, statOf } from '../../io/openFile';
import { openTopology } from '../keras/topologyFile';
import { openWeightsFile } from '../keras/weightsFile';
import type { ModelFile } from '../modelFile';
import { isRecord, isTopology, parseJson, requireTopology } from '../topology';
import { weightsOnlyFile } from '../weightsOnly';
import { openTfjsGraph } from './tfjsGraph';
import { MAX_SHARDS } from './tfjsManifest';
import { CONVERT, tfjsWeights } from './tfjsWeights';

/**
 * Opens a TensorFlow.js model: `model.json` with `modelTopology` and, beside it, the shards that its
 * `weightsManifest` names. No shard of a layers model is touched before a weight is read.
 * Owns `file` and closes it: a `model.json` is read as a whole.
 * @throws Failure `too-large`, `not-a-model`, `bad-config`.
 */
export async function openTfjs(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  try {
    const json = readJson(file);
    if (isTopology(json)) return openTopology(json, path);
    if (isRecord(json) && isRecord(json.weight_map)) {
      const weights = openWeightsFile(path);
      return weightsOnlyFile(path, weights, () => weights.close());
    }
    const found = isRecord(json) ? json.modelTopology : undefined;
    if (!isRecord(json) || found === undefined || found === null) failNoModel(path);
    const manifest = json.weightsManifest ?? manifestOf(json.weightSpecs, path);
    const companionFiles = shardsOf(manifest, path);
    if (json.format === 'graph-model' || (isRecord(found) && 'node' in found)) {
      return {
        ...(await openTfjsGraph({ ...json, weightsManifest: manifest }, found, path)),
        companionFiles,
      };
    }
    // Converted models wrap the topology like the HDF5 attributes; models that TensorFlow.js saved may not.
    const wrapped = isRecord(found) && !isTopology(found) && found.model_config !== undefined;
    const version = isRecord(found) ? found.keras_version : undefined;
    const topology = requireTopology(wrapped ? found.model_config : found, path, 'modelTopology');
    const kerasVersion = typeof version === 'string' ? version : null;
    const training = isRecord(found) ? (found.training_config ?? json.trainingConfig) : undefined;
    if (manifest === undefined || manifest === null)
      return { ...openTopology(topology, path), kerasVersion, training };
    return {
      path,
      format: 'tfjs-layers',
      kerasVersion,
      topology,
      training,
      weights: tfjsWeights(manifest, path),
      companionFiles,
      close: () => file.close(),
    };
  } finally {
    file.close();
  }
}

/** Models saved by a web page list their weights without naming a file: they are in one file of a usual name. */
function manifestOf(weightSpecs: unknown, path: string): unknown {
  if (!Array.isArray(weightSpecs)) return undefined;
  const stem = basename(path).replace(/\.json$/i, '');
  const names = [`${stem}.weights.bin`, 'weights.bin', `${stem}.bin`];
  const found = names.find((name) => statOf(join(dirname(path), name)) !== null);
  return [{ paths: [found ?? 'weights.bin'], weights: weightSpecs }];
}

/** The shards directly in the model's folder, where they usually are; others are only checked when they are read. */
function shardsOf(manifest: unknown, path: string): string[] {
  const groups: unknown[] = Array.isArray(manifest) ? manifest : [];
  const names = groups
    .flatMap((group) => (isRecord(group) && Array.isArray(group.paths) ? group.paths : []))
    .flatMap((name: unknown) => (typeof name === 'string' ? [name.replace(/^\.\//, '')] : []))
    .filter((name) => name === basename(name));
  // `readManifest` refuses more.
  return [...new Set(names)].slice(0, MAX_SHARDS).map((name) => join(dirname(path), name));
}

function readJson(file: OpenFile): unknown {
  const { path } = file;
  const bytes = readWhole(file, MAX_JSON_BYTES, {
    choose: l10n.t('Choose the model.json of a TensorFlow.js layers model.'),
  });
  return parseJson(new TextDecoder().decode(bytes), path, l10n.t('its content'));
}

function failNoModel(path: string): never {
  fail(
    'not-a-model',
    l10n.t('{0} is JSON, but not a TensorFlow.js layers model (no modelTopology).', basename(path)),
    {
      remedy: l10n.t('Choose the model.json of a layers model: {0}', CONVERT),
      subject: path,
    },
  );
}
