import { basename } from 'node:path';
import { fail } from '../../../shared/errors';
import type { OpenFile } from '../../io/openFile';
import { failWeightsOnly } from '../companions';
import { type Hdf5File, openHdf5 } from '../hdf5/hdf5File';
import { hdf5Weights } from '../hdf5/hdf5Weights';
import { joined, legacyIndex, legacyVersion, list, SAVE_WHOLE_MODEL } from '../hdf5/legacyHdf5';
import type { ModelFile } from '../modelFile';
import { parseJson, requireTopology } from '../topology';

/**
 * Opens a Keras HDF5 model as Keras 1, 2 and 3 write it (`legacy_h5_format.save_model_to_hdf5`): the topology in the
 * attribute `model_config`, the weights under `/model_weights`, one group per top-level layer.
 * Owns `file`: it is closed with the model, and when this throws.
 * @throws Failure `weights-only`, `not-a-model`, `truncated`, `file-unreadable`, `bad-config`.
 */
export async function openHdf5Model(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  let hdf5: Hdf5File | null = null;
  try {
    hdf5 = await openHdf5(file, path);
    const opened = hdf5;
    const config = joined(opened, '/', 'model_config') ?? (await failWithoutTopology(opened, path));
    const what = 'the attribute model_config';
    return {
      path,
      format: 'hdf5',
      kerasVersion: legacyVersion(opened),
      topology: requireTopology(parseJson(config, path, what), path, what),
      weights: hdf5Weights(
        async () => opened,
        (source) => legacyIndex(source, path),
      ),
      close() {
        opened.close();
        file.close();
      },
    };
  } catch (error) {
    hdf5?.close();
    file.close();
    throw error;
  }
}

/** Groups of files that contain only weights. A backslash may follow: Keras 2 on Windows put one between the parts of a path. */
const OF_WEIGHTS = /^\/(model_weights|layers|_layer_checkpoint_dependencies|vars)([\\/]|$)/;

async function failWithoutTopology(hdf5: Hdf5File, path: string): Promise<never> {
  const hasWeights =
    list(hdf5, '/', 'layer_names') !== null || hdf5.groups('/').some((path) => OF_WEIGHTS.test(path));
  if (hasWeights) return failWeightsOnly(path, SAVE_WHOLE_MODEL);
  return fail(
    'not-a-model',
    `${basename(path)} is an HDF5 file, but not a Keras model (no attribute model_config).`,
    {
      remedy: 'Choose a file that Keras wrote with model.save.',
      subject: path,
    },
  );
}
