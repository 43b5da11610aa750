import { basename, dirname, join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { Failure, fail } from '../../../shared/errors';
import { readBytes } from '../../io/byteSource';
import { companionPath, openCompanion } from '../../io/companion';
import { MAX_ASSET_BYTES, MAX_PROTO_BYTES, MAX_RANK } from '../../io/limits';
import { readFile, statOf } from '../../io/openFile';
import { castInto, ELEMENT_BYTES, type ElementType, numbersIn } from '../floats';
import { isRecord } from '../topology';
import { type Decoded, decode } from './protobuf';
import { bundleEntry, bundleHeader, storedObjects } from './savedModelProto';
import { readTable } from './sortedTable';

/** The variables beside a SavedModel: `variables.index` says where each lies in the shards `variables.data-*`. */
export interface VariableBundle {
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** Whether there is no `variables.index` at all. */
  readonly isMissing: boolean;
  /** The values of one variable as float32. Throws `missing-shard` or `truncated`. */
  read(entry: BundleEntry): Float32Array;
  /**
   * The elements of a tensor one by one, texts or numbers, row-major; `null` where there is none under `key`. Throws
   * `bad-weights`, `too-large`, or like `read`.
   */
  elements(key: string): readonly (string | number)[] | null;
  /** The objects that own the variables (`TrackableObjectGraph`); none for models of version 1. Throws like `read`. */
  objects(): Decoded;
}

interface Place {
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
}

export interface BundleEntry extends Place {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

interface TextTensor extends Place {
  readonly shape: readonly number[];
}

/** Under this key lie the objects, as the one text of a tensor. */
const OBJECTS = '_CHECKPOINTABLE_OBJECT_GRAPH';

const ELEMENT_TYPES: ReadonlyMap<unknown, ElementType> = new Map([
  ['DT_FLOAT', 'float32'],
  ['DT_DOUBLE', 'float64'],
  ['DT_HALF', 'float16'],
  ['DT_BFLOAT16', 'bfloat16'],
  ['DT_INT8', 'int8'],
  ['DT_UINT8', 'uint8'],
  ['DT_INT16', 'int16'],
  ['DT_UINT16', 'uint16'],
  ['DT_INT32', 'int32'],
  ['DT_UINT32', 'uint32'],
  ['DT_INT64', 'int64'],
  ['DT_UINT64', 'uint64'],
  ['DT_BOOL', 'bool'],
]);

/** How TensorFlow's name for a type stores its elements; undefined for texts and other things that are no numbers. */
export const elementType = (dtype: unknown): ElementType | undefined => ELEMENT_TYPES.get(dtype);

/**
 * Reads the index of the variables of the SavedModel at `model`, the path of its `saved_model.pb`; a model without
 * variables has none. Throws `bad-weights`, `path-escape`, `file-unreadable` or `too-large`.
 */
export function openBundle(model: string): VariableBundle {
  const folder = join(dirname(model), 'variables');
  const path = join(folder, 'variables.index');
  if (statOf(path) === null)
    return {
      entries: new Map(),
      isMissing: true,
      read: () => new Float32Array(),
      elements: () => null,
      objects: () => ({}),
    };
  const { entries, textTensors, shards } = readIndex(companionPath(model, path));
  const number = (n: number): string => String(n).padStart(5, '0');
  const bytesOf = ({ shard, offset, size }: Place): Uint8Array =>
    readShard(model, join(folder, `variables.data-${number(shard)}-of-${number(shards)}`), offset, size);
  return {
    entries,
    isMissing: false,
    read(entry) {
      const values = new Float32Array(entry.size / ELEMENT_BYTES[entry.dtype]);
      castInto(values, 0, bytesOf(entry), entry.dtype);
      return values;
    },
    elements(key) {
      const numbers = entries.get(key);
      const place = numbers ?? textTensors.get(key);
      if (place === undefined) return null;
      if (place.size > MAX_ASSET_BYTES) failTooLarge(path, key, place.size);
      const bytes = bytesOf(place);
      if (numbers !== undefined) return numbersIn(bytes, numbers.dtype);
      return understood(path, () => textsIn(bytes, countOf(place)).map((text) => UTF8.decode(text)));
    },
    objects: () => {
      const place = textTensors.get(OBJECTS);
      if (place === undefined) return {};
      return understood(path, () => decode(textsIn(bytesOf(place), 1)[0] ?? new Uint8Array(), storedObjects));
    },
  };
}

interface Index {
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** Tensors of texts. */
  readonly textTensors: ReadonlyMap<string, TextTensor>;
  readonly shards: number;
}

function readIndex(path: string): Index {
  const bytes = readFile(path, MAX_PROTO_BYTES, { choose: COPY_AGAIN });
  return understood(path, () => {
    const table = readTable(bytes);
    const header = decode(table.get('') ?? new Uint8Array(), bundleHeader);
    if (header.endianness === 1) throw new Error('it was written on a big-endian machine');
    const entries = new Map<string, BundleEntry>();
    const textTensors = new Map<string, TextTensor>();
    for (const [key, bytes] of table) {
      if (key === '') continue;
      const decoded = decode(bytes, bundleEntry);
      const entry = entryOf(decoded);
      if (entry !== null) entries.set(key, entry);
      const texts = textTensorOf(decoded);
      if (texts !== null) textTensors.set(key, texts);
    }
    return { entries, textTensors, shards: Number(header.numShards ?? 1) };
  });
}

const COPY_AGAIN = 'Copy the whole SavedModel folder again, or export the model once more.';

function understood<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return fail('bad-weights', `${basename(path)} cannot be read: ${why}.`, {
      remedy: COPY_AGAIN,
      subject: path,
    });
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A tensor of texts (`WriteStringTensor` of tensor_bundle.cc): the length of each, a checksum of four bytes, then the texts. */
function textsIn(bytes: Uint8Array, count: number): Uint8Array[] {
  // Each length takes a byte at least.
  if (count > bytes.length) throw new RangeError(`${bytes.length} bytes cannot hold ${count} texts`);
  const reader = new BinaryReader(bytes);
  const lengths = Array.from({ length: count }, () => Number(reader.uint64()));
  let at = reader.pos + 4;
  return lengths.map((length) => {
    const start = at;
    at += length;
    if (at > bytes.length) throw new RangeError('its texts are cut short');
    return bytes.subarray(start, at);
  });
}

const countOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.reduce((product, size) => product * size, 1);

function failTooLarge(path: string, key: string, size: number): never {
  return fail(
    'too-large',
    `${basename(path)}: ${key} has ${size} bytes; the limit for a vocabulary is ${MAX_ASSET_BYTES}.`,
    { remedy: 'Adapt the layer with a smaller max_tokens.', subject: path },
  );
}

function placeOf(entry: Decoded): Place | null {
  const [shard = -1, offset = -1, size = -1] = [entry.shardId, entry.offset, entry.size].map((n) =>
    Number(n ?? 0),
  );
  const isSound = [shard, offset, size].every((n) => Number.isSafeInteger(n) && n >= 0);
  return isSound ? { shard, offset, size } : null;
}

/** `null` for what is not a tensor of numbers or lies in several slices. */
function entryOf(entry: Decoded): BundleEntry | null {
  const dtype = elementType(entry.dtype);
  const shape = sizesOf(entry.shape);
  const place = placeOf(entry);
  if (dtype === undefined || shape === null || place === null || entry.slices !== undefined) return null;
  const expected = shape.reduce((product, length) => product * length, ELEMENT_BYTES[dtype]);
  return place.size === expected ? { shape, dtype, ...place } : null;
}

/** `null` for what is not a tensor of texts or lies in several slices. */
function textTensorOf(entry: Decoded): TextTensor | null {
  const shape = sizesOf(entry.shape);
  const place = placeOf(entry);
  if (entry.dtype !== 'DT_STRING' || shape === null || place === null || entry.slices !== undefined)
    return null;
  return { shape, ...place };
}

/** The sizes of a shape that is known whole. */
export function sizesOf(shape: unknown): number[] | null {
  const dims: unknown = isRecord(shape) ? (shape.dim ?? []) : [];
  if (!Array.isArray(dims) || dims.length > MAX_RANK) return null;
  const sizes = dims.map((dim) => Number(isRecord(dim) ? (dim.size ?? 0) : Number.NaN));
  return sizes.every((size) => Number.isSafeInteger(size) && size >= 0) ? sizes : null;
}

function readShard(model: string, path: string, offset: number, size: number): Uint8Array {
  if (statOf(path) === null) {
    fail('missing-shard', `${basename(path)}, which holds variables of the model, is missing.`, {
      remedy: 'Copy the whole SavedModel folder again, with its folder "variables".',
      subject: path,
    });
  }
  const file = openCompanion(model, path);
  try {
    if (offset + size > file.size) {
      fail('truncated', `${basename(path)} is cut short: it has ${file.size} of ${offset + size} bytes.`, {
        remedy: 'Copy the file again.',
        subject: path,
      });
    }
    return readBytes(file, offset, size);
  } finally {
    file.close();
  }
}
