import { endianness } from 'node:os';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { MAX_INPUT_STRING_BYTES, MAX_INPUT_STRINGS } from '../inputLimits';
import { halfToNumber } from './half';

/** The header of a .npy file; it is checked before any value is read. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** NumPy's name without byte order: `float32`, `uint8`, `bool`, ...; `string` for `<U5` and `|S5`. */
  readonly dtype: string;
}

/** Returns how many values of an array are needed, from the first on; throws for an unsuitable array. */
export type CountNeeded = (header: NpyHeader) => number;

/** An array read from a .npy file. */
export interface NpyArray extends NpyHeader {
  /**
   * The needed values, row-major (C order), cast to float32; integers above 2^24 are rounded. Empty for strings.
   */
  readonly values: Float32Array;
  /** Whether an integer was rounded. */
  readonly rounded?: boolean;
  /** Instead of `values`, for arrays of strings. */
  readonly strings?: readonly string[];
}

type ReadOne = (view: DataView, offset: number, little: boolean) => number;

/** By NumPy type character and size in bytes. */
const TYPES: Readonly<Record<string, { dtype: string; read: ReadOne }>> = {
  b1: { dtype: 'bool', read: (v, o) => (v.getUint8(o) === 0 ? 0 : 1) },
  i1: { dtype: 'int8', read: (v, o) => v.getInt8(o) },
  u1: { dtype: 'uint8', read: (v, o) => v.getUint8(o) },
  i2: { dtype: 'int16', read: (v, o, little) => v.getInt16(o, little) },
  u2: { dtype: 'uint16', read: (v, o, little) => v.getUint16(o, little) },
  i4: { dtype: 'int32', read: (v, o, little) => v.getInt32(o, little) },
  u4: { dtype: 'uint32', read: (v, o, little) => v.getUint32(o, little) },
  i8: { dtype: 'int64', read: (v, o, little) => Number(v.getBigInt64(o, little)) },
  u8: { dtype: 'uint64', read: (v, o, little) => Number(v.getBigUint64(o, little)) },
  f2: { dtype: 'float16', read: (v, o, little) => halfToNumber(v.getUint16(o, little)) },
  f4: { dtype: 'float32', read: (v, o, little) => v.getFloat32(o, little) },
  f8: { dtype: 'float64', read: (v, o, little) => v.getFloat64(o, little) },
};

type ReadText = (view: DataView, offset: number, size: number, little: boolean) => string;

/** NumPy's two types of fixed-width strings, padded with zeros: UTF-32, and bytes, which are read as UTF-8. */
const STRING_TYPES: Readonly<Record<string, { unit: number; text: ReadText }>> = {
  U: {
    unit: 4,
    text(view, offset, size, little) {
      let end = offset + size;
      while (end > offset && view.getUint32(end - 4, little) === 0) end -= 4;
      const parts: string[] = [];
      for (let at = offset; at < end; at += MAX_CODE_POINTS * 4) {
        const letters = Math.min(MAX_CODE_POINTS, (end - at) / 4);
        parts.push(
          String.fromCodePoint(
            ...Array.from({ length: letters }, (_, i) => view.getUint32(at + i * 4, little)),
          ),
        );
      }
      return parts.join('');
    },
  },
  S: {
    unit: 1,
    text: (view, offset, size) =>
      withoutZeros(UTF8.decode(new Uint8Array(view.buffer, view.byteOffset + offset, size))),
  },
};

/** Code points per `String.fromCodePoint`: appending them one by one would create an object for each. */
const MAX_CODE_POINTS = 4096;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function withoutZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

interface Layout extends NpyHeader {
  readonly read: ReadOne | null;
  /** Instead of `read`, for strings. */
  readonly text: ReadText | null;
  readonly itemSize: number;
  readonly little: boolean;
  readonly fortran: boolean;
  readonly dataOffset: number;
}

function damaged(file: string, cause: string): never {
  return fail('bad-input', l10n.t('{0} is not a readable .npy array: {1}.', basename(file), cause), {
    remedy: l10n.t('Write it again with numpy.save.'),
    subject: file,
  });
}

function truncated(file: string): never {
  return fail('truncated', l10n.t('{0} ends before all values of its array are there.', basename(file)), {
    remedy: l10n.t('Copy or download the file again.'),
    subject: file,
  });
}

type Dtype = Pick<Layout, 'dtype' | 'read' | 'text' | 'itemSize' | 'little'>;

