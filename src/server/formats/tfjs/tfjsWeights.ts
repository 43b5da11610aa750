import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { castInto, ELEMENT_BYTES } from '../floats';
import type { WeightIndex, WeightStore } from '../modelFile';
import { type ShardGroup, shardGroup } from '../shards';
import { type Manifest, type ManifestWeight, readManifest, startOf } from './tfjsManifest';

export const CONVERT = l10n.t(
  'tensorflowjs_converter --input_format=keras, or model.save in TensorFlow.js, writes one.',
);

/** The weights that a `model.json` at `path` names in its `weightsManifest`. */
export function tfjsWeights(
  source: unknown,
  path: string,
  layout: WeightIndex['layout'] = 'tfjs',
): WeightStore {
  let opened: { manifest: Manifest; shards: readonly ShardGroup[] } | null = null;
  const open = () => {
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
      return { layout, entries: new Map(entries), groups: new Map() };
    },
    async read(key) {
      const { manifest, shards } = open();
      const weight = manifest.weights.get(key);
      const group = weight && shards[weight.group];
      if (weight === undefined || group === undefined) {
        fail('bad-weights', l10n.t('{0} contains no weight {1}.', basename(path), key), {
          remedy: l10n.t('The topology and the weights do not belong together; convert the model again.'),
          subject: path,
        });
      }
      // Reading comes first: it bounds the declared size by what the shards contain.
      return toFloats(group.read(startOf(weight, group), weight.length), weight);
    },
  };
}

function toFloats(bytes: Uint8Array, { stored, affine, dtype }: ManifestWeight): Float32Array {
  const values = new Float32Array(bytes.byteLength / ELEMENT_BYTES[stored]);
  castInto(values, 0, bytes, stored);
  if (affine !== null) {
    // Integers are rounded, as by `decodeWeights` of tfjs-core.
    const isInteger = dtype === 'int32';
    for (let i = 0; i < values.length; i++) {
      const value = (values[i] ?? 0) * affine.scale + affine.min;
      values[i] = isInteger ? Math.round(value) : value;
    }
  }
  return values;
}
