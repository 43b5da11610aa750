import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../../shared/errors';
import type { OpenFile } from '../../io/openFile';
import { type Hdf5File, openHdf5 } from '../hdf5/hdf5File';
import { hdf5Weights } from '../hdf5/hdf5Weights';
import { joined, legacyIndex, legacyVersion, list } from '../hdf5/legacyHdf5';
import type { ModelFile } from '../modelFile';
import { parseJson, requireTopology } from '../topology';
import { subclassedNotice, weightsOnlyFile } from '../weightsOnly';
import { weightsIn } from './weightsFile';

/**
 * Opens a Keras HDF5 model as Keras 1, 2 and 3 write it (`legacy_h5_format.save_model_to_hdf5`): the topology in the
 * attribute `model_config`, the weights under `/model_weights`, one group per top-level layer. A file without that attribute may
 * contain weights only.
 * Owns `file`: it is closed with the model, and when this throws.
 * @throws Failure `not-a-model`, `truncated`, `file-unreadable`, `bad-config`.
 */
export async function openHdf5Model(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  let hdf5: Hdf5File | null = null;
  try {
    hdf5 = await openHdf5(file, path);
    const opened = hdf5;
    const close = (): void => {
      opened.close();
      file.close();
    };
    const config = joined(opened, '/', 'model_config');
    if (config === null) {
      if (!holdsWeights(opened)) failNoModel(path);
      return {
        ...weightsOnlyFile(path, weightsIn(opened, path), close),
        kerasVersion: legacyVersion(opened, '/'),
      };
    }
    const what = l10n.t('the attribute model_config');
    const topology = requireTopology(parseJson(config, path, what), path, what);
    return {
      path,
      format: 'hdf5',
      kerasVersion: legacyVersion(opened),
      topology,
      ...subclassedNotice(topology, path),
      training: trainingOf(opened, path),
      weights: hdf5Weights(
        async () => opened,
        (source) => legacyIndex(source, path),
      ),
      close,
    };
  } catch (error) {
    hdf5?.close();
    file.close();
    throw error;
  }
}

/** How the model was compiled; left out where it cannot be read, since nothing depends on it. */
function trainingOf(hdf5: Hdf5File, path: string): unknown {
  const config = joined(hdf5, '/', 'training_config');
  if (config === null) return undefined;
  try {
    return parseJson(config, path, l10n.t('the attribute training_config'));
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

/** Groups of files that contain only weights. A backslash may follow: Keras 2 on Windows put one between the parts of a path. */
const OF_WEIGHTS = /^\/(model_weights|layers|_layer_checkpoint_dependencies|vars)([\\/]|$)/;

const holdsWeights = (hdf5: Hdf5File): boolean =>
  list(hdf5, '/', 'layer_names') !== null || hdf5.groups('/').some((path) => OF_WEIGHTS.test(path));

const failNoModel = (path: string): never =>
  fail(
    'not-a-model',
    l10n.t('{0} is an HDF5 file, but not a Keras model (no attribute model_config).', basename(path)),
    {
      remedy: l10n.t('Choose a file that Keras wrote with model.save or model.save_weights.'),
      subject: path,
    },
  );