function parseDtype(text: string, file: string): Dtype {
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(text);
  if (descr === null) return damaged(file, l10n.t('its header has no dtype'));
  const [, word = '', isRecord] = descr;
  const type = /^([<>|=])([a-zA-Z]\d+)$/.exec(word);
  const known = type === null ? undefined : TYPES[type[2] ?? ''];
  const little = type?.[1] !== '>';
  const size = Number(type?.[2]?.slice(1));
  const strings = STRING_TYPES[type?.[2]?.[0] ?? ''];
  // A header could declare any number of strings of size 0.
  if (strings !== undefined && size > 0) {
    return { dtype: 'string', read: null, text: strings.text, itemSize: size * strings.unit, little };
  }
  if (isRecord !== undefined || type === null || known === undefined) {
    const name = basename(file);
    return fail(
      'bad-input',
      isRecord !== undefined
        ? l10n.t('{0} holds records, and only real numbers and strings can be an input.', name)
        : word.endsWith('O')
          ? l10n.t('{0} holds Python objects, and only real numbers and strings can be an input.', name)
          : l10n.t('{0} holds dtype {1}, and only real numbers and strings can be an input.', name, word),
      {
        remedy: l10n.t(
          'Write it as numbers: numpy.save(path, array.astype("float32")). Pickled objects are never loaded.',
        ),
        subject: file,
      },
    );
  }
  return { ...known, text: null, itemSize: size, little };
}

function parseShape(text: string, file: string): readonly number[] {
  const tuple = /'shape'\s*:\s*\(([^)]*)\)/.exec(text);
  if (tuple === null) return damaged(file, l10n.t('its header has no shape'));
  const sizes = (tuple[1] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const shape = sizes.map(Number);
  if (sizes.some((word) => !/^\d+$/.test(word)) || !shape.every(Number.isSafeInteger) || shape.length > 32) {
    return damaged(file, l10n.t('its header has an impossible shape'));
  }
  return shape;
}

/** NumPy itself reads no header of more than 10,000 letters. */
const MAX_HEADER_BYTES = 2 ** 16;

/** The offset of the values; `null` if `bytes`, the start of a file, are too short. @throws Failure `bad-input`. */
function dataOffsetOf(bytes: Buffer, file: string): number | null {
  if (bytes.length < 12) return null;
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY')
    return damaged(file, l10n.t('it does not start as one'));
  const version = bytes.readUInt8(6);
  if (version < 1 || version > 3)
    return damaged(file, l10n.t('version {0} of the format is not known', version));
  const textOffset = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MAX_HEADER_BYTES) return damaged(file, l10n.t('its header claims {0} bytes', length));
  return textOffset + length;
}

function parseHeader(bytes: Buffer, file: string): Layout {
  const dataOffset = dataOffsetOf(bytes, file);
  if (dataOffset === null || dataOffset > bytes.length) return truncated(file);
  const version = bytes.readUInt8(6);
  const textOffset = version === 1 ? 10 : 12;
  const text = bytes.toString(version === 3 ? 'utf8' : 'latin1', textOffset, dataOffset);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  if (fortran === null) return damaged(file, l10n.t('its header does not state the order of its values'));
  return {
    ...parseDtype(text, file),
    shape: parseShape(text, file),
    fortran: fortran[1] === 'True',
    dataOffset,
  };
}

/** Column-major values of `shape` in row-major order: `put(to, from)` for each, in the order of `to`. */
function fromFortran(count: number, shape: readonly number[], put: (to: number, from: number) => void): void {
  const strides: number[] = [];
  shape.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    put(i, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= (next - 1) * stride;
    }
  }
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const all: CountNeeded = ({ shape }) => countOf(shape);

/**
 * How many bytes of a .npy file of `size` bytes contain the needed values; `null` if `start`, its first bytes, do not contain
 * the whole header.
 *
 * @throws Failure those of `taken` and `parseNpy`.
 */
export function bytesNeeded(
  start: Buffer,
  size: number,
  file: string,
  taken: CountNeeded = all,
): number | null {
  const offset = dataOffsetOf(start, file);
  if (offset === null || offset > start.length) return null;
  const layout = parseHeader(start, file);
  return offset + checkedCount(layout, size, file, taken).span * layout.itemSize;
}

/** How many values are needed, and how many are in the file up to the last of them. */
function checkedCount(
  layout: Layout,
  size: number,
  file: string,
  taken: CountNeeded,
): { readonly count: number; readonly span: number } {
  const { shape, itemSize, dataOffset, fortran, text } = layout;
  const whole = countOf(shape);
  const count = Math.min(taken({ shape, dtype: layout.dtype }), whole);
  if (dataOffset + whole * itemSize > size) return truncated(file);
  if (text !== null && (count > MAX_INPUT_STRINGS || count * itemSize > MAX_INPUT_STRING_BYTES)) {
    return fail(
      'too-large',
      l10n.t('{0} holds {1} strings of {2} bytes each.', basename(file), count, itemSize),
      {
        remedy: l10n.t(
          'The limit is {0} strings and {1} bytes; save fewer or shorter ones.',
          MAX_INPUT_STRINGS,
          MAX_INPUT_STRING_BYTES,
        ),
        subject: file,
      },
    );
  }
  return { count, span: fortran && shape.length > 1 ? whole : count };
}

