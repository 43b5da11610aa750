import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { ELEMENT_BYTES, type ElementType, isElementType } from '../floats';
import type { WeightEntry } from '../modelFile';
import type { ShardGroup } from '../shards';
import { isRecord } from '../topology';

/** One weight of a manifest: where its bytes are in its group and how they become numbers. */
export interface ManifestWeight extends WeightEntry {
  readonly group: number;
  /** Bytes from the start of the group, without the strings before it (`startOf`). */
  readonly start: number;
  /** The string weights of its group, and how many of them come before it. */
  readonly strings: readonly StringWeight[];
  readonly stringsBefore: number;
  readonly length: number;
  /** How the elements are stored; differs from `dtype` when quantized. */
  readonly stored: ElementType;
  /** Value = element * scale + min; `null` when the elements are the values. */
  readonly affine: { readonly scale: number; readonly min: number } | null;
}

/** A weight of strings: each follows its length in four bytes, so the offset of what comes next is only known by reading. */
interface StringWeight {
  readonly start: number;
  readonly count: number;
}

export interface Manifest {
  /** Shard names, one list per group. */
  readonly groups: readonly (readonly string[])[];
  readonly weights: ReadonlyMap<string, ManifestWeight>;
}

/**
 * Validates the `weightsManifest` of a TensorFlow.js model (`tf.io.WeightsManifestConfig`). No file is touched.
 * @throws Failure `bad-weights`.
 */
export function readManifest(manifest: unknown, path: string): Manifest {
  const file = basename(path);
  if (!Array.isArray(manifest)) return bad(path, l10n.t('{0}: its weightsManifest is not a list.', file));
  const weights = new Map<string, ManifestWeight>();
  let shards = 0;
  const groups = manifest.map((item: unknown, group) => {
    const paths: unknown = isRecord(item) ? item.paths : undefined;
    const specs: unknown = isRecord(item) ? item.weights : undefined;
    if (!isStrings(paths) || !Array.isArray(specs))
      return bad(
        path,
        l10n.t('{0}: its weightsManifest has a group {1} without paths and weights.', file, group),
      );
    shards += paths.length;
    if (shards > MAX_SHARDS)
      bad(path, l10n.t('{0}: its weightsManifest names more than {1} files.', file, MAX_SHARDS));
    let start = 0;
    const strings: StringWeight[] = [];
    for (const spec of specs) {
      const skipped = readSkipped(spec, path);
      if (skipped === null) {
        const weight = readWeight(spec, group, start, path);
        if (weights.has(weight.key))
          bad(path, l10n.t('{0}: its weightsManifest names {1} twice.', file, weight.key));
        weights.set(weight.key, { ...weight, strings, stringsBefore: strings.length });
        start += weight.length;
      } else {
        if (skipped.isText) strings.push({ start, count: skipped.count });
        start += skipped.bytes;
      }
    }
    return paths;
  });
  return { groups, weights };
}

function bad(path: string, problem: string): never {
  fail('bad-weights', problem, {
    remedy: l10n.t('Convert or save the model again.'),
    subject: path,
  });
}

/** Each has 4 MB by default; before each run, every one is checked for changes. */
export const MAX_SHARDS = 5000;
/** Weights of models have far fewer strings. */
const MAX_STRINGS = 2 ** 20;

/** The size of a weight that no layer uses (strings and complex numbers), which is skipped; `null` for other weights. */
function readSkipped(spec: unknown, path: string): { isText: boolean; count: number; bytes: number } | null {
  const file = basename(path);
  if (!isRecord(spec) || (spec.dtype !== 'string' && spec.dtype !== 'complex64')) return null;
  if (!isShape(spec.shape))
    return bad(path, l10n.t('{0}: its weightsManifest states no shape for {1}.', file, String(spec.name)));
  const count = spec.shape.reduce((product, size) => product * size, 1);
  const isText = spec.dtype === 'string';
  if (!Number.isSafeInteger(count * 8) || (isText && count > MAX_STRINGS)) {
    return bad(
      path,
      l10n.t(
        '{0}: its weightsManifest declares the shape [{1}] for {2}.',
        file,
        String(spec.shape),
        String(spec.name),
      ),
    );
  }
  return { isText, count, bytes: isText ? 0 : count * 8 };
}

/** The offset of a weight in its group, after the strings before it, whose lengths are read. @throws Failure `truncated`. */
export function startOf({ start, strings, stringsBefore }: ManifestWeight, group: ShardGroup): number {
  let shift = 0;
  for (const text of strings.slice(0, stringsBefore)) {
    for (let i = 0; i < text.count; i++) {
      const bytes = group.read(text.start + shift, 4);
      shift += 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    }
  }
  return start + shift;
}

function readWeight(
  spec: unknown,
  group: number,
  start: number,
  path: string,
): Omit<ManifestWeight, 'strings' | 'stringsBefore'> {
  const file = basename(path);
  if (!isRecord(spec) || typeof spec.name !== 'string')
    return bad(
      path,
      l10n.t('{0}: its weightsManifest has a weight without a name in group {1}.', file, group),
    );
  const { name, shape, dtype, quantization } = spec;
  if (!isShape(shape))
    return bad(path, l10n.t('{0}: its weightsManifest states no shape for {1}.', file, name));
  if (typeof dtype !== 'string' || !isElementType(dtype)) {
    return bad(
      path,
      l10n.t(
        '{0}: its weightsManifest states the type {1} for {2}, which contains no plain numbers.',
        file,
        String(dtype),
        name,
      ),
    );
  }
  let stored: ElementType = dtype;
  let affine: ManifestWeight['affine'] = null;
  if (quantization !== undefined) {
    if (!isRecord(quantization))
      return bad(path, l10n.t('{0}: its weightsManifest has an invalid quantization of {1}.', file, name));
    const { dtype: type, scale, min } = quantization;
    const isAffine = type === 'uint8' || type === 'uint16';
    if (isAffine && typeof scale === 'number' && typeof min === 'number') affine = { scale, min };
    else if (type !== 'float16')
      return bad(path, l10n.t('{0}: its weightsManifest has an unknown quantization of {1}.', file, name));
    stored = type;
  }
  const length = shape.reduce((product, size) => product * size, ELEMENT_BYTES[stored]);
  if (!Number.isSafeInteger(start + length))
    return bad(
      path,
      l10n.t('{0}: its weightsManifest declares the shape [{1}] for {2}.', file, String(shape), name),
    );
  return { key: name, shape, dtype, group, start, length, stored, affine };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
