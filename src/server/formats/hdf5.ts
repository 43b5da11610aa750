import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { OpenFile } from './bytes';
import { type Hdf5File, openHdf5 } from './hdf5File';
import { hdf5Weights } from './hdf5Weights';
import type { ModelFile, WeightEntry, WeightIndex } from './modelFile';
import { MAX_TOPOLOGY_BYTES, parseJson, requireTopology } from './topology';

const SAVE_WHOLE_MODEL = "Save the whole model with model.save('model.keras') and open that.";

/**
 * Opens a Keras HDF5 model as Keras 1, 2 and 3 write it (`legacy_h5_format.save_model_to_hdf5`): the topology in the
 * attribute `model_config`, the weights under `/model_weights`, one group for each top-level layer.
 * Owns `file`: it is closed with the model, and when this throws.
 * Throws `weights-only`, `not-a-model`, `truncated`, `file-unreadable`, `bad-config`.
 */
export async function openHdf5Model(file: OpenFile): Promise<ModelFile> {
  const { path } = file;
  let hdf5: Hdf5File | null = null;
  try {
    hdf5 = await openHdf5(file, path);
    const opened = hdf5;
    const config = joined(opened, '/', 'model_config') ?? failWithoutTopology(opened, path);
    if (config.length > MAX_TOPOLOGY_BYTES) {
      fail('too-large', `${basename(path)}: its model_config is larger than ${MAX_TOPOLOGY_BYTES} bytes.`, {
        remedy: SAVE_WHOLE_MODEL,
        subject: path,
      });
    }
    const what = 'the attribute model_config';
    return {
      path,
      format: 'hdf5',
      kerasVersion: joined(opened, '/', 'keras_version') ?? weightsVersion(opened),
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

const WEIGHTS = '/model_weights';

function legacyIndex(hdf5: Hdf5File, path: string): WeightIndex {
  const layers = hdf5.kind(WEIGHTS) === 'group' ? list(hdf5, WEIGHTS, 'layer_names') : null;
  if (layers === null) {
    fail('no-weights', `${basename(path)} holds a topology but no weights (no ${WEIGHTS}).`, {
      remedy: SAVE_WHOLE_MODEL,
      subject: path,
    });
  }
  const entries = new Map<string, WeightEntry>();
  const groups = new Map<string, readonly string[]>();
  // Keras 3 keeps the variables that belong to the model itself in a group of that name.
  const own = 'top_level_model_weights';
  const all = layers.includes(own) || hdf5.kind(`${WEIGHTS}/${own}`) !== 'group' ? layers : [...layers, own];
  for (const layer of all) {
    const group = `${WEIGHTS}/${layer}`;
    const names = hdf5.kind(group) === 'group' ? (list(hdf5, group, 'weight_names') ?? []) : [];
    const keys = names.map((name) => `${group}/${name}`);
    groups.set(layer, keys);
    for (const key of keys) {
      const { shape, type } = hdf5.dataset(key);
      entries.set(key, { key, shape, dtype: type });
    }
  }
  return { layout: 'hdf5-legacy', entries, groups, origin: originOf(hdf5, groups) };
}

/** Keras 1 does not say what it ran on, but TensorFlow ends its names in `:0` and Theano does not. */
function originOf(
  hdf5: Hdf5File,
  groups: ReadonlyMap<string, readonly string[]>,
): NonNullable<WeightIndex['origin']> {
  const version = joined(hdf5, '/', 'keras_version') ?? weightsVersion(hdf5);
  // Files without a version are of the first releases of Keras 1.
  const kerasMajor = Number.parseInt(version ?? '1', 10);
  const backend = joined(hdf5, WEIGHTS, 'backend') ?? joined(hdf5, '/', 'backend');
  const names = [...groups.values()].flat().map((key) => key.slice(key.lastIndexOf('/') + 1));
  const isNamed =
    names.some((name) => /_(W|b)(_|$)/.test(name)) && names.every((name) => !name.includes(':'));
  return { kerasMajor, isTheano: backend === null ? kerasMajor === 1 && isNamed : backend === 'theano' };
}

/**
 * The texts of an attribute. Keras cuts what exceeds an HDF5 object header into `name0`, `name1`, ...
 * (`legacy_h5_format.save_attributes_to_hdf5_group`). `null` when there is neither.
 */
function list(hdf5: Hdf5File, group: string, name: string): string[] | null {
  const whole = hdf5.texts(group, name);
  if (whole !== null) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = hdf5.texts(group, `${name}${i}`);
    if (part === null) return i === 0 ? null : parts;
    parts.push(...part);
  }
}

function joined(hdf5: Hdf5File, group: string, name: string): string | null {
  return list(hdf5, group, name)?.join('') ?? null;
}

function weightsVersion(hdf5: Hdf5File): string | null {
  return hdf5.kind(WEIGHTS) === 'group' ? joined(hdf5, WEIGHTS, 'keras_version') : null;
}

function failWithoutTopology(hdf5: Hdf5File, path: string): never {
  const hasWeights =
    list(hdf5, '/', 'layer_names') !== null ||
    [WEIGHTS, '/layers', '/_layer_checkpoint_dependencies'].some((name) => hdf5.kind(name) === 'group');
  if (hasWeights) {
    fail(
      'weights-only',
      `${basename(path)} holds only weights: it does not say which layers the model has.`,
      {
        remedy: `Load it into the model it was saved from (model.load_weights). ${SAVE_WHOLE_MODEL}`,
        subject: path,
      },
    );
  }
  fail('not-a-model', `${basename(path)} is an HDF5 file, but no Keras model (no attribute model_config).`, {
    remedy: 'Choose a file that Keras wrote with model.save.',
    subject: path,
  });
}