/** Whether the values lie in the file as they do in a Float32Array. */
const isFloat32 = ({ dtype, little, fortran, shape }: Layout): boolean =>
  dtype === 'float32' && little && endianness() === 'LE' && !(fortran && shape.length > 1);

/**
 * Reads a .npy array, versions 1 to 3, of strings or any real dtype (bool, integers, float16 to float64), either byte order,
 * C or Fortran order. Nothing is unpickled or evaluated, and nothing larger than the file is allocated.
 * Format: numpy.lib.format of the NumPy manual.
 *
 * @param bytes the file, as far as `bytesNeeded` says.
 * @param file its path (or archive/member), for messages.
 * @param taken how many of its values are needed; all by default. Called before any is decoded.
 * @param size bytes of the whole file.
 * @throws Failure `bad-input` (not an array, or objects, records, complex numbers), `truncated`, `too-large` for too many
 *   strings, and those of `taken`.
 */
export function parseNpy(
  bytes: Buffer,
  file: string,
  taken: CountNeeded = all,
  size: number = bytes.length,
): NpyArray {
  const layout = parseHeader(bytes, file);
  const { shape, dtype, read, text, itemSize, little, fortran, dataOffset } = layout;
  const { count, span } = checkedCount(layout, size, file, taken);
  if (dataOffset + span * itemSize > bytes.length) return truncated(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inOrder = (put: (to: number, from: number) => void): void => {
    if (fortran && shape.length > 1) fromFortran(count, shape, put);
    else for (let i = 0; i < count; i++) put(i, i);
  };
  const values = new Float32Array(read === null ? 0 : count);
  let rounded = false;
  if (isFloat32(layout)) {
    Buffer.from(values.buffer).set(bytes.subarray(dataOffset, dataOffset + count * itemSize));
  } else if (read !== null) {
    inOrder((to, from) => {
      const value = read(view, dataOffset + from * itemSize, little);
      values[to] = value;
      rounded ||= Number.isInteger(value) && Math.fround(value) !== value;
    });
  }
  if (text === null) return { shape, dtype, values, ...(rounded ? { rounded } : {}) };
  const strings: string[] = [];
  try {
    inOrder((_, from) => strings.push(text(view, dataOffset + from * itemSize, itemSize, little)));
  } catch {
    return damaged(file, l10n.t('it contains strings that are not Unicode'));
  }
  return { shape, dtype, values, strings };
}

/**
 * A .npy file (version 1, C order, little endian) of row-major values; the dtype is that of the array given.
 *
 * @param shape its product is `values.length`.
 * @throws RangeError when it is not.
 */
export function writeNpy(values: Float32Array | Int32Array | Uint8Array, shape: readonly number[]): Buffer {
  if (shape.reduce((product, size) => product * size, 1) !== values.length) {
    throw new RangeError(`${values.length} values are no array of shape (${shape.join(', ')})`);
  }
  const descr = values instanceof Float32Array ? '<f4' : values instanceof Int32Array ? '<i4' : '|u1';
  return npyFile(descr, shape, Buffer.from(values.buffer, values.byteOffset, values.byteLength));
}

/** `writeNpy` as the header and the bytes of `values` themselves, for an array that should not be in memory twice. */
export function npyParts(values: Float32Array, shape: readonly number[]): readonly [Buffer, Buffer] {
  return [npyHeader('<f4', shape), Buffer.from(values.buffer, values.byteOffset, values.byteLength)];
}

/** Limit of a .npy file of strings, which all have the width of the longest. */
const MAX_TEXT_BYTES = 2 ** 29;

/**
 * `writeNpy` for strings, as NumPy's `<U`.
 *
 * @throws Failure `too-large` if the padding to the longest string exceeds the limit.
 */
export function writeNpyStrings(values: readonly string[], shape: readonly number[]): Buffer {
  const points = values.map((value) => [...value]);
  const width = points.reduce((most, { length }) => Math.max(most, length), 1);
  const size = values.length * width * 4;
  if (size > MAX_TEXT_BYTES) {
    fail(
      'too-large',
      l10n.t('{0} strings of up to {1} letters would take {2} bytes.', values.length, width, size),
      {
        remedy: l10n.t('Give the model shorter texts, or fewer.'),
      },
    );
  }
  const data = Buffer.alloc(size);
  for (const [i, letters] of points.entries()) {
    for (const [k, letter] of letters.entries()) {
      data.writeUInt32LE(letter.codePointAt(0) ?? 0, (i * width + k) * 4);
    }
  }
  return npyFile(`<U${width}`, shape, data);
}

const npyFile = (descr: string, shape: readonly number[], data: Buffer): Buffer =>
  Buffer.concat([npyHeader(descr, shape), data]);

function npyHeader(descr: string, shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Data start at a multiple of 64 bytes, and the header ends with a newline.
  const padded = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11, ' ');
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(padded.length + 1, 8);
  return Buffer.concat([header, Buffer.from(`${padded}\n`, 'latin1')]);
}
