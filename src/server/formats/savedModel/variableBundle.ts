import { basename, dirname, join } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { readBytes } from '../../io/byteSource';
import { companionPath, openCompanion } from '../../io/companion';
import { MAX_ASSET_BYTES, MAX_PROTO_BYTES, MAX_RANK } from '../../io/limits';
import { readFile, statOf } from '../../io/openFile';
import { castInto, ELEMENT_BYTES, type ElementType, numbersIn } from '../floats';
import { isRecord } from '../topology';
import { type Decoded, decode } from './protobuf';
import { COPY_AGAIN, readOrFail } from './readOrFail';
import { bundleEntry, bundleHeader, storedObjects } from './savedModelProto';
import { readTable } from './sortedTable';

/** The variables beside a SavedModel: `variables.index` states where each is in the shards `variables.data-*`. */
export interface VariableBundle {
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** Whether there is no `variables.index` at all. */
  readonly isMissing: boolean;
  /** The values of one variable as float32. @throws Failure `missing-shard` or `truncated`. */
  read(entry: BundleEntry): Float32Array;
  /**
   * The elements of a tensor of strings or numbers, row-major; `null` where there is none under `key`.
   * @throws Failure `bad-weights`, `too-large`, or like `read`.
   */
  elements(key: string): readonly (string | number)[] | null;
  /** The objects that own the variables (`TrackableObjectGraph`); none for models of TensorFlow 1. @throws Failure like `read`. */
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

interface StringTensor extends Place {
  readonly shape: readonly number[];
}

/** The key of the objects: a tensor of one string. */
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

/** The element type by TensorFlow's name; undefined for strings and other types that are not numbers. */
export const elementType = (dtype: unknown): ElementType | undefined => ELEMENT_TYPES.get(dtype);

/**
 * Reads the index of the variables of the SavedModel at `model`, the path of its `saved_model.pb`; a model without
 * variables has none.
 * @throws Failure `bad-weights`, `path-escape`, `file-unreadable` or `too-large`.
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
  return bundleAt(model, path);
}

const INDEX = /\.index$/i;

/**
 * Reads the index of variables at `path`, a file of `model` or `model` itself.
 * @throws Failure like `openBundle`.
 */
export function bundleAt(model: string, path: string): VariableBundle {
  const { entries, stringTensors, shards } = readIndex(companionPath(model, path));
  const number = (n: number): string => String(n).padStart(5, '0');
  const stem = path.replace(INDEX, '');
  const bytesOf = ({ shard, offset, size }: Place): Uint8Array =>
    readShard(model, `${stem}.data-${number(shard)}-of-${number(shards)}`, offset, size);
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
      const place = numbers ?? stringTensors.get(key);
      if (place === undefined) return null;
      if (place.size > MAX_ASSET_BYTES) failTooLarge(path, key, place.size);
      const bytes = bytesOf(place);
      if (numbers !== undefined) return numbersIn(bytes, numbers.dtype);
      return readOrFail(path, 'bad-weights', () =>
        stringsIn(bytes, countOf(place)).map((string) => UTF8.decode(string)),
      );
    },
    objects: () => {
      const place = stringTensors.get(OBJECTS);
      if (place === undefined) return {};
      return readOrFail(path, 'bad-weights', () =>
        decode(stringsIn(bytesOf(place), 1)[0] ?? new Uint8Array(), storedObjects),
      );
    },
  };
}

interface Index {
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** Tensors of strings. */
  readonly stringTensors: ReadonlyMap<string, StringTensor>;
  readonly shards: number;
}

