import { fail } from '../../../shared/errors';
import type { OpenFile } from '../../io/openFile';
import type { ModelFile, WeightEntry } from '../modelFile';
import { weightsOnlyFile } from '../weightsOnly';
import { type BundleEntry, bundleAt } from './variableBundle';

/** What TensorFlow 2 appends to the path of a variable among the objects that own it. */
const VALUE = '/.ATTRIBUTES/VARIABLE_VALUE';

/**
 * Opens a TensorFlow checkpoint (`tf.train.Checkpoint`, `tf.train.Saver`, `save_weights(save_format='tf')`) by its `.index`, which
 * names the shards beside it: weights only, by the names or the paths of their variables.
 * Owns `file` and closes it.
 * @throws Failure `bad-weights`, `too-large`.
 */
export function openCheckpoint(file: OpenFile): ModelFile {
  const { path } = file;
  file.close();
  const bundle = bundleAt(path, path);
  const variables = new Map<string, BundleEntry>();
  for (const [key, entry] of bundle.entries) {
    const short = key.endsWith(VALUE) ? key.slice(0, -VALUE.length) : key;
    variables.set(bundle.entries.has(short) ? key : short, entry);
  }
  const entries = new Map<string, WeightEntry>(
    [...variables].map(([key, { shape, dtype }]) => [key, { key, shape, dtype }]),
  );
  return weightsOnlyFile(
    path,
    {
      index: async () => ({ layout: 'tfjs', entries, groups: new Map() }),
      async read(key) {
        const entry = variables.get(key);
        if (entry !== undefined) return bundle.read(entry);
        return fail('bad-weights', `The checkpoint contains no variable ${key}.`, {
          remedy: 'The topology and the weights do not belong together; save both again.',
          subject: path,
        });
      },
    },
    () => undefined,
  );
}
