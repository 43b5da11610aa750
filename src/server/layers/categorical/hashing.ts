import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { mapInto } from '../../../shared/mapInto';
import type { Shape } from '../../../shared/model';
import { allNames } from '../../../shared/texts/nameList';
import type { LayerConfig } from '../../graph/layerConfig';
import type { KindTable, LayerKind, Tensor } from '../kind';
import { onlyShape } from '../support/layerInputs';
import { shapeText } from '../support/shapeMatching';
import { noMask, onlyTensor } from '../support/singleInput';
import { encode, outputMode } from './categorical';
import { countOf } from './categoryLayers';
import { fingerprint64, fingerprintCat64, sipHash64 } from './fingerprint';

const MODES = ['int', 'one_hot', 'multi_hot', 'count'] as const;
const UTF8 = new TextEncoder();

/** A string unchanged, a number truncated to an integer and formatted as by TensorFlow's `as_string`. */
const asString = (value: string | number): string =>
  typeof value === 'string' ? value : String(Math.trunc(value));

/** Returns the bucket function: SipHash with a salt, FarmHash's fingerprint without. */
export function bucketOf(config: LayerConfig, buckets: number): (value: string | number) => number {
  const salt = saltOf(config);
  const hash = salt === null ? fingerprint64 : (bytes: Uint8Array) => sipHash64(salt, bytes);
  // Inputs repeat, and 64-bit hashing in JavaScript is slow.
  const cache = new Map<string, number>();
  return (value) => {
    const text = asString(value);
    const cached = cache.get(text);
    if (cached !== undefined) return cached;
    const bucket = Number(hash(UTF8.encode(text)) % BigInt(buckets));
    cache.set(text, bucket);
    return bucket;
  };
}

function saltOf(config: LayerConfig): readonly [bigint, bigint] | null {
  if (!config.has('salt')) return null;
  const [first = 0, second = 0] = config.ints('salt', 2);
  return [BigInt(first), BigInt(second)];
}

/** The values of a tensor: strings or numbers. */
export const contentOf = (tensor: Tensor): ArrayLike<string | number> =>
  tensor.dtype === 'string' ? tensor.dataSync<'string'>() : tensor.dataSync();

/** `Hashing`: the bucket of each value; a `mask_value` reserves bucket 0 for itself. */
const hashing: LayerKind = {
  outputShapes(config, inputs) {
    const shape = onlyShape(config, inputs);
    const bins = countOf(config, 'num_bins');
    // Keras's static shape of `one_hot`, too, is that of a reduced last axis.
    return [outputMode(config, MODES, 'int') === 'int' ? shape : [...shape.slice(0, -1), bins]];
  },
  forward(ctx, inputs) {
    const { config } = ctx;
    const input = onlyTensor(inputs, ctx);
    const bins = countOf(config, 'num_bins');
    const mask = bins > 1 && config.has('mask_value') ? config.raw('mask_value') : null;
    const bucket = bucketOf(config, mask === null ? bins : bins - 1);
    const hashed = (value: string | number): number => {
      if (mask === null) return bucket(value);
      return value === mask ? 0 : bucket(value) + 1;
    };
    const content = contentOf(input);
    const values = mapInto(new Int32Array(content.length), content, hashed);
    return [encode(ctx, { shape: input.shape, values }, outputMode(config, MODES, 'int'), bins)];
  },
  backward: () => [null],
  mask: noMask,
};

/** `sparse_ops._DEFAULT_HASH_KEY` of TensorFlow. */
const CROSS_KEY = 0xdecafcaffen;
const CROSS_MODES = ['int', 'one_hot'] as const;

/** `HashedCrossing` (`tf.sparse.cross_hashed`): one bucket for each combination of the inputs' values. */
const hashedCrossing: LayerKind = {
  outputShapes(config, inputs) {
    const shape = crossedShape(config, inputs);
    const bins = countOf(config, 'num_bins');
    if (outputMode(config, CROSS_MODES, 'int') === 'int') return [shape];
    return [[...(shape.length > 1 ? shape.slice(0, -1) : shape), bins]];
  },
  forward(ctx, inputs) {
    const { config } = ctx;
    const bins = countOf(config, 'num_bins');
    const columns = inputs.map((input) => Array.from(contentOf(input), fingerprint));
    const values = mapInto(new Int32Array(columns[0]?.length ?? 0), columns[0] ?? [], (_, row) => {
      const crossed = columns.reduce((sum, column) => fingerprintCat64(sum, column[row] ?? 0n), CROSS_KEY);
      return Number(crossed % BigInt(bins));
    });
    const shape = onlyTensor(inputs, ctx).shape;
    return [encode(ctx, { shape, values }, outputMode(config, CROSS_MODES, 'int'), bins)];
  },
  backward: (_, { inputs }) => inputs.map(() => null),
  mask: noMask,
};

/** An integer is its own fingerprint. */
function fingerprint(value: string | number): bigint {
  if (typeof value === 'string') return fingerprint64(UTF8.encode(value));
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}

/** Keras crosses scalars only: inputs of the same shape, [batch] or [batch, 1]. */
function crossedShape(config: LayerConfig, inputs: readonly Shape[]): Shape {
  const shape = onlyShape(config, inputs);
  const scalars = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  const alike = inputs.every((other) => other.length === shape.length && other.at(-1) === shape.at(-1));
  if (inputs.length > 1 && scalars && alike) return shape;
  return fail(
    'bad-config',
    l10n.t(
      'Layer "{0}" expects two or more inputs of shape [batch] or [batch, 1] but gets {1}.',
      config.path,
      allNames(inputs.map(shapeText)),
    ),
    { subject: config.path, remedy: l10n.t('Keras rejects this call, too. The file is damaged.') },
  );
}

export const hashingLayers: KindTable = { Hashing: hashing, HashedCrossing: hashedCrossing };
