import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../../shared/errors';
import type { OpenFile } from '../../io/openFile';
import type { ModelFile, WeightEntry } from '../modelFile';
import { weightsOnlyFile } from '../weightsOnly';
import { records } from './savedModelObjects';
import { type BundleEntry, bundleAt, type VariableBundle } from './variableBundle';

/** What TensorFlow 2 appends to the path of a variable among the objects that own it. */
const VALUE = '/.ATTRIBUTES/VARIABLE_VALUE';

/** Layers that a path gives by their number in the model: Keras 3's `_operations/2`, Keras 2's `layer_with_weights-0`. */
const NUMBERED = /(^|\/)(_operations\/\d+|_layers\/\d+|layer_with_weights-\d+|layer-\d+)\//;

/** Keys of variables whose layers are only numbered, with the names that the objects in the checkpoint have for them: `edges/kernel`. */
function namesOfNumbered(bundle: VariableBundle): ReadonlyMap<string, string> {
  if (![...bundle.entries.keys()].some((key) => NUMBERED.test(key))) return new Map();
  const attributes = records(objectsIn(bundle).nodes).flatMap((node) => records(node.attributes));
  return new Map(
    attributes.flatMap(({ checkpointKey: key, fullName: name }) =>
      typeof key === 'string' && typeof name === 'string' && name.includes('/') && NUMBERED.test(key)
        ? [[key, name] as const]
        : [],
    ),
  );
}

/** What is wrong with a shard is told when a value is read from it: the index alone lists the variables. */
function objectsIn(bundle: VariableBundle): ReturnType<VariableBundle['objects']> {
  try {
    return bundle.objects();
  } catch (thrown) {
    if (thrown instanceof Failure) return {};
    throw thrown;
  }
}

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
  const names = namesOfNumbered(bundle);
  for (const [key, entry] of bundle.entries) {
    const short = names.get(key) ?? (key.endsWith(VALUE) ? key.slice(0, -VALUE.length) : key);
    variables.set(bundle.entries.has(short) || variables.has(short) ? key : short, entry);
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
        return fail('bad-weights', l10n.t('The checkpoint contains no variable {0}.', key), {
          remedy: l10n.t('The topology and the weights do not belong together; save both again.'),
          subject: path,
        });
      },
    },
    () => undefined,
  );
}
