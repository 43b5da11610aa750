import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { firstNames } from '../../../shared/texts/nameList';
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
    notices: [l10n.t('The weights are those of {0}, which is beside {1}.', basename(beside), name)],
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
    return fail('no-weights', noWeights(name, others), {
      remedy:
        others.length === 0
          ? l10n.t(
              "Save them with model.save_weights('{0}') beside it, or open the whole model.",
              weightsName(name),
            )
          : l10n.t('Rename the file with its weights to {0}.', weightsName(name)),
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
    ? l10n.t('{0} contains only the structure: there are no weights to compute with.', name)
    : others.length === 1
      ? l10n.t(
          '{0} contains only the structure: {1} is beside it, but nothing states that it contains its weights. Rename the file with its weights to {2}.',
          name,
          listed(others),
          weightsName(name),
        )
      : l10n.t(
          '{0} contains only the structure: {1} are beside it, and nothing states which of them contains its weights. Rename the file with its weights to {2}.',
          name,
          listed(others),
          weightsName(name),
        );
}

function noWeights(name: string, others: readonly string[]): string {
  if (others.length === 0)
    return l10n.t('{0} contains a topology but no weights, and none are beside it.', name);
  return others.length === 1
    ? l10n.t(
        '{0} contains a topology but no weights, and {1} is beside it, but nothing states that it contains its weights.',
        name,
        listed(others),
      )
    : l10n.t(
        '{0} contains a topology but no weights, and {1} are beside it, and nothing states which of them contains its weights.',
        name,
        listed(others),
      );
}

const weightsName = (name: string): string => `${name.replace(/\.json$/i, '')}.weights.h5`;

/** Files named before "and ... more". */
const MAX_NAMED = 3;

function listed(names: readonly string[]): string {
  return names.length < MAX_LISTED_FILES
    ? firstNames(names, MAX_NAMED)
    : l10n.t('{0} and many more', names.slice(0, MAX_NAMED).join(', '));
}

/** A larger `metadata.json` beside it was not written by Keras. */
const MAX_METADATA_BYTES = 2 ** 20;

function versionOf(topology: Topology, path: string): string | null {
  const own = topology.keras_version;
  if (typeof own === 'string') return own;
  const metadata = companionFile(path, 'metadata.json');
  const size = metadata === null ? 0 : (statOf(metadata)?.size ?? 0);
  if (metadata !== null && size > 0 && size <= MAX_METADATA_BYTES) {
    const about = parseJson(
      readFile(metadata, MAX_METADATA_BYTES).toString('utf8'),
      metadata,
      l10n.t('its content'),
    );
    if (isRecord(about) && typeof about.keras_version === 'string') return about.keras_version;
  }
  // Keras 3 does not record its version here, but it alone records the module of a class.
  return typeof topology.module === 'string' ? '3' : null;
}
