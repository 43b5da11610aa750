import { basename } from 'node:path';
import { fail } from '../../../shared/errors';
import { companionFile } from '../../io/companion';
import { readFile, statOf } from '../../io/openFile';
import { findHdf5Files, findWeights, MAX_LISTED_FILES } from '../companions';
import type { ModelFile } from '../modelFile';
import { isRecord, parseJson, type Topology } from '../topology';
import { openWeightsFile, type WeightsFile } from './weightsFile';

/**
 * Opens a topology on its own: the result of `model.to_json()`, or the `config.json` of a model that Keras 3 saved as a folder
 * (`zipped=False`). Weights beside it are used, and a notice names them; without any, only the structure is known.
 */
export function openTopology(topology: Topology, path: string): ModelFile {
  const beside = findWeights(path);
  const name = basename(path);
  const base = {
    ...{ path, format: 'topology' as const, kerasVersion: versionOf(topology, path), topology },
    training: topology.compile_config,
  };
  if (beside === null) {
    const weights = deferredWeights(path);
    return {
      ...base,
      notices: [withoutWeights(path)],
      weights,
      close: weights.close,
    };
  }
  const weights = openWeightsFile(beside);
  return {
    ...base,
    notices: [`The weights are those of ${basename(beside)}, which is beside ${name}.`],
    companionFiles: [beside],
    weights: { ...weights, beside: { topology: name, weights: basename(beside) } },
    close: () => weights.close(),
  };
}

/** Weights that did not exist when the topology was opened, but may have been put beside it since. */
function deferredWeights(path: string): WeightsFile {
  const name = basename(path);
  let weights: WeightsFile | null = null;
  const found = (): WeightsFile => {
    const beside = weights === null ? findWeights(path) : null;
    if (beside !== null) weights = openWeightsFile(beside);
    if (weights !== null) return weights;
    const others = findHdf5Files(path);
    const missing = others.length === 0 ? 'none are beside it' : unclear(others);
    return fail('no-weights', `${name} contains a topology but no weights, and ${missing}.`, {
      remedy:
        others.length === 0
          ? `Save them with model.save_weights('${weightsName(name)}') beside it, or open the whole model.`
          : `Rename the file with its weights to ${weightsName(name)}.`,
      subject: path,
    });
  };
  return {
    index: async () => found().index(),
    read: async (key) => found().read(key),
    close: () => weights?.close(),
  };
}

function withoutWeights(path: string): string {
  const others = findHdf5Files(path);
  const name = basename(path);
  return others.length === 0
    ? `${name} contains only the structure: there are no weights to compute with.`
    : `${name} contains only the structure: ${unclear(others)}. Rename the file with its weights to ${weightsName(name)}.`;
}

const unclear = (others: readonly string[]): string =>
  others.length === 1
    ? `${listed(others)} is beside it, but nothing states that it contains its weights`
    : `${listed(others)} are beside it, and nothing states which of them contains its weights`;

const weightsName = (name: string): string => `${name.replace(/\.json$/i, '')}.weights.h5`;

/** Files named before "and ... more". */
const MAX_NAMED = 3;

function listed(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED;
  const count = names.length < MAX_LISTED_FILES ? rest : 'many';
  return names.slice(0, MAX_NAMED).join(', ') + (rest > 0 ? ` and ${count} more` : '');
}

/** A larger `metadata.json` beside it was not written by Keras. */
const MAX_METADATA_BYTES = 2 ** 20;

function versionOf(topology: Topology, path: string): string | null {
  const own = topology.keras_version;
  if (typeof own === 'string') return own;
  const metadata = companionFile(path, 'metadata.json');
  const size = metadata === null ? 0 : (statOf(metadata)?.size ?? 0);
  if (metadata !== null && size > 0 && size <= MAX_METADATA_BYTES) {
    const about = parseJson(readFile(metadata, MAX_METADATA_BYTES).toString('utf8'), metadata, 'its content');
    if (isRecord(about) && typeof about.keras_version === 'string') return about.keras_version;
  }
  // Keras 3 does not record its version here, but it alone records the module of a class.
  return typeof topology.module === 'string' ? '3' : null;
}