function readIndex(path: string): Index {
  const bytes = readFile(path, MAX_PROTO_BYTES, { choose: COPY_AGAIN });
  return readOrFail(path, 'bad-weights', () => {
    const table = readTable(bytes);
    const header = decode(table.get('') ?? new Uint8Array(), bundleHeader);
    if (header.endianness === 1) throw new Error(l10n.t('it was written on a big-endian machine'));
    const entries = new Map<string, BundleEntry>();
    const stringTensors = new Map<string, StringTensor>();
    for (const [key, bytes] of table) {
      if (key === '') continue;
      const decoded = decode(bytes, bundleEntry);
      const entry = entryOf(decoded);
      if (entry !== null) entries.set(key, entry);
      const strings = stringTensorOf(decoded);
      if (strings !== null) stringTensors.set(key, strings);
    }
    return { entries, stringTensors, shards: Number(header.numShards ?? 1) };
  });
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Splits a tensor of strings (`WriteStringTensor` of tensor_bundle.cc): their lengths, a checksum of four bytes, the strings. */
function stringsIn(bytes: Uint8Array, count: number): Uint8Array[] {
  // Each length takes at least one byte.
  if (count > bytes.length)
    throw new RangeError(l10n.t('{0} bytes cannot contain {1} strings', bytes.length, count));
  const reader = new BinaryReader(bytes);
  const lengths = Array.from({ length: count }, () => Number(reader.uint64()));
  let at = reader.pos + 4;
  return lengths.map((length) => {
    const start = at;
    at += length;
    if (at > bytes.length) throw new RangeError(l10n.t('its strings are cut short'));
    return bytes.subarray(start, at);
  });
}

const countOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.reduce((product, size) => product * size, 1);

function failTooLarge(path: string, key: string, size: number): never {
  return fail(
    'too-large',
    l10n.t(
      '{0}: {1} has {2} bytes; the limit for a vocabulary is {3}.',
      basename(path),
      key,
      size,
      MAX_ASSET_BYTES,
    ),
    { remedy: l10n.t('Adapt the layer with a smaller max_tokens.'), subject: path },
  );
}

function placeOf(entry: Decoded): Place | null {
  const [shard = -1, offset = -1, size = -1] = [entry.shardId, entry.offset, entry.size].map((n) =>
    Number(n ?? 0),
  );
  const isSound = [shard, offset, size].every((n) => Number.isSafeInteger(n) && n >= 0);
  return isSound ? { shard, offset, size } : null;
}

/** `null` for anything but a tensor of numbers in one slice. */
function entryOf(entry: Decoded): BundleEntry | null {
  const dtype = elementType(entry.dtype);
  const shape = sizesOf(entry.shape);
  const place = placeOf(entry);
  if (dtype === undefined || shape === null || place === null || entry.slices !== undefined) return null;
  const expected = shape.reduce((product, length) => product * length, ELEMENT_BYTES[dtype]);
  return place.size === expected ? { shape, dtype, ...place } : null;
}

/** `null` for anything but a tensor of strings in one slice. */
function stringTensorOf(entry: Decoded): StringTensor | null {
  const shape = sizesOf(entry.shape);
  const place = placeOf(entry);
  if (entry.dtype !== 'DT_STRING' || shape === null || place === null || entry.slices !== undefined)
    return null;
  return { shape, ...place };
}

/** The sizes of a shape; `null` where one of them is unknown. */
export function sizesOf(shape: unknown): number[] | null {
  const dims: unknown = isRecord(shape) ? (shape.dim ?? []) : [];
  if (!Array.isArray(dims) || dims.length > MAX_RANK) return null;
  const sizes = dims.map((dim) => Number(isRecord(dim) ? (dim.size ?? 0) : Number.NaN));
  return sizes.every((size) => Number.isSafeInteger(size) && size >= 0) ? sizes : null;
}

function readShard(model: string, path: string, offset: number, size: number): Uint8Array {
  if (statOf(path) === null) {
    fail('missing-shard', l10n.t('{0}, which contains variables of the model, is missing.', basename(path)), {
      remedy: l10n.t('Copy it beside the index again; a SavedModel needs its whole folder "variables".'),
      subject: path,
    });
  }
  const file = openCompanion(model, path);
  try {
    if (offset + size > file.size) {
      fail(
        'truncated',
        l10n.t('{0} is cut short: it has {1} of {2} bytes.', basename(path), file.size, offset + size),
        {
          remedy: l10n.t('Copy the file again.'),
          subject: path,
        },
      );
    }
    return readBytes(file, offset, size);
  } finally {
    file.close();
  }
}
