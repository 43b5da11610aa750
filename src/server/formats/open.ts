import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { openFile, statOf } from '../io/openFile';
import { failWeightsOnly, findTopology, modelFileAt } from './companions';
import { detect } from './detect';
import { SAVE_WHOLE_MODEL } from './hdf5/legacyHdf5';
import { openHdf5Model } from './keras/hdf5';
import { openKerasZip } from './keras/kerasZip';
import type { ModelFile } from './modelFile';
import { openCheckpoint } from './savedModel/checkpoint';
import { openSavedModel } from './savedModel/savedModel';
import { openTfjs } from './tfjs/tfjsLayers';

/**
 * Opens a trained model in place: a file, or a folder that Keras 3 saved (`zipped=False`). Its content decides the format.
 * Reads the topology only; weights are read on demand. The caller closes it.
 * @throws Failure that names the file: `file-not-found`, `file-unreadable`,
 * `empty-file`, `not-a-model`, `truncated`, `weights-only`, `unsupported-format`, `path-escape`, `too-large`,
 * `bad-config`, `bad-weights`.
 */
export async function openModelFile(path: string): Promise<ModelFile> {
  const file = openFile(modelFileAt(path));
  switch (detect(file)) {
    case 'hdf5':
      return openHdf5Model(file);
    case 'zip':
      return openKerasZip(file);
    case 'json':
      return openTfjs(file);
    case 'saved-model':
      return openSavedModel(file);
    case 'checkpoint':
      return openCheckpoint(file);
    case null:
      file.close();
      if (/\.bin$/i.test(path) && (await findTopology(path)) !== null)
        await failWeightsOnly(path, SAVE_WHOLE_MODEL);
      failForShard(path);
      fail(
        'not-a-model',
        l10n.t(
          '{0} is not a model: its content is neither HDF5 nor zip nor JSON nor a SavedModel.',
          basename(path),
        ),
        {
          remedy: l10n.t(
            'Choose a Keras .keras or .h5 file, a TensorFlow.js model.json or a saved_model.pb.',
          ),
          subject: path,
        },
      );
  }
}

/** @throws Failure for a shard of a checkpoint, whose index has to be opened. */
function failForShard(path: string): void {
  const [, stem] = /^(.*)\.data-\d{5}-of-\d{5}$/.exec(path) ?? [];
  if (stem === undefined) return;
  fail(
    'weights-only',
    l10n.t('{0} contains the values of a TensorFlow checkpoint without their names.', basename(path)),
    {
      remedy: l10n.t('Open {0}.index beside it.', basename(stem)),
      subject: path,
      ...(statOf(`${stem}.index`) !== null && { suggestion: { open: `${stem}.index` } }),
    },
  );
}
